"""What `larknb.readers` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "wiki.kind.what": (
        "This wiki page is a {kind}, which larknb does not read",
        "该知识库页面的类型为 {kind}，larknb 不支持读取",
    ),
    "wiki.kind.next": (
        "use a page that holds a Bitable, a spreadsheet or a document",
        "请使用多维表格、电子表格或文档类型的页面",
    ),
    "view.tables.what": (
        "The view {view} belongs to one table, but the source has several",
        "视图 {view} 属于单个数据表，而该数据源包含多个数据表",
    ),
    "view.tables.next": ('set that table: tables = ["…"]', '请指定该数据表：tables = ["…"]'),
    "view.filter.what": (
        "The view {view} and a filter cannot be combined: the platform ignores the view as soon as there is a filter",
        "视图 {view} 不能与 filter 同时使用：一旦有筛选条件，平台就会忽略视图",
    ),
    "view.filter.next": ("leave one of them out", "请去掉其中之一"),
    "view.form.what": ("The view {view} is a form, which has no rows of its own", "视图 {view} 是表单，没有自己的行"),
    "view.form.next": ("name another view, or none", "请使用其他视图，或不指定视图"),
    "view.missing.what": ("There is no view {view}", "没有名为 {view} 的视图"),
    "view.missing.next": ("its views are: {views}", "可用的视图：{views}"),
    "option.missing.what": ("Column {field} has no option {option}", "列 {field} 没有选项 {option}"),
    "option.missing.next": ("its options are: {options}", "可用的选项：{options}"),
    "filter.computed.what": (
        "Column {field} of table {table} is computed, and the platform cannot filter by formula or lookup",
        "数据表 {table} 的列 {field} 是计算列，平台不支持按公式或查找引用筛选",
    ),
    "filter.computed.next": (
        "filter by another column, or with where= when you load",
        "请按其他列筛选，或在 load 时使用 where=",
    ),
    "drifted.what": (
        'The base has changed, and the source says drift = "raise": {changes}',
        '多维表格的结构已变化，而该数据源设置了 drift = "raise"：{changes}',
    ),
    "drifted.next": (
        'check what depends on it, then sync once with drift = "evolve"; the cache is kept',
        '请检查受影响的内容，然后用 drift = "evolve" 同步一次；本地缓存已保留',
    ),
    "field.missing.what": ("Table {table} has no column {field}", "数据表 {table} 没有列 {field}"),
    "field.missing.next": ("its columns are: {fields}", "可用的列：{fields}"),
    "field.near.next": ("did you mean {near}? Its columns are: {fields}", "是否想用 {near}？可用的列：{fields}"),
    "advanced.what": (
        "Table {table} returned no rows, and the base has advanced permissions: this identity may not be allowed to"
        " see them",
        "数据表 {table} 读取结果为空，而该多维表格开启了高级权限：当前身份看不到其中的行",
    ),
    "advanced.user.next": (
        "ask for a role that may read it or for the manage permission; the cache is kept",
        "请申请可读角色或可管理权限；本地缓存已保留",
    ),
    "advanced.tenant.next": (
        "add the app to the base (… > More > Add document app) with a role that may read it; the cache is kept",
        "请在多维表格中添加文档应用（“…”> 更多 > 添加文档应用）并授予可读角色；本地缓存已保留",
    ),
    "torn.what": (
        "Table {table} kept changing while it was read ({why})",
        "数据表 {table} 在读取期间不断变化（{why}）",
    ),
    "whole.what": (
        "The document could not be read completely in three attempts ({why})",
        "三次读取均未得到完整的文档（{why}）",
    ),
    "torn.next": ("sync again in a minute; the cache is kept", "稍后重新同步；本地缓存已保留"),
    "list.what": (
        "The platform's list of tables or worksheets is not what its documentation says",
        "平台返回的数据表或工作表列表与其文档不符",
    ),
    "layout.merges": (
        "sheet {sheet} has more than {most} merged areas; the others are left out",
        "工作表 {sheet} 的合并区域超过 {most} 个；其余已忽略",
    ),
    "sheet.size.what": (
        "The platform gives no valid size for sheet {sheet}, and its end could not be found",
        "平台未给出工作表 {sheet} 的有效大小，也无法确认其结尾",
    ),
    "sheet.size.next": (
        "sync again later, or remove it from the sheets of this source; the cache is kept",
        "请稍后重新同步，或从该数据源的 sheets 中移除它；本地缓存已保留",
    ),
    "sheet.block.what": (
        "Sheet {sheet} is of a kind that cannot be read ({kind})",
        "工作表 {sheet} 的内容类型无法读取（{kind}）",
    ),
    "sheet.block.next": ("remove it from the sheets of this source", "从该数据源的 sheets 中移除它"),
    "gate.without": (
        "Change times could not be fetched together, so each source was checked on its own: {problem}",
        "无法统一查询变更时间，已逐个检查各数据源：{problem}",
    ),
    "media.barred": (
        "the files before it were refused; files of a base with advanced permissions need the manage permission",
        "之前的文件均被拒绝；开启高级权限的多维表格，其附件需要可管理权限才能下载",
    ),
    "media.final": (
        "see whether it still opens in Feishu or Lark; it is asked for again once a day",
        "请在飞书中确认能否打开该文件；每天会重试一次",
    ),
    "media.size": (
        "{came:,} bytes came, its cell tells of {size:,}",
        "收到 {came:,} 字节，单元格标明为 {size:,} 字节",
    ),
    "library.cut": ("the list below {title} is not whole: {why}", "{title} 下的列表不完整：{why}"),
    "library.closed": ("what lies below {title} cannot be listed: {why}", "无法列出 {title} 下的内容：{why}"),
    "library.odd": ("{count} entries cannot be understood", "{count} 个条目无法识别"),
    "library.endless": ("its pages have no end", "分页没有尽头"),
    "media.large": ("larger than {megabytes} MB", "超过 {megabytes} MB"),
    "zone.unknown": (
        "the base's time zone {zone!r} is unknown; its dates are shown in UTC",
        "多维表格的时区 {zone!r} 无法识别；日期按 UTC 显示",
    ),
}
