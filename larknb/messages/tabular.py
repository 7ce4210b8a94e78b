"""What `larknb.tabular` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "where.answers": (
        "the function did not return True or False for each row",
        "该函数没有对每一行返回 True 或 False",
    ),
    "preview.title": ("{sheet}: how it is read", "{sheet}：读取方式"),
    "preview.row": ("row", "行"),
    "preview.use": ("read as", "用途"),
    "preview.name": ("name", "列名"),
    "preview.type": ("type", "类型"),
    "preview.header": ("header", "表头"),
    "preview.data": ("data", "数据"),
    "preview.above": ("not read", "不读取"),
    "preview.blank": ("blank", "空行"),
    "preview.wrong": (
        "Not what you expect? Put this below the source in larknb.toml, with the right header (a row, a list of rows "
        'or "none"):\n[sources.by_table.{table}]\nheader = {header}',
        "与预期不符？请在 larknb.toml 中该数据源之下写入以下小节，并改为正确的 header（行号、行号列表或 "
        '"none"）：\n[sources.by_table.{table}]\nheader = {header}',
    ),
}
