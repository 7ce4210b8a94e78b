"""What `larknb.visit` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "shrink.next": (
        "sync again in 10 minutes, or larknb sync --accept-shrink if you know that it was deleted",
        "10 分钟后再次同步；若确认内容已被删除，可使用 larknb sync --accept-shrink",
    ),
    "table.gone": (
        "it was deleted there; its cached rows are kept",
        "已在源端删除；缓存的行已保留",
    ),
    "unexpected.what": ("Something unexpected went wrong: {error}", "发生意外错误：{error}"),
    "unexpected.next": ("see work/logs/larknb.log and please report it", "查看 work/logs/larknb.log 并反馈"),
    "report.files": (
        "{count:# file} not downloaded: {why}",
        "{count} 个文件未下载：{why}",
    ),
    "report.incremental": (
        "{source}: incremental, the edited rows alone were read: {tables}.",
        "{source}：增量（incremental）同步，仅读取了被编辑的行：{tables}。",
    ),
    "report.misfits": (
        "Column {columns}: {count:# value} could not be recognized (such as {example}); the originals are in _extra",
        "列“{columns}”有 {count} 个值无法识别（例如 {example}），原值保存在 _extra",
    ),
}
