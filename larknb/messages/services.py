"""What `larknb.services` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
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
}
