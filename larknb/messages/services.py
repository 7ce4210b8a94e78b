"""What `larknb.services` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "doctor.answer": ("the platform answered with code {code}", "平台返回错误码 {code}"),
    "doctor.ask": ("ask {who} for access to it, at the link", "打开链接，向{who}申请阅读权限"),
    "doctor.owner": ("its owner", "所有者"),
    "doctor.owner_named": ("its owner ({owner})", "所有者（{owner}）"),
    "doctor.unasked.what": ("Not checked", "未检查"),
    "doctor.unasked.why": ("another finding stands in the way", "受其他问题影响，无法检查"),
    "doctor.unasked.next": ("mend that first, then run the doctor again", "先解决其他问题，再重新诊断"),
    "doctor.crashed.what": ("This check broke off ({error})", "该项检查意外中断（{error}）"),
    "doctor.crashed.why": (
        "a mistake of larknb; work/logs/larknb.log has the details",
        "larknb 自身的错误，详见 work/logs/larknb.log",
    ),
    "doctor.crashed.next": ("go on with the other findings, and report this one", "先处理其他问题，并反馈此问题"),
    "doctor.late.what": ("The platform did not answer within {seconds} s", "平台在 {seconds} 秒内没有响应"),
    "doctor.late.why": ("a request of this check hangs, or has to wait", "该项检查的请求没有响应，或需等待过久"),
    "doctor.late.next": (
        "try again in a few minutes; if it stays so, check proxy and network",
        "几分钟后重试；若仍如此，检查代理与网络",
    ),
    "doctor.slow.what": ("This check was not done within {seconds} s", "该项检查未在 {seconds} 秒内完成"),
    "doctor.slow.why": (
        "there is a lot to read, or the disk is slow or does not answer",
        "需读取的内容较多，或磁盘较慢、没有响应",
    ),
    "doctor.slow.next": (
        "try again while nothing else uses the disk; check that the drive is connected",
        "待磁盘空闲时重试；检查磁盘是否已连接",
    ),
    "doctor.clock_right.what": ("The clock agrees with the platform's", "本机时钟与平台一致"),
    "doctor.clock_off.what": (
        "The clock of this machine is {by} {side} the platform's",
        "本机时钟比平台{side} {by}",
    ),
    "doctor.side.ahead": ("ahead of", "快"),
    "doctor.side.behind": ("behind", "慢"),
    "doctor.clock_off.why": (
        "dates of logins, snapshots and schedules count from a wrong time",
        "登录、快照与定时运行的时间都会出错",
    ),
    "doctor.clock_off.next": (
        "set the clock, or switch on the system's time synchronisation",
        "校准时钟，或打开系统的自动对时",
    ),
    "doctor.host_reached.what": ("{host} answers", "{host} 有响应"),
    "doctor.proxy_answers.what": ("The proxy lets requests through", "代理可用"),
    "doctor.other_brand.what": (
        "{source} lives on {host}, and the app on {brand}",
        "{source} 位于 {host}，而应用属于 {brand}",
    ),
    "doctor.other_brand.why": ("an app reads the documents of its own platform alone", "应用只能读取其所在平台的文档"),
    "doctor.other_brand.next": (
        'set brand = "{other}" with an app of that platform, or take the source out',
        '将 brand 设为 "{other}" 并使用该平台的应用，或移除该来源',
    ),
    "doctor.app_known.what": ("App ID {app_id} and its secret are right", "App ID {app_id} 与密钥正确"),
    "doctor.app_unknown.what": ("{host} knows no app {app_id}", "{host} 上没有应用 {app_id}"),
    "doctor.app_unknown.why": (
        "the app is of the other platform (feishu or lark), or the App ID is mistyped; brand is {brand}",
        "应用属于另一平台（feishu 或 lark），或 App ID 有误；当前 brand 为 {brand}",
    ),
    "doctor.app_unknown.next": (
        "compare app_id and brand in larknb.toml with the console",
        "对照开发者后台检查 larknb.toml 中的 app_id 与 brand",
    ),
    "doctor.app_on.what": ("The app is enabled, and its scopes are in force", "应用已启用，权限已生效"),
    "doctor.app_stopped.what": ("The app is disabled", "应用未启用"),
    "doctor.app_stopped.why": (
        "somebody switched it off, or it was never enabled in this company",
        "应用被停用，或从未在本企业启用",
    ),
    "doctor.app_stopped.next": ("ask the company's admin to enable it", "请企业管理员启用该应用"),
    "doctor.app_unpublished.what": ("The app has no published version", "应用没有已发布的版本"),
    "doctor.app_unpublished.why": (
        "scopes and switches count once a version with them is published",
        "权限与开关在发布版本后才生效",
    ),
    "doctor.app_unpublished.next": (
        "create a version at the link and publish it; an admin may have to approve",
        "打开链接创建版本并发布，可能需要管理员审批",
    ),
    "doctor.app_unseen.what": ("Whether the app is published cannot be seen from here", "无法得知应用是否已发布"),
    "doctor.app_unseen.why": ("the platform does not tell it to this app", "平台未向该应用提供此信息"),
    "doctor.app_unseen.next": ("look at the versions of the app at the link", "打开链接查看应用的版本"),
    "doctor.redirect_right.what": ("The redirect URLs are registered", "重定向 URL 已登记"),
    "doctor.redirect_missing.what": ("Not registered in the console: {uris}", "开发者后台未登记：{uris}"),
    "doctor.redirect_missing.why": (
        "a login in the browser would end on error 20029",
        "在浏览器中登录会出现错误 20029",
    ),
    "doctor.redirect_missing.next": (
        "add each letter by letter under security settings, redirect URLs",
        "在“安全设置 > 重定向 URL”中逐字添加",
    ),
    "doctor.redirect_unseen.what": (
        "Whether the redirect URLs are registered cannot be seen from here: {uris}",
        "无法得知重定向 URL 是否已登记：{uris}",
    ),
    "doctor.redirect_unseen.why": ("the platform does not tell it to this app", "平台未向该应用提供此信息"),
    "doctor.redirect_unseen.next": (
        "compare them with the security settings at the link",
        "打开链接，与“安全设置”中的登记逐一对照",
    ),
    "doctor.renewable.what": ("The platform would renew the login", "平台允许登录续期"),
    "doctor.login_lasts.what": ("Logged in as {who}, renewable until {until}", "已登录：{who}，可续期至 {until}"),
    "doctor.login_over.what": ("The login ended at {at}", "登录已于 {at} 结束"),
    "doctor.login_over.why": (
        "it was not renewed in time: something has to run once a week",
        "未及时续期：每周至少需要运行一次",
    ),
    "doctor.login_over.next": (
        "run larknb login (in a notebook: lk.login())",
        "运行 larknb login（Notebook 中：lk.login()）",
    ),
    "doctor.login_soon.what": ("The login ends at {at} unless it is renewed", "若不续期，登录将于 {at} 结束"),
    "doctor.login_soon.why": ("nothing has renewed it for days", "已有数日没有续期"),
    "doctor.login_soon.next": (
        "run larknb sync, or let larknb schedule do it",
        "运行 larknb sync，或使用 larknb schedule",
    ),
    "doctor.consent_over.what": ("The consent ended at {at}", "授权已于 {at} 到期"),
    "doctor.consent_over.why": ("the platform asks a person again after a year", "平台每年要求重新授权一次"),
    "doctor.consent_over.next": (
        "run larknb login (in a notebook: lk.login())",
        "运行 larknb login（Notebook 中：lk.login()）",
    ),
    "doctor.consent_soon.what": ("The consent ends at {at}", "授权将于 {at} 到期"),
    "doctor.consent_soon.why": ("the platform asks a person again after a year", "平台每年要求重新授权一次"),
    "doctor.consent_soon.next": ("run larknb login before that day", "在此之前运行 larknb login"),
    "doctor.no_offline.what": ("The login cannot renew itself and ends at {at}", "登录无法续期，将于 {at} 结束"),
    "doctor.no_offline.why": (
        "offline_access was not granted: there is no refresh token",
        "未授权 offline_access，因此没有刷新令牌",
    ),
    "doctor.no_offline.next": (
        "enable offline_access for the app, publish a version, then run larknb login",
        "为应用开通 offline_access 并发布版本，然后运行 larknb login",
    ),
    "doctor.not_renewable.what": ("The login cannot renew itself and ends at {at}", "登录无法续期，将于 {at} 结束"),
    "doctor.not_renewable.why": ("it has no refresh token any more, or never got one", "刷新令牌已失效，或从未获得"),
    "doctor.not_renewable.next": (
        "run larknb login (in a notebook: lk.login())",
        "运行 larknb login（Notebook 中：lk.login()）",
    ),
    "doctor.scopes_right.what": ("App and login have the scopes of all sources", "应用与登录具备所有来源所需的权限"),
    "doctor.scopes_unseen.what": ("The scopes of the app cannot be seen", "无法查看应用的权限"),
    "doctor.scopes_unseen.why": ("the platform does not list them, or lists none", "平台没有列出权限"),
    "doctor.scopes_unseen.next": ("compare them with the console at the link", "打开链接，在开发者后台查看"),
    "doctor.scope_app.what": ("The app lacks {scopes}, which {source} needs", "应用缺少 {source} 所需的权限 {scopes}"),
    "doctor.scope_app.why": (
        "scopes are enabled in the console and count once a version is published",
        "权限需在开发者后台开通，并在发布版本后生效",
    ),
    "doctor.scope_app.next": (
        "open the link, enable them, publish a version, then log in again",
        "打开链接开通权限，发布版本，然后重新登录",
    ),
    "doctor.offline_app.what": ("The app lacks offline_access", "应用缺少权限 offline_access"),
    "doctor.offline_app.why": (
        "a login without it ends after two hours and cannot renew itself",
        "没有该权限，登录两小时后结束且无法续期",
    ),
    "doctor.offline_app.next": (
        "open the link, enable it, publish a version, then log in again",
        "打开链接开通权限，发布版本，然后重新登录",
    ),
    "doctor.scope_user.what": (
        "You have not granted {scopes}, which {source} needs",
        "你尚未授权 {source} 所需的权限 {scopes}",
    ),
    "doctor.scope_user.why": (
        "the login is older than the source, or it was not agreed to",
        "登录早于添加该来源，或当时未同意授权",
    ),
    "doctor.scope_user.next": ("run larknb login, which asks for just that", "运行 larknb login，仅申请缺少的权限"),
    "doctor.no_sources.what": ("There are no sources yet", "尚未添加来源"),
    "doctor.no_sources.why": ("larknb.toml names none", "larknb.toml 中没有来源"),
    "doctor.no_sources.next": ("run larknb add URL", "运行 larknb add 链接"),
    "doctor.sources_more.what": ("{count} more sources were not looked into", "另有 {count} 个来源未逐一检查"),
    "doctor.sources_more.why": ("each look is a request", "每次检查都会产生请求"),
    "doctor.sources_more.next": (
        "run larknb status, which tells how their last sync went",
        "运行 larknb status 查看其最近一次同步",
    ),
    "doctor.source_read.what": ("{source} can be read ({who})", "{source} 可读（{who}）"),
    "doctor.advanced.what": (
        "{source} has advanced permissions: rows may be missing",
        "{source} 开启了高级权限，部分行可能不可见",
    ),
    "doctor.advanced.why": (
        "the platform leaves out, without a word, rows that this identity may not see",
        "平台会静默省略当前身份无权查看的行",
    ),
    "doctor.advanced.next": (
        "if rows are missing, ask its owner for a role that sees them, or for the manage permission",
        "如缺少行，请所有者授予可见全部行的角色或可管理权限",
    ),
    "doctor.advanced_empty.what": (
        "{source} has advanced permissions, and not a row of it can be seen",
        "{source} 开启了高级权限，当前身份看不到任何一行",
    ),
    "doctor.advanced_empty.why": (
        "the platform leaves out, without a word, rows that this identity may not see",
        "平台会静默省略当前身份无权查看的行",
    ),
    "doctor.advanced_empty.next": (
        "ask its owner for a role that sees the rows, or for the manage permission",
        "请所有者授予可见这些行的角色或可管理权限",
    ),
    "doctor.quota_counted.what": (
        "{calls} requests this month, {forecast} at this pace",
        "本月已请求 {calls} 次，按此速度预计 {forecast} 次",
    ),
    "doctor.budget_enough.what": (
        "{calls} of {budget} requests this month, {forecast} at this pace",
        "本月已请求 {calls}/{budget} 次，按此速度预计 {forecast} 次",
    ),
    "doctor.budget_spent.what": (
        "The budget of this month is used up: {calls} of {budget} requests",
        "本月预算已用完：{calls}/{budget} 次请求",
    ),
    "doctor.budget_spent.why": (
        "monthly_calls of larknb.toml stops every request that would pass it",
        "larknb.toml 的 monthly_calls 会阻止超出的请求",
    ),
    "doctor.budget_spent.next": (
        "raise monthly_calls, or wait for next month; cached data stays readable",
        "调高 monthly_calls，或等待下月；已缓存的数据仍可读取",
    ),
    "doctor.budget_short.what": (
        "{calls} of {budget} requests this month, but {forecast} at this pace",
        "本月已请求 {calls}/{budget} 次，但按此速度预计 {forecast} 次",
    ),
    "doctor.budget_short.why": ("the sources change often, or are looked at often", "来源变动频繁，或检查过于频繁"),
    "doctor.budget_short.next": (
        "raise max_age or the interval of the schedule, or monthly_calls",
        "调大 max_age、定时运行的间隔或 monthly_calls",
    ),
    "doctor.cache_whole.what": ("The cached files of {count} source(s) are whole", "{count} 个来源的缓存文件完好"),
    "doctor.never_synced.what": ("{count} source(s) never synced: {names}", "{count} 个来源从未同步：{names}"),
    "doctor.never_synced.why": ("nothing is cached of them yet", "尚无缓存"),
    "doctor.never_synced.next": ("run larknb sync", "运行 larknb sync"),
    "doctor.damaged_sync.what": ("{source}: damaged or missing files: {paths}", "{source}：文件损坏或缺失：{paths}"),
    "doctor.damaged_sync.why": (
        "a disk, a copy or another program changed them after they were written",
        "写入后被磁盘故障、复制或其他程序改动",
    ),
    "doctor.damaged_sync.next": (
        "run larknb sync {source} --force, which makes or fetches them again; larknb doctor --fix mends manifests",
        "运行 larknb sync {source} --force 重新生成或下载；larknb doctor --fix 可修复 manifest",
    ),
    "doctor.damaged_load.what": ("{source}: damaged or missing files: {paths}", "{source}：文件损坏或缺失：{paths}"),
    "doctor.damaged_load.why": (
        "the form for reading is gone, the loss-free one is whole: tables still load, more slowly",
        "可读形式损坏，原始数据完好：仍可读取，但较慢",
    ),
    "doctor.damaged_load.next": ("run larknb doctor --fix, or larknb sync", "运行 larknb doctor --fix 或 larknb sync"),
    "doctor.damaged_nothing.what": (
        "{source}: files of earlier states are damaged or missing: {paths}",
        "{source}：历史状态的文件损坏或缺失：{paths}",
    ),
    "doctor.damaged_nothing.why": (
        "a disk, a copy or another program changed them; the present state is whole",
        "被磁盘故障、复制或其他程序改动；当前状态完好",
    ),
    "doctor.damaged_nothing.next": (
        "get them from a backup, or do without these states",
        "从备份恢复，或放弃这些历史状态",
    ),
    "doctor.disk_room.what": ("{free} of {total} are free: {path}", "剩余 {free}，共 {total}：{path}"),
    "doctor.disk_full.what": (
        "The disk is nearly full: {free} of {total} are free at {path}",
        "磁盘即将写满：{path} 剩余 {free}，共 {total}",
    ),
    "doctor.disk_full.why": ("a sync writes new files before it deletes old ones", "同步会先写入新文件，再删除旧文件"),
    "doctor.disk_full.next": (
        "free some space, shorten history in larknb.toml, or move the cache (LARKNB_CACHE_DIR)",
        "释放空间，缩短 larknb.toml 中的 history，或移动缓存（LARKNB_CACHE_DIR）",
    ),
    "doctor.files_closed.what": ("Nobody else may read the login and the secrets", "登录与密钥文件仅本人可读"),
    "doctor.file_open.what": ("Others may read {path} (mode {mode})", "其他用户可读取 {path}（权限 {mode}）"),
    "doctor.file_open.why": ("it was copied, or its permissions were changed", "文件被复制过，或权限被修改"),
    "doctor.file_open.next": (
        "run larknb doctor --fix, or chmod 600; if others use this machine, log out and in again",
        "运行 larknb doctor --fix 或 chmod 600；若有他人使用本机，请退出并重新登录",
    ),
    "doctor.lock_left.what": ("Process {pid}, which {path} names, has ended", "{path} 所记录的进程 {pid} 已结束"),
    "doctor.lock_left.why": (
        "it was killed; the system freed its lock, so nothing waits for it",
        "该进程被强制结束；系统已释放其锁，不影响运行",
    ),
    "doctor.lock_left.next": ("run larknb doctor --fix, which removes the note", "运行 larknb doctor --fix 删除该记录"),
    "doctor.no_schedule.what": (
        "No schedule is installed, and nothing ran headlessly yet",
        "未安装定时任务，也没有无人值守运行",
    ),
    "doctor.unit_there.what": (
        "The schedule of {notebook} is installed ({system})",
        "{notebook} 的定时任务已安装（{system}）",
    ),
    "doctor.unit_gone.what": (
        "The schedule of {notebook} was installed for {system}, and is gone",
        "{notebook} 的定时任务曾安装于 {system}，现已不存在",
    ),
    "doctor.unit_gone.why": (
        "its file, line or task was deleted past larknb",
        "其文件、条目或任务被 larknb 以外的操作删除",
    ),
    "doctor.unit_gone.next": (
        "run larknb schedule --install {system} again, or --uninstall {system} to forget it",
        "重新运行 larknb schedule --install {system}，或用 --uninstall {system} 取消",
    ),
    "doctor.run_ended_well.what": (
        "The last run of {notebook} began at {at} and ended well",
        "{notebook} 最近一次运行始于 {at}，正常结束",
    ),
    "doctor.run_failed.what": ("The last run of {notebook} ({at}) failed", "{notebook} 最近一次运行（{at}）失败"),
    "doctor.run_failed.why": ("{reason}", "{reason}"),
    "doctor.run_failed.next": ("open {path}", "打开 {path}"),
    "doctor.versions.what": (
        "larknb {larknb}, Python {python}, pandas {pandas}, pyarrow {pyarrow}, requests {requests}, {system}",
        "larknb {larknb}, Python {python}, pandas {pandas}, pyarrow {pyarrow}, requests {requests}, {system}",
    ),
    "doctor.versions_odd.what": ("pandas {pandas} was never tried with larknb", "larknb 未在 pandas {pandas} 上验证"),
    "doctor.versions_odd.why": ("larknb is tested with pandas 2.2 to 3", "larknb 在 pandas 2.2 至 3 上测试"),
    "doctor.versions_odd.next": ('pip install "pandas>=2.2,<4"', 'pip install "pandas>=2.2,<4"'),
    "doctor.fonts_found.what": ("Plots can show Chinese: {name}", "绘图可显示中文：{name}"),
    "doctor.fonts_missing.what": ("matplotlib finds no font that shows Chinese", "matplotlib 未找到中文字体"),
    "doctor.fonts_missing.why": ("Chinese titles in plots become boxes", "图中的中文会显示为方框"),
    "doctor.fonts_missing.next": (
        "install Noto Sans CJK or another Chinese font, then restart the kernel",
        "安装 Noto Sans CJK 或其他中文字体，然后重启内核",
    ),
    "doctor.mended.file": ("{path} can now be read by you alone", "{path} 现在仅本人可读"),
    "doctor.mended.folder": ("others can no longer write to {path}", "其他用户不再能写入 {path}"),
    "doctor.mended.lock": (
        "removed {path}, which the ended process {pid} had left",
        "已删除 {path}（已结束的进程 {pid} 遗留）",
    ),
    "doctor.mended.cache": (
        "made the files of {source} again of what lies on the disk",
        "已用磁盘上的数据重新生成 {source} 的文件",
    ),
    "init.open": ("Setting up larknb in {folder}", "正在设置 larknb，文件夹：{folder}"),
    "init.how": (
        "Press Enter to take what stands in [brackets], Ctrl-C to stop.\n",
        "按回车采用 [方括号] 中的值，按 Ctrl-C 停止。\n",
    ),
    "init.credentials": (
        "\nApp ID and App Secret: see your app in the developer console, page Credentials & Basic Info: {link}\n"
        "No app yet? Create a custom app there, or ask whoever runs one in your company.",
        "\nApp ID 与 App Secret 见开发者后台中应用的“凭证与基础信息”页：{link}\n"
        "还没有应用？可在该页创建企业自建应用，或向公司内的应用管理员索取。",
    ),
    "init.question": ("{question}: ", "{question}："),
    "init.ask.app_id": ("App ID (cli_…)", "App ID（cli_…）"),
    "init.ask.brand": ("Platform: feishu or lark", "平台：feishu（飞书）或 lark"),
    "init.ask.secret": ("App Secret (it stays invisible)", "App Secret（输入时不显示）"),
    "init.ask.secret_known": (
        "App Secret (it stays invisible; Enter keeps the one that is known)",
        "App Secret（输入时不显示；按回车沿用已有的密钥）",
    ),
    "init.ask.redirect_uris": (
        "\nRedirect URLs, where the browser returns to after a login (Enter is fine; commas between several)",
        "\n重定向 URL，即登录后浏览器返回本机的地址（一般直接按回车；多个以逗号分隔）",
    ),
    "init.ask.token_file": (
        "\nKeep your login for this folder alone (folder), or for all your folders (user)",
        "\n登录信息仅供本文件夹使用（folder），还是你的所有文件夹共用（user）",
    ),
    "init.ask.source": (
        "\nAddress of your first table or document, copied from the browser (Enter: later)",
        "\n第一个表格或文档的链接，从浏览器地址栏复制（按回车：以后再添加）",
    ),
    "init.ask.login": (
        "\nPress Enter to log in once the steps above are done, or type n to log in later",
        "\n完成以上步骤后按回车登录；输入 n 则以后再登录",
    ),
    "init.proved": ("App ID and App Secret are right.", "App ID 与 App Secret 正确。"),
    "init.refused": (
        "{host} does not know this App ID with this App Secret (code {code}). Copy both again; is the platform right?",
        "{host} 不认可该 App ID 与 App Secret（错误码 {code}）。请重新复制这两项，并确认平台是否正确。",
    ),
    "init.unproved": (
        "App ID and App Secret could not be checked, so they are taken as they are. {problem}",
        "暂时无法验证 App ID 与 App Secret，先按输入保存。{problem}",
    ),
    "init.variable": (
        "{name}: {value}, from the environment variable {variable}",
        "{name}：{value}，来自环境变量 {variable}",
    ),
    "init.variable_secret": (
        "The environment variable LARKNB_APP_SECRET holds another secret, and goes before the one that was kept now.",
        "环境变量 LARKNB_APP_SECRET 中是另一个密钥，它优先于刚才保存的密钥。",
    ),
    "init.wrong": ("{what}. {next}.", "{what}。{next}。"),
    "init.busy": (
        "Other programs use {uris} at the moment; as long as they do, larknb takes the next address.",
        "{uris} 目前被其他程序占用；在此期间 larknb 会使用下一个地址。",
    ),
    "init.busy_all": (
        "Other programs use {uris} at the moment: end them before you log in, or set another port with larknb init.",
        "{uris} 目前均被其他程序占用：请在登录前关闭它们，或再次运行 larknb init 换用其他端口。",
    ),
    "init.missing.what": ("The {name} is missing, and nobody is here to be asked", "缺少 {name}，且当前无人可询问"),
    "init.missing.next": ("give it by one of: {ways}", "请用以下方式之一提供：{ways}"),
    "init.written": ("\nWritten: {file}", "\n已写入：{file}"),
    "init.secret_written": (
        "The App Secret is kept in {file}; keep that file to yourself.",
        "App Secret 保存在 {file}；请勿将该文件分享给他人。",
    ),
    "init.console": (
        "To do once in the developer console of your app: {link}",
        "请在开发者后台为应用完成以下设置（只需一次）：{link}",
    ),
    "init.console.redirect": (
        "Security Settings: add these redirect URLs, exactly as they stand here:{uris}",
        "安全设置：添加以下重定向 URL，须与此处完全一致：{uris}",
    ),
    "init.console.scopes": (
        "Permissions & Scopes: enable these; the batch import takes them as they stand here.\n{link}\n{json}",
        "权限管理：开通以下权限，可整段粘贴到“批量导入”。\n{link}\n{json}",
    ),
    "init.console.scopes_there": (
        "Permissions & Scopes: nothing to do, all that is needed is enabled.",
        "权限管理：无需操作，所需权限均已开通。",
    ),
    "init.console.refresh": (
        'Security Settings: switch on "refresh user_access_token", so that one login lasts'
        " (where there is no such switch, it is on).",
        "安全设置：打开“刷新 user_access_token”，登录才能自动续期（没有该开关则表示已打开）。",
    ),
    "init.console.publish": (
        "Version Management: create a version and publish it; an admin may have to approve it."
        " Only then the rest counts.",
        "版本管理与发布：创建版本并发布，可能需要管理员审批；发布后以上设置才生效。",
    ),
    "init.stopped.nothing": ("Stopped; nothing was changed.", "已停止，未作任何更改。"),
    "init.stopped.kept": (
        "Stopped. What was written is kept; larknb init goes on from there.",
        "已停止。已写入的设置会保留；再次运行 larknb init 可继续。",
    ),
    "init.logged_in": ("Logged in as {name}.", "已登录：{name}。"),
    "status.ended": ("{name}: the login has ended, run larknb login", "{name}：登录已失效，请运行 larknb login"),
    "status.ending": (
        "{name}: the login cannot renew itself, run larknb login soon",
        "{name}：登录无法续期，请尽快运行 larknb login",
    ),
    "status.lacking": (
        "{name}: sources need more scopes ({scopes}), run larknb login, which asks for these alone",
        "{name}：来源还需要权限（{scopes}），请运行 larknb login，仅申请这些权限",
    ),
    "workspace.created": ("Created larknb.toml and work/ in {path}", "已在 {path} 创建 larknb.toml 与 work/"),
    "notsynced.what": ("It was never synced", "尚未同步过"),
    "notsynced.next": ('larknb sync "{name}", or lk.sync("{name}")', 'larknb sync "{name}"，或 lk.sync("{name}")'),
    "document.what": ("It is a document, not a table", "这是文档，不是数据表"),
    "document.next": ("use lk.document(name)", "请使用 lk.document(name)"),
    "choose.what": ("The source has {count} tables", "该来源包含 {count} 个数据表"),
    "choose.next": ("name one of them: {tables}", "请指定其一：{tables}"),
    "busy.what": ("Another sync is running ({owner})", "另一个同步正在运行（{owner}）"),
    "busy.next": ("wait for it to end, or end that process", "等待其结束，或结束该进程"),
    "add.lacking": (
        "It needs scopes that your login has not granted: {scopes}. lk.login(), or larknb login, asks for what is"
        " missing.",
        "该来源所需的权限尚未授予：{scopes}。运行 lk.login() 或 larknb login，仅申请缺少的权限。",
    ),
    "add.twice.what": ("It is configured already, otherwise", "该来源已经配置，且设置不同"),
    "add.twice.next": ("change it in larknb.toml, or remove it first", "请修改 larknb.toml，或先移除该来源"),
    "remove.part.what": ("{name} is one part of a source", "{name} 只是某个来源的一部分"),
    "remove.part.next": ('remove the whole source: larknb remove "{name}"', '移除整个来源：larknb remove "{name}"'),
    "changes.cost": (
        "It took {calls} requests; {total} this month, about {forecast} by its end.",
        "本次请求 {calls} 次；本月共 {total} 次，月底约 {forecast} 次。",
    ),
    "changes.login": (
        "The login renews itself; without a run it ends {refresh}. Sign in again before {consent}.",
        "登录会自动续期；若不再运行将于 {refresh} 失效。请在 {consent} 之前重新登录。",
    ),
    "changes.login_ended": ("Nobody is logged in: run larknb login.", "当前未登录：请运行 larknb login。"),
    "html.failed": (
        "No report was written: {reason}. The run itself is not affected.",
        "未能生成报告：{reason}。运行结果不受影响。",
    ),
    "install.secret.what": (
        "A secret is only in the environment of this shell, which no unit sees: {files} would hold it",
        "密钥仅存在于当前 shell 的环境变量中，定时任务读取不到：应保存到 {files}",
    ),
    "install.secret.next": ("repeat this with --save-secrets", "加上 --save-secrets 重新运行"),
    "install.unseen": (
        "Set in this shell, but not seen by the unit: {names}. Settings belong into larknb.toml; the others {where}.",
        "以下变量仅在当前 shell 中有效，定时任务读取不到：{names}。设置请写入 larknb.toml，其余{where}。",
    ),
    "install.where.systemd": ("into ~/.config/environment.d/larknb.conf", "写入 ~/.config/environment.d/larknb.conf"),
    "install.where.cron": ("above the lines of the crontab (crontab -e)", "写在 crontab 各行之前（crontab -e）"),
    "install.where.windows": ("are set for good by setx", "用 setx 永久设置"),
    "install.where.launchd": ("are set by launchctl setenv", "用 launchctl setenv 设置"),
    "argument.what": ("{name} = {value!r} means nothing here", "参数 {name} = {value!r} 无效"),
    "argument.next": ("use one of: {accepted}", "可用的取值：{accepted}"),
}
