"""What `larknb.config` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "config.plain.what": (
        "This is not a settings file: it is a folder, a pipe or a device, or larger than one megabyte",
        "这不是设置文件：它是文件夹、管道或设备，或超过 1 MB",
    ),
    "config.plain.next": ("move it away; larknb init makes a new one", "请移走它；larknb init 会新建一个"),
    "config.encoding.what": ("The file is not UTF-8", "该文件不是 UTF-8 编码"),
    "config.encoding.next": ("save it as UTF-8 in your editor", "在编辑器中将其另存为 UTF-8"),
    "config.toml.what": ("The file is not valid TOML: {reason}", "该文件不是有效的 TOML：{reason}"),
    "config.toml.next": ("correct this place", "更正此处"),
    "config.toml.deep": ("it is nested too deeply", "嵌套过深"),
    "config.backslash.what": (
        'A backslash begins an escape sequence in "…"',
        '反斜杠在双引号 "…" 中表示转义',
    ),
    "config.backslash.next": (
        "write the path in single quotes, 'D:\\data', or with slashes, \"D:/data\"",
        "路径请用单引号 'D:\\data'，或用正斜杠 \"D:/data\"",
    ),
    "config.unknown": ("Unknown key {name}", "未知的键 {name}"),
    "config.unknown_section": ("Unknown section [{name}]", "未知的小节 [{name}]"),
    "config.near": ("did you mean {near}? Accepted: {accepted}", "是否想写 {near}？可用：{accepted}"),
    "config.typed_app_id": ("This is not an App ID", "这不是 App ID"),
    "config.accepted": ("accepted: {accepted}", "可用：{accepted}"),
    "config.value": ("{value} is not accepted", "{value} 不是可用的值"),
    "config.section.what": ("[{name}] must be a section of its own", "[{name}] 必须是独立的小节"),
    "config.section.next": (
        "write [{name}] on one line, and below it key = value",
        "单独一行写 [{name}]，其下写 键 = 值",
    ),
    "config.line": ("line {line}", "第 {line} 行"),
    "config.checks.library.what": (
        "A space or folder is no table of which something could be expected",
        "知识空间或文件夹不是数据表，无法对其设置检查",
    ),
    "config.checks.library.next": (
        "give the table a [[sources]] of its own, with its address, and the checks there; it is read once all the same",
        "为该表单独写一段 [[sources]]（填其地址），并把检查写在那里；数据仍只读取一次",
    ),
    "config.no_url": ("The source has no url", "该数据源缺少 url"),
    "config.sources.what": ("Each source is a block of its own", "每个数据源应是独立的一段"),
    "config.sources.next": (
        'write [[sources]] on one line, and below it name = "…" and url = "…"',
        '单独一行写 [[sources]]，其下写 name = "…" 与 url = "…"',
    ),
    "config.secret.what": ("A secret does not belong in this file", "密钥不应写在此文件中"),
    "config.secret.next": (
        "remove the line and set the environment variable LARKNB_APP_SECRET, LARKNB_NOTIFY_URL or LARKNB_NOTIFY_KEY",
        "删除该行，改用环境变量 LARKNB_APP_SECRET、LARKNB_NOTIFY_URL 或 LARKNB_NOTIFY_KEY",
    ),
    "config.secret_file.what": (
        "The file {path} was not written by larknb, and was left unchanged",
        "文件 {path} 不是 larknb 写入的，未作任何改动",
    ),
    "config.secret_file.next": (
        "check the file, and move it away if you do not need it; LARKNB_APP_SECRET and LARKNB_NOTIFY_URL need no file",
        "请查看该文件，若不需要请移走；也可改用环境变量 LARKNB_APP_SECRET、LARKNB_NOTIFY_URL，无需文件",
    ),
    "config.webhook.what": (
        "This is not the address of a bot that notices may go to",
        "该地址不是可以发送通知的机器人地址",
    ),
    "config.webhook.next": (
        "copy the webhook address of a custom bot: https://open.feishu.cn/open-apis/bot/v2/hook/… (or"
        " open.larksuite.com), or https on a host that you name in the environment variable LARKNB_TRUSTED_HOSTS",
        "复制自定义机器人的 webhook 地址：https://open.feishu.cn/open-apis/bot/v2/hook/…（或 open.larksuite.com），"
        "或使用环境变量 LARKNB_TRUSTED_HOSTS 中列出的 https 主机",
    ),
    "config.no_app_id.what": ("There is no App ID to keep the secret for", "尚无 App ID，无法保存密钥"),
    "config.no_app_id.next": (
        'write app_id = "cli_…" below [app] in larknb.toml',
        '在 larknb.toml 的 [app] 下写 app_id = "cli_…"',
    ),
    "config.host.what": (
        "{value} is not trusted with the app's secret and your login",
        "{value} 不在可信范围内，不能接收应用密钥与登录信息",
    ),
    "config.host.next": (
        'accepted: {own} (brand "{brand}"), this machine (http://127.0.0.1:PORT), or https on a host that you name in'
        " the environment variable LARKNB_TRUSTED_HOSTS",
        '可用：{own}（brand "{brand}"）、本机（http://127.0.0.1:端口），或在环境变量 LARKNB_TRUSTED_HOSTS 中列出的'
        " https 主机",
    ),
    "config.token_file.what": (
        "{path} leads out of the workspace, and this file may not put a login there",
        "{path} 指向工作区之外，此文件不能把登录存放到那里",
    ),
    "config.dir.what": (
        "{path} leads out of the workspace, and this file may not put the cache there",
        "{path} 指向工作区之外，此文件不能把缓存存放到那里",
    ),
    "config.dir.next": (
        "use a path inside the workspace; if the cache should be kept there, set the environment variable"
        " LARKNB_CACHE_DIR to this path",
        "请使用工作区内的路径；若确实要存放在那里，请将环境变量 LARKNB_CACHE_DIR 设为该路径",
    ),
    "config.busy.what": ("Another larknb is writing this file", "另一个 larknb 正在写入该文件"),
    "config.busy.next": ("try again in a moment", "请稍后重试"),
    "config.token_file.next": (
        'use a path inside the workspace, or token_file = "user"; if the login should be kept there, set the'
        " environment variable LARKNB_TOKEN_FILE to this path",
        '请使用工作区内的路径，或设置 token_file = "user"；若确实要存放在那里，请将环境变量'
        " LARKNB_TOKEN_FILE 设为该路径",
    ),
    "config.pair.what": (
        "{given} names another platform, but {missing} does not",
        "{given} 指定了另外的平台，而 {missing} 没有",
    ),
    "config.pair.next": ("set {missing} too", "请同时设置 {missing}"),
    "config.same_name": ("Two sources have the name {name}", "有两个数据源同名：{name}"),
    "config.same_source": ("This source appears twice: {name}", "该数据源重复出现：{name}"),
    "config.same.next": ("rename or remove one of them", "重命名或删除其中之一"),
    "config.edit.what": (
        "larknb cannot edit this file in the form it is written",
        "该文件的写法无法由 larknb 自动修改",
    ),
    "config.edit.next": (
        "edit it by hand: one [app] section, and one [[sources]] block for each source",
        "请手动修改：一个 [app] 小节，每个数据源一段 [[sources]]",
    ),
    "config.template": (
        """\
