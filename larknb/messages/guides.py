"""What `larknb.guides` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "guide.facts": (
        "revision {revision} · {sections:# section} · {tables:# table} · {assets} pictures and files · {at}",
        "版本 {revision} · {sections} 节 · {tables} 个表格 · {assets} 个图片与附件 · {at}",
    ),
    "guide.unshown": ("not shown here: {what}", "此处无法显示：{what}"),
    "guide.more": ("… the rest is in its markdown", "…… 其余内容见 markdown"),
    "part.type": ("name a heading of the document", "请给出文档中的标题"),
    "part.missing.what": ("There is no heading {heading}", "没有标题“{heading}”"),
    "part.several.what": ("Several headings are called {heading}", "有多个标题名为“{heading}”"),
    "part.several.next": ("name one with those above it: {paths}", "请连同上级标题一起指定：{paths}"),
    "part.table.what": (
        "No table is called {word}, and none stands below such a heading",
        "没有名为“{word}”的表格，也没有表格位于该标题下",
    ),
    "part.tables.what": ("{count} tables go by {word}", "“{word}”对应 {count} 个表格"),
    "part.tables.next": ("name one by its place: {places}", "请按序号指定：{places}"),
    "part.near": ("perhaps you mean {near}", "是否想用：{near}"),
    "guide.doubts": (
        "{count:# remark} on the reading: see to_dict()['warnings']",
        "读取备注 {count} 条：见 to_dict()['warnings']",
    ),
}
