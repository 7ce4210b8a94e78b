"""What `larknb.outlets` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "export.edited": (
        "no longer configured, and edited by somebody since it was exported",
        "已不在配置中，且导出后被人修改过",
    ),
    "export.link.what": ("{path} is a link or a file, not a folder", "{path} 是链接或文件，不是文件夹"),
    "export.link.next": ("take it away, or name another folder", "请将其移走，或指定其他文件夹"),
    "excel.missing.what": ("writing a workbook needs XlsxWriter", "导出 Excel 需要 XlsxWriter"),
    "excel.missing.next": ('run pip install "larknb[excel]"', '请运行 pip install "larknb[excel]"'),
    "excel.large.what": (
        "{table} has {rows} rows and {columns} columns, more than a sheet of Excel can hold (1,048,575 and 16,384)",
        "{table} 有 {rows} 行 {columns} 列，超出 Excel 工作表的上限（1,048,575 行、16,384 列）",
    ),
    "excel.large.next": (
        "write a part of it (columns=, where=), or a CSV or Parquet file",
        "请只导出一部分（columns=、where=），或导出 CSV、Parquet 文件",
    ),
}
