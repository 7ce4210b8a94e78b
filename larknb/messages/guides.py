"""What `larknb.guides` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "guide.facts": (
        "revision {revision} · {sections:# section} · {tables:# table} · {assets} pictures and files · {at}",
        "版本 {revision} · {sections} 节 · {tables} 个表格 · {assets} 个图片与附件 · {at}",
    ),
    "guide.unshown": ("not shown here: {what}", "此处无法显示：{what}"),
    "guide.more": ("… the rest is in its markdown", "…… 其余内容见 markdown"),
    "guide.doubts": (
        "{count:# remark} on the reading: see to_dict()['warnings']",
        "读取备注 {count} 条：见 to_dict()['warnings']",
    ),
}