# larknb: which app, which data, how fresh. A line that begins with # shows a default or an example.
# Paths on Windows: 'D:\\data' in single quotes, or "D:/data".

[app]
# app_id = "cli_example"             # from the developer console; never write its secret here: set LARKNB_APP_SECRET
# brand = "feishu"                   # or "lark"
# redirect_uris = ["http://localhost:8765/callback", "http://localhost:8766/callback"]  # register both in the console
# login = "auto"                     # or "device": a code and a link, for an app without redirect URLs
# identity = "user"                  # or "tenant": the app itself, which needs no login
# token_file = "work/fault_diagnosis_token_cache.json"  # or "user": one login for all folders of this person;
#                                    # "keyring": the same, its tokens in the system's keychain (larknb[keyring])
# token_endpoint = "v2"              # or "v3": the platform's newer one, at the accounts host

[cache]
# dir = "work"                       # in this folder; elsewhere only by LARKNB_CACHE_DIR in the environment
# max_age = "1h"                     # data younger than this is not checked
# full_every = "1d"                  # after this it is read again even if nothing seems to have changed
# history = "90d"                    # how long one snapshot of each day is kept
# formats = ["parquet"]              # "json" may be added
# settle = "5s"                      # wait before a base that has changed is read

[budget]
# monthly_calls = 10000              # a sync stops before it passes this

[schedule]
# report = true                      # an HTML page without code beside each executed notebook: needs larknb[report]

