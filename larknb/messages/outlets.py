"""What `larknb.outlets` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "exported.edited": (
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
    "publish.taken.what": (
        "{address} is published by another workspace ({name}, last at {at})",
        "{address} 已由另一个工作区发布（{name}，最近一次 {at}）",
    ),
    "publish.taken.next": (
        "publish elsewhere; if that workspace is gone, delete {file} there",
        "请发布到其他位置；如果该工作区已停用，请删除其中的 {file}",
    ),
    "publish.moving.what": (
        "its files changed or went while they were published, again and again",
        "发布过程中文件反复变化或消失",
    ),
    "publish.moving.next": ("run larknb sync, then publish again", "请运行 larknb sync，然后重新发布"),
    "publish.damaged.what": ("the file {path} is damaged", "文件 {path} 已损坏"),
    "publish.link.what": ("the file {path} is a link that leads elsewhere", "文件 {path} 是指向别处的链接"),
    "publish.damaged.next": ("run larknb sync --force, then publish again", "请运行 larknb sync --force，然后重新发布"),
    "delta.missing.what": ("Delta tables need deltalake", "Delta 表需要 deltalake"),
    "delta.missing.next": ('run pip install "larknb[delta]"', '请运行 pip install "larknb[delta]"'),
}
