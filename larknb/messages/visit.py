"""What `larknb.visit` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "kind.unread.what": ("This version does not read sources of kind {kind}", "当前版本不支持读取 {kind} 类型的来源"),
    "kind.unread.next": ("upgrade larknb", "请升级 larknb"),
    "shrink.next": (
        "sync again in 10 minutes, or larknb sync --accept-shrink if you know that it was deleted",
        "10 分钟后再次同步；若确认内容已被删除，可使用 larknb sync --accept-shrink",
    ),
    "table.gone": (
        "the table is gone from the base; its cached rows are kept",
        "该数据表已从多维表格中删除；缓存的行已保留",
    ),
    "unexpected.what": ("Something unexpected went wrong: {error}", "发生意外错误：{error}"),
    "unexpected.next": ("see work/logs/larknb.log and please report it", "查看 work/logs/larknb.log 并反馈"),
    "report.misfits": (
        "{count} rows hold values that fit no type: {columns} (such as {example}); see _extra in load(raw=True)",
        "{count} 行包含无法归类的值：{columns}（例如 {example}）；见 load(raw=True) 的 _extra",
    ),
}