# One block for each source; "larknb add URL" writes it for you.
# [[sources]]
# name = "…"
# url = "https://example.feishu.cn/base/…"
""",
        """\
# larknb：使用哪个应用、哪些数据、多久更新。以 # 开头的行是默认值或示例。
# Windows 路径：用单引号 'D:\\data'，或 "D:/data"。

[app]
# app_id = "cli_example"             # 来自开发者后台；密钥绝不写在这里，请设置 LARKNB_APP_SECRET
# brand = "feishu"                   # 或 "lark"
# redirect_uris = ["http://localhost:8765/callback", "http://localhost:8766/callback"]  # 两个都要在后台登记
# login = "auto"                     # 或 "device"：用代码和链接登录，适用于没有重定向 URL 的应用
# identity = "user"                  # 或 "tenant"：应用身份，无需登录
# token_file = "work/fault_diagnosis_token_cache.json"  # 或 "user"：本人所有文件夹共用一次登录；
#                                    # "keyring"：同上，令牌存入系统钥匙串（larknb[keyring]）
# token_endpoint = "v2"              # 或 "v3"：平台较新的令牌接口，位于 accounts 域名

[cache]
# dir = "work"                       # 位于此文件夹内；其他位置只能由环境变量 LARKNB_CACHE_DIR 指定
# max_age = "1h"                     # 未超过此时长的数据不再检查
# full_every = "1d"                  # 超过此时长，即使看似没有变化也重新读取
# history = "90d"                    # 每天一份的快照保留多久
# formats = ["parquet"]              # 可加 "json"
# settle = "5s"                      # 读取有变动的多维表格前的等待

[budget]
# monthly_calls = 10000              # 同步在超过此数之前停止

[schedule]
# report = true                      # 在每次运行的 Notebook 旁生成不含代码的 HTML 页面：需要 larknb[report]

