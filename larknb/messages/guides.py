"""What `larknb.guides` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "guide.facts": (
        "revision {revision} · {sections:# section} · {tables:# table} · {assets} pictures and files · {at}",
        "版本 {revision} · {sections} 节 · {tables} 个表格 · {assets} 个图片与附件 · {at}",
    ),
    "guide.unshown": ("not shown here: {what}", "此处无法显示：{what}"),
    "guide.unnamed": ("unnamed", "未知成员"),
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
    "part.there": ("there is, for example: {names}", "例如可用：{names}"),
    "part.near": ("perhaps you mean {near}", "是否想用：{near}"),
    "guide.doubts": (
        "{count:# remark} on the reading: see to_dict()['warnings']",
        "读取备注 {count} 条：见 to_dict()['warnings']",
    ),
    "lack.unknown": (
        "a kind of block that is not known; what it says of itself is shown",
        "未知的块类型，已显示其自带的标题、链接与文字",
    ),
    "lack.unknown_element": (
        "a kind of text element that is not known; what it says of itself is shown",
        "未知的行内元素，已显示其自带的标题、链接与文字",
    ),
    "lack.unknown_member": (
        "a part that is not known; what it says of itself is shown",
        "未知的附加内容，已显示其自带的标题、链接与文字",
    ),
    "lack.unsupported": ("the platform gives no access to its content", "平台未开放其内容的读取接口"),
    "lack.unreadable": ("not of the documented form", "数据格式与文档不符"),
    "lack.missing": ("the platform did not send it", "平台未返回该内容"),
    "lack.outside": ("nothing in the document leads to it", "文档中没有指向它的位置"),
    "lack.elsewhere": ("lies elsewhere; only the link is here", "内容在别处，此处仅保留链接"),
    "lack.left_out": ("not downloaded", "未下载"),
    "lack.not_fetched": ("not read", "未读取"),
    "lack.forbidden": ("not readable for this login", "当前身份无权读取"),
    "lack.failed": ("could not be read", "读取失败"),
    "lack.not_expanded": ("a synced block whose source could not be read", "同步块的数据源无法读取"),
    "lack.name": ("the name of a synced block, which no page shows", "同步块的名称，页面上不显示"),
    "lack.merged": ("text under a merged cell, which nobody sees there", "位于合并单元格之下、页面上看不到的文字"),
}
