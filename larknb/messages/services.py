"""What `larknb.services` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "init.open": ("Setting up larknb in {folder}", "正在设置 larknb，文件夹：{folder}"),
    "init.how": (
        "Press Enter to take what stands in [brackets], Ctrl-C to stop.\n",
        "按回车采用 [方括号] 中的值，按 Ctrl-C 停止。\n",
    ),
    "init.how_card": (
        "Leave a field empty to take what stands in [brackets], also where a text speaks of Enter.\n",
        "留空即采用 [方括号] 中的值；文中提到“按回车”时同样如此。\n",
    ),
    "init.credentials": (
        "\nApp ID and App Secret: see your app in the developer console, page Credentials & Basic Info: {link}\n"
        "No app yet? Create a custom app there, or ask whoever runs one in your company.",
        "\nApp ID 与 App Secret 见开发者后台中应用的“凭证与基础信息”页：{link}\n"
        "还没有应用？可在该页创建企业自建应用，或向公司内的应用管理员索取。",
    ),
    "create.kept": (
        "App ID {app_id}, which was just made: its secret comes only once",
        "刚创建的应用 {app_id}（密钥只下发一次）",
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
    "init.refused.pair": (
        "{host} does not know this App ID with this App Secret (code {code}). Copy both again; is the platform right?",
        "{host} 不认可该 App ID 与 App Secret（错误码 {code}）。请重新复制这两项，并确认平台是否正确。",
    ),
    "init.refused.secret": (
        "{host} knows {app_id}, but not with this App Secret (code {code}). Copy the secret again.",
        "{host} 认识 {app_id}，但 App Secret 不正确（错误码 {code}）。请重新复制密钥。",
    ),
    "init.scan": (
        "Or type scan: one scan of a QR code makes an app for you, with the permissions that your sources need.",
        "或输入 scan：扫一次二维码即可自动创建应用，并预先填好来源所需的权限。",
    ),
    "init.made": (
        "\nThe app {app_id} was made and is yours. Its App Secret is kept in {file}; keep that file to yourself.",
        "\n已创建属于你的应用 {app_id}。App Secret 保存在 {file}；请勿将该文件分享给他人。",
    ),
    "init.unsaid": (
        "That is not accepted here (it may be a secret, so it is not repeated)",
        "此处不接受该内容（可能是密钥，因此不再显示）",
    ),
    "init.ask.keep_again": (
        "Press Enter to try again once that is mended; the app is lost if you stop now",
        "解决后按回车重试；现在停止将丢失该应用",
    ),
    "init.ask.secret_again": (
        "App Secret again (it stays invisible; Enter begins with the platform again)",
        "再次输入 App Secret（输入时不显示；直接按回车从平台开始重新填写）",
    ),
    "init.stopped.scanning": (
        "Stopped; the scan can still be confirmed: run larknb init again and type scan.",
        "已停止；扫码仍可确认：再次运行 larknb init 并输入 scan 即可继续。",
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