# 每个数据源一段；也可由 "larknb add URL" 写入。
# [[sources]]
# name = "…"
# url = "https://example.feishu.cn/base/…"
""",
    ),
    "children.what": (
        "It is a space or folder with many children, and no single table or document",
        "这是包含多个子项的知识空间或文件夹，不是单个数据表或文档",
    ),
    "children.next": (
        'lk.documents("{name}") lists them; name one as "{name}/<title>"',
        'lk.documents("{name}") 列出其子项；请以 "{name}/<标题>" 指定其一',
    ),
    "children.add": (
        'lk.add("{url}") makes it a source; lk.documents lists its children after a sync',
        'lk.add("{url}") 将其设为数据源；同步后 lk.documents 可列出其子项',
    ),
    "children.none.what": ("It is a single source, and has no children", "这是单个数据源，没有子项"),
    "children.none.next": ("use lk.load(name) or lk.document(name)", "请使用 lk.load(name) 或 lk.document(name)"),
    "children.unread.next": ("open it on the platform: {place}", "请在平台上打开：{place}"),
    "children.left.what": ("The settings of its source leave it out", "该数据源的设置未包含此项"),
    "children.left.next": (
        "change depth, include, exclude or kinds of {name} in larknb.toml, then sync it",
        "修改 larknb.toml 中 {name} 的 depth、include、exclude 或 kinds，然后同步",
    ),
    "children.unknown.what": ("There is no {name} in it", "其中没有 {name}"),
    "children.unknown.next": ('larknb sync "{name}" lists it', 'larknb sync "{name}" 可列出其内容'),
    "children.part.what": (
        "{name} is a child of a source, which is configured as a whole",
        "{name} 是某个数据源的子项，该数据源作为整体配置",
    ),
    "children.part.next": (
        'leave it out by its title: exclude = ["…"] at the source {name} in larknb.toml',
        '在 larknb.toml 的数据源 {name} 中按标题排除：exclude = ["…"]',
    ),
    "source.unknown": ("There is no source {name}", "没有名为 {name} 的数据源"),
    "source.near": ("did you mean {near}?", "是否想用 {near}？"),
    "table.missing.what": ("There is no table {table}", "没有名为 {table} 的数据表"),
    "table.near.next": ("did you mean {near}? Its tables are: {tables}", "是否想用 {near}？可用的数据表：{tables}"),
    "table.missing.next": ("its tables are: {tables}", "可用的数据表：{tables}"),
    "column.missing.near": (
        'did you mean {near}? See lk.schema("{source}")',
        '是否想用 {near}？可用 lk.schema("{source}") 查看全部列',
    ),
    "column.missing.see": ('lk.schema("{source}") lists its columns', '用 lk.schema("{source}") 查看全部列'),
    "source.list": ("larknb sources lists what there is", "运行 larknb sources 查看已有的数据源"),
    "source.none": ("add one first: larknb add URL", "请先添加数据源：larknb add URL"),
    "accept.true": ("true; remove it where it does not apply", "true；不适用时请删去"),
    "accept.values": ('a list of values such as ["A", "B"]', '值的列表，例如 ["A", "B"]'),
    "accept.range": (
        'two numbers, or two dates such as ["2024-01-01", "2024-12-31"], the lower one first',
        '两个数字或两个日期，例如 ["2024-01-01", "2024-12-31"]，较小者在前',
    ),
    "config.checks.what": ("checks is not a list of tables", "checks 不是表的列表"),
    "config.check.what": (
        "a check has one condition: of a column (unique, not_null, one_of, range) or of a table (min_rows, max_age)",
        "每项检查只有一个条件：针对列（unique、not_null、one_of、range）或针对表（min_rows、max_age）",
    ),
    "config.checks.next": (
        'write, for instance, [[sources.checks]] with column = "编号" and unique = true',
        '例如写 [[sources.checks]]，其下 column = "编号"、unique = true',
    ),
    "accept.text": ("a text", "文本"),
    "accept.app_id": ('the App ID of the developer console, "cli_…"', '开发者后台的 App ID，"cli_…"'),
    "accept.url": (
        "the address of a Bitable, spreadsheet, document, wiki page, wiki space or folder",
        "多维表格、电子表格、文档、知识库页面、知识空间或文件夹的链接",
    ),
    "accept.flag": ("true or false", "true 或 false"),
    "accept.limit": (
        'true or false, or the size of the largest file, such as "20MB"',
        'true 或 false，或单个文件的大小上限，例如 "20MB"',
    ),
    "accept.names": ('a list of texts such as ["A", "B"]', '文本列表，例如 ["A", "B"]'),
    "accept.count": ("a whole number of 1 or more", "不小于 1 的整数"),
    "accept.depth": (
        'how many levels below the space, page or folder: a whole number of 1 or more, or "all"',
        '知识空间、页面或文件夹以下的层数：不小于 1 的整数，或 "all"',
    ),
    "accept.kinds": (
        'a list of kinds such as ["document", "bitable", "spreadsheet"]',
        '类型列表，例如 ["document", "bitable", "spreadsheet"]',
    ),
    "accept.formats": ('["parquet"] or ["parquet", "json"]', '["parquet"] 或 ["parquet", "json"]'),
    "accept.duration": (
        'a duration such as "30s", "15min", "1h30m" or "90d"',
        '时长，例如 "30s"、"15min"、"1h30m" 或 "90d"',
    ),
    "accept.redirect": (
        'http on this machine with a port and a path, such as "http://localhost:8765/callback"',
        '本机 http 地址，含端口与路径，例如 "http://localhost:8765/callback"',
    ),
    "accept.port": (
        "another port: browsers refuse to open port {port}",
        "其他端口：浏览器拒绝访问端口 {port}",
    ),
    "accept.by_table": (
        'sections such as [sources.by_table."NAME OF A TABLE"], each with {options}',
        '形如 [sources.by_table."数据表名"] 的小节，其中可设置 {options}',
    ),
    "accept.header": (
        '"auto", "none", a row number such as 2, or a list of rows such as [1, 2]',
        '"auto"、"none"、行号（如 2）或行号列表（如 [1, 2]）',
    ),
    "accept.filter": (
        '{{ conjunction = "and", conditions = [{{ field_name = "…", operator = "is", value = ["…"] }}] }}, with'
        ' "and" or "or", the operators is, isNot, contains, doesNotContain, isEmpty, isNotEmpty,'
        " isGreater, isGreaterEqual, isLess, isLessEqual, and value always a list of texts ([] for isEmpty)",
        '{{ conjunction = "and", conditions = [{{ field_name = "…", operator = "is", value = ["…"] }}] }}，'
        'conjunction 为 "and" 或 "or"，operator 为 is、isNot、contains、doesNotContain、isEmpty、'
        "isNotEmpty、isGreater、isGreaterEqual、isLess、isLessEqual 之一，value 必须是文本列表（isEmpty 用 []）",
    ),
}
