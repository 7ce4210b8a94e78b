"""What `larknb.auth` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "login.no_app_id.what": ("No app id is configured", "尚未配置 App ID"),
    "login.no_app_id.next": (
        "run larknb init, or set LARKNB_APP_ID",
        "运行 larknb init，或设置 LARKNB_APP_ID",
    ),
    "login.no_secret.what": ("The secret of app {app_id} is not known here", "缺少应用 {app_id} 的 App Secret"),
    "login.no_secret.next": (
        "run larknb init, or set LARKNB_APP_SECRET; never write it into larknb.toml",
        "运行 larknb init，或设置 LARKNB_APP_SECRET；切勿写入 larknb.toml",
    ),
    "login.many_scopes.what": ("More than {most} scopes in one login", "一次登录最多申请 {most} 个权限"),
    "login.many_scopes.next": ("ask for fewer; granted scopes add up", "分次申请；已授予的权限会累积"),
    "login.again": ("run larknb login (in a notebook: lk.login())", "运行 larknb login（Notebook 中：lk.login()）"),
    "login.missing.what": ("Nobody is logged in here", "此处尚未登录"),
    "login.missing.next": (
        "sign in once from a notebook (lk.login()) or a terminal (larknb login)",
        "在 Notebook（lk.login()）或终端（larknb login）中登录一次",
    ),
    "login.damaged.what": (
        "The login file cannot be read; it was kept as {path}",
        "登录文件已损坏，原文件保留为 {path}",
    ),
    "login.foreign.what": (
        "The stored login belongs to app {app_id} at {host}, not to the one configured here",
        "已保存的登录属于应用 {app_id}（{host}），与当前配置不符",
    ),
    "login.foreign.next": (
        "check app_id and brand in larknb.toml, or run larknb login, which keeps the other one aside",
        "检查 larknb.toml 中的 app_id 与 brand，或运行 larknb login（原登录会另存保留）",
    ),
    "login.busy.what": (
        "Another process has been renewing the login for {seconds} s",
        "另一个进程正在续期登录，已等待 {seconds} 秒",
    ),
    "login.busy.next": ("try again in a minute", "一分钟后重试"),
    "login.disk.what": ("Cannot read or write the login file {path}: {reason}", "无法读写登录文件 {path}：{reason}"),
    "login.disk.next": (
        "make its folder writable, free some space, or close the program that has it open;"
        " token_file in larknb.toml moves it",
        "确保文件夹可写、磁盘有空间、文件未被其他程序占用；可用 larknb.toml 的 token_file 更换位置",
    ),
    "login.unkept.what": (
        "{trouble}. The new login is in the memory of this process alone, and the one in the file cannot be renewed any"
        " more",
        "{trouble}。新的登录目前仅存于本进程的内存中，文件中的旧登录已无法续期",
    ),
    "login.unkept.next": (
        "make its folder writable, free some space, or close the program that has it open, then try again in this"
        " process (the kernel or the schedule that runs), which keeps the login after all; once the process has ended,"
        " run larknb login",
        "确保文件夹可写、磁盘有空间、文件未被其他程序占用，然后在本进程（运行中的内核或定时任务）中重试，登录即会写入；"
        "若本进程已结束，请运行 larknb login",
    ),
    "login.not_ours.what": (
        "The file {path} is not a login that larknb wrote; it was left alone",
        "文件 {path} 不是 larknb 写入的登录文件，未作任何改动",
    ),
    "login.not_plain.what": (
        "{path} is a folder, a pipe, a device or a broken link, and cannot hold a login",
        "{path} 是文件夹、管道、设备或无效链接，不能存放登录",
    ),
    "login.not_ours.next": (
        "set token_file in larknb.toml to another path, or remove it there to keep the login in work/; if you do not"
        " need"
        " the file there, move it away",
        "将 larknb.toml 中的 token_file 改为其他路径，或删除该行（登录即存放在 work/ 中）；若不需要该处的内容，请移走",
    ),
    "login.unsound.what": (
        "The login is damaged: one of its tokens contains an invalid character",
        "登录已损坏：其中的令牌含有无效字符",
    ),
    "login.historic.what": (
        "The login of the old script cannot be taken over: the platform no longer renews logins of its kind",
        "无法沿用旧脚本的登录：平台已不再支持续期此类旧版登录",
    ),
    "login.folder_open.what": (
        "Other users can write to {path} and could replace your login",
        "其他用户可以写入 {path}，可能替换你的登录",
    ),
    "login.folder_open.next": (
        'run chmod go-w "{path}", or set token_file = "user" in larknb.toml to keep the login in your own folder',
        '运行 chmod go-w "{path}"，或在 larknb.toml 中设置 token_file = "user"，把登录存放到个人目录',
    ),
    "login.folder_foreign.what": (
        "{path} belongs to another user, who could replace your login",
        "{path} 属于其他用户，对方可能替换你的登录",
    ),
    "login.folder_foreign.next": (
        'set token_file = "user" in larknb.toml to keep the login in your own folder',
        '在 larknb.toml 中设置 token_file = "user"，把登录存放到个人目录',
    ),
    "login.remote": (
        "The login is kept on a network drive ({path}): if two machines renew it at the same moment it may be lost."
        ' token_file = "user" in larknb.toml keeps it on this machine.',
        '登录存放在网络驱动器上（{path}）：两台机器同时续期可能导致登录失效。在 larknb.toml 中设置 token_file = "user"'
        " 可改存到本机。",
    ),
    "login.other_person": (
        "This login replaced that of {name} in all folders that share it.",
        "本次登录已替换 {name} 的登录；共用该登录的文件夹均受影响。",
    ),
    "login.kept": (
        "The login of app {app_id} that was here is kept as {path}.",
        "原有的应用 {app_id} 的登录已另存为 {path}。",
    ),
    "login.keychain.none.what": (
        "This system has no keychain to keep the login in",
        "没有可用于保存登录的系统钥匙串",
    ),
    "login.keychain.none.next": (
        'run pip install "larknb[keyring]"; on a machine without a keychain set token_file = "user" in larknb.toml',
        '运行 pip install "larknb[keyring]"；若本机没有钥匙串，请在 larknb.toml 中设置 token_file = "user"',
    ),
    "login.keychain.refused.what": ("The system's keychain refused ({reason})", "系统钥匙串拒绝访问（{reason}）"),
    "login.keychain.refused.next": (
        'unlock the keychain and try again, or set token_file = "user" in larknb.toml and log in again',
        '解锁钥匙串后重试，或在 larknb.toml 中设置 token_file = "user" 后重新登录',
    ),
    "login.keychain.gone.what": (
        "The login is no longer in the system's keychain",
        "系统钥匙串中已没有该登录",
    ),
    "create.methods.what": (
        "The platform offers app creation by scan only with other proofs of identity ({methods})",
        "平台的扫码创建仅支持其他验证方式的程序（{methods}）",
    ),
    "create.refused.what": (
        "The platform refused to create an app by scan: {reason}",
        "平台拒绝扫码创建应用：{reason}",
    ),
    "create.unknown.what": (
        "Cannot create an app by scan: {reason}",
        "无法通过平台扫码创建应用：{reason}",
    ),
    "create.page.what": (
        "The scan page does not belong to the platform ({page}), so it is not shown",
        "扫码页面不属于该平台（{page}），因此不予显示",
    ),
    "create.odd.what": (
        "An app was created, but its App ID and App Secret came in a form that cannot be used",
        "应用已创建，但返回的 App ID 与 App Secret 格式无法使用",
    ),
    "create.denied.what": ("Creating the app was declined on the page", "页面上拒绝了创建应用"),
    "create.late.what": (
        "The code was not confirmed in time, or was used already",
        "二维码未在有效期内确认，或已被使用",
    ),
    "create.stopped.what": ("No app was created: {reason}", "应用未创建：{reason}"),
    "create.brands.what": (
        "No app was created: the platform placed your company first on Lark and then on Feishu",
        "应用未创建：平台先后将企业归属为 Lark 和飞书，前后矛盾",
    ),
    "create.unkept.what": (
        "{path} cannot be written, so a new app could not be saved",
        "无法写入 {path}，现在创建的应用将无法保存",
    ),
    "create.unkept.next": (
        "make the folder writable, or remove what is there, then start again",
        "请确保该文件夹可写，或移除该位置的其他文件，然后重试",
    ),
    "create.again": (
        "start again with a new code, or use an existing app",
        "使用新的二维码重新开始，或使用已有的应用",
    ),
    "create.manual": (
        "create an app in the developer console, or use an existing one",
        "请在开发者后台创建应用，或使用已有的应用",
    ),
    "login.denied.what": ("The sign-in was refused ({reason})", "授权被拒绝（{reason}）"),
    "login.denied.next": ("start the login again and approve", "重新开始登录并同意授权"),
    "login.other.what": ("The pasted address belongs to another login", "粘贴的地址属于另一次登录"),
    "login.other.next": (
        "open the newest link, and paste the address of its last page",
        "打开最新的授权链接，再粘贴浏览器最后停留的地址",
    ),
    "login.pasted.what": ("The pasted text does not contain a code", "粘贴的内容中没有授权码"),
    "login.pasted.next": (
        "approve in the browser, then copy the whole address bar of the page it ends on ({redirect_uri}?code=…)",
        "先在浏览器中同意授权，再复制最后页面地址栏的完整地址（{redirect_uri}?code=…）",
    ),
    "login.late.what": (
        "No answer came from the browser within {minutes} minutes",
        "{minutes} 分钟内未收到浏览器的回应",
    ),
    "login.late.next": (
        "start the login again; if the page shows error 20027, enable the scopes of the app and publish a version,"
        " if 20029, register {redirect_uri} as redirect URL: {link}",
        "重新开始登录；若页面提示 20027，请为应用开通所需权限并发布版本，若提示 20029，"
        "请登记重定向 URL {redirect_uri}：{link}",
    ),
    "login.device.late.what": (
        "The code was not approved in time, or was used already",
        "授权码未在有效期内确认，或已被使用",
    ),
    "login.token_type.what": (
        "The platform answered with a token of type {kind}, but larknb supports only Bearer tokens (token endpoint"
        " {endpoint})",
        "平台返回的令牌类型为 {kind}，而 larknb 只能使用 Bearer 令牌（令牌接口 {endpoint}）",
    ),
    "login.token_type.next": (
        'set token_endpoint = "{endpoint}" under [app] in larknb.toml, or LARKNB_TOKEN_ENDPOINT, and log in again',
        '在 larknb.toml 的 [app] 中设置 token_endpoint = "{endpoint}"（或 LARKNB_TOKEN_ENDPOINT），然后重新登录',
    ),
    "login.lacking": (
        "Not granted: {scopes}. Sources that need them fail until a login grants them.",
        "未授予的权限：{scopes}。需要这些权限的数据源将无法同步，直至重新登录并授权。",
    ),
    "login.not_enabled": (
        "The app lacks scopes that sources need ({sources}), so this login cannot ask for them. Ask its admin to enable"
        " them and to publish a version: {link}",
        "应用缺少数据源所需的权限（{sources}），本次登录无法申请。请应用管理员开通并发布版本：{link}",
    ),
    "login.page.received.title": ("Approval received", "已收到授权"),
    "login.page.received": (
        "You may close this page and go back to the notebook or the terminal; the result is shown there.",
        "可以关闭此页，回到 Notebook 或终端查看登录结果。",
    ),
    "login.page.denied.title": ("Not approved", "未授权"),
    "login.page.denied": (
        "You may close this page. To sign in, start the login again in the notebook or the terminal.",
        "可以关闭此页。如需登录，请在 Notebook 或终端中重新开始。",
    ),
    "login.page.stranger.title": ("Nothing to do here", "此页无内容"),
    "login.page.stranger": (
        "This address is used by a single sign-in. Use the newest link of the notebook or the terminal.",
        "此地址只等待一次登录的回应。请使用 Notebook 或终端中最新的授权链接。",
    ),
    "login.nobody.what": (
        "A login needs a person to approve it, and this run is unattended",
        "登录需要有人授权，而当前无人值守",
    ),
    "login.nobody.next": (
        "log in once from a notebook or a terminal: larknb login",
        "请先在 Notebook 或终端中登录一次：larknb login",
    ),
}
