"""What `larknb.screens` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "show.head": ("{shown} of {rows:# row}", "前 {shown} 行，共 {rows} 行"),
    "show.all": ("{rows:# row}", "共 {rows} 行"),
    "progress.source": ("{done} of {total}: {source}", "第 {done}/{total} 个：{source}"),
    "progress.table": (
        "{done} of {total}: {source} / {table}, {rows} rows",
        "第 {done}/{total} 个：{source} / {table}，{rows} 行",
    ),
    "progress.files": (
        "{done} of {total}: {source}, {files} files",
        "第 {done}/{total} 个：{source}，{files} 个文件",
    ),
    "progress.all": ("All sources", "所有数据源"),
    "progress.of": ("{number} of {total}", "{number}/{total}"),
    "progress.rate": (", {rate} rows/s", "，{rate} 行/秒"),
    "progress.left": (", {seconds} s left", "，还需 {seconds} 秒"),
    "progress.taken": (", {seconds} s", "，已用 {seconds} 秒"),
    "progress.settling": (
        "{where}: waiting {seconds} s for the base to settle",
        "{where}：等待 {seconds} 秒，让多维表格的改动生效",
    ),
    "progress.retrying": (
        "{where}: retry {tries} of {total} in {seconds} s",
        "{where}：{seconds} 秒后重试（第 {tries} 次，共 {total} 次）",
    ),
    "progress.cell": (
        "{notebook}: cell {cell} of {cells}, {seconds} s ({line})",
        "{notebook}：第 {cell}/{cells} 个单元格，已用 {seconds} 秒（{line}）",
    ),
    "progress.done": ("[{done}/{total}] {source}", "[{done}/{total}] {source}"),
    "login.terminal.open": (
        "Open this page in a browser and approve:\n\n  {url}\n",
        "请在浏览器中打开此页并同意授权：\n\n  {url}\n",
    ),
    "login.terminal.back": (
        "The browser then comes back here by itself. If its last page cannot be loaded (the browser runs on another"
        " machine), copy the address from its address bar and paste it below.",
        "授权后浏览器会自动返回。如果最后的页面无法打开（浏览器在另一台机器上），请复制地址栏中的地址并粘贴到下方。",
    ),
    "login.terminal.paste": (
        "Its last page will not load, which is expected: copy the address from the address bar and paste it below.",
        "最后的页面无法打开属正常情况：请复制地址栏中的地址并粘贴到下方。",
    ),
    "login.terminal.busy": (
        "Another program is using {uris}, so the browser cannot return here.",
        "{uris} 已被其他程序占用，浏览器无法自动返回。",
    ),
    "login.terminal.device": (
        "Open this page on any device, compare the code {code}, and approve until {ends}:\n\n  {url}\n",
        "请在任意设备上打开此页，核对代码 {code}，并在 {ends} 前同意授权：\n\n  {url}\n",
    ),
    "login.terminal.ask": ("Pasted address, or Enter once you are signed in: ", "粘贴地址，或登录完成后按回车："),
    "login.terminal.waiting": ("Not signed in yet.", "尚未登录。"),
    "login.terminal.done": ("Signed in as {name}. Press Enter.", "已登录：{name}。请按回车。"),
    "login.terminal.enter": ("Press Enter.", "请按回车。"),
    "card.setup.title": ("Connect larknb to an app of your company", "将 larknb 连接到企业自建应用"),
    "card.setup.console": (
        "1. Open the developer console, and create a custom app if you have none:",
        "1. 打开开发者后台；如尚无应用，请创建企业自建应用：",
    ),
    "card.setup.redirect": (
        "2. Security settings: add these redirect URLs, exactly as they are:",
        "2. 安全设置：添加以下重定向 URL（需完全一致）：",
    ),
    "card.setup.scopes": (
        "3. Permissions: use batch import and paste:",
        "3. 权限管理：使用“批量导入”，粘贴：",
    ),
    "card.setup.publish": (
        '4. Security settings: switch on "refresh user_access_token" if it is shown. Then publish a version.',
        "4. 安全设置：如显示“刷新 user_access_token”开关，请打开。然后创建并发布版本。",
    ),
    "card.setup.fields": (
        "5. Enter App ID and App Secret (credentials and basic info). The secret is kept in a file that only you can"
        " read.",
        "5. 填写 App ID 与 App Secret（凭证与基础信息页）。密钥仅保存在只有你可读的本地文件中。",
    ),
    "card.setup.scan": (
        'No app yet? "{label}": scan a QR code with Feishu or Lark, or open its link, and confirm. The permissions that'
        " your sources need are filled in; nothing is to be copied.",
        "还没有应用？点击“{label}”：用飞书或 Lark 扫码（或打开链接）并确认即可。所需权限已预先填好，无需复制任何内容。",
    ),
    "card.setup.own": ("If you have an app, or want to create it by hand:", "已有应用，或希望手动创建："),
    "card.init": ("Set up larknb in this folder", "在此文件夹中设置 larknb"),
    "card.init.answer": ("Continue", "继续"),
    "init.choice.feishu": ("Feishu", "飞书"),
    "init.choice.lark": ("Lark", "Lark"),
    "init.choice.scan": ("Scan to create an app", "扫码创建应用"),
    "init.choice.folder": ("This folder only", "仅本文件夹"),
    "init.choice.user": ("All my folders", "我的所有文件夹"),
    "init.choice.now": ("Sign in", "登录"),
    "init.choice.n": ("Later", "以后再登录"),
    "card.create": ("Scan to create an app", "扫码创建应用"),
    "card.create.scan": (
        "Scan the QR code with the app on your phone, or open the link in a browser: some clients refuse the scan.",
        "用手机客户端扫描二维码，或在浏览器中打开链接（部分客户端无法扫码时请用链接）。",
    ),
    "card.create.feishu": ("Create the app in Feishu", "在飞书中创建应用"),
    "card.create.lark": ("Create the app in Lark", "在 Lark 中创建应用"),
    "card.create.compare": (
        "The page belongs to this code; show it to nobody else:",
        "页面对应此代码，请勿给他人看到：",
    ),
    "card.create.waiting": (
        "This card continues by itself. The App Secret is kept in a file that only you can read, and is never shown.",
        "确认后此卡片会自动继续。App Secret 仅保存在只有你可读的本地文件中，不会显示。",
    ),
    "card.create.good_until": (
        "good until {ends}; after a restart, run the cell again to continue",
        "{ends} 前有效；重启后重新运行此单元格即可继续",
    ),
    "card.create.own": ("I have an app", "我已有应用"),
    "create.terminal": (
        "Scan the QR code with the app on your phone, or open the link in a browser (some clients refuse the scan), and"
        " confirm until {ends}. The page belongs to the code {code}; show it to nobody else.\n\n  {url}\n\n"
        "If your company is on the other platform, Lark or Feishu, open this instead:\n\n  {other}\n\n"
        "Waiting for the confirmation; Ctrl-C stops.",
        "用手机客户端扫描二维码，或在浏览器中打开链接（部分客户端无法扫码），并在 {ends} 前确认。"
        "页面对应代码 {code}，请勿给他人看到。\n\n  {url}\n\n"
        "如果企业使用另一平台（Lark 或飞书），请改为打开：\n\n  {other}\n\n正在等待确认；按 Ctrl-C 停止。",
    ),
    "create.next": (
        "The new app has no redirect URL, so signing in uses a code and a link. To let the browser come back by"
        ' itself, add the redirect URLs in the security settings and remove login = "device" from larknb.toml. A source'
        " that is refused needs its permission there and a published version: {link}",
        "新应用没有重定向 URL，因此登录使用代码和链接。如希望浏览器自动返回，请在安全设置中添加重定向 URL，"
        '并删除 larknb.toml 中的 login = "device"。若某个数据源被拒绝，请在后台开通其权限并发布版本：{link}',
    ),
    "card.setup.save": ("Save and continue", "保存并继续"),
    "card.feishu": ("Feishu (feishu.cn)", "飞书（feishu.cn）"),
    "card.lark": ("Lark (larksuite.com)", "Lark（larksuite.com）"),
    "card.brand": ("Platform", "平台"),
    "card.copy": ("Copy", "复制"),
    "card.copied": ("Copied", "已复制"),
    "card.preparing.title": ("One moment…", "请稍候…"),
    "card.waiting.title": ("Sign in", "登录"),
    "card.again.title": ("Signed in as {name}; sign in again", "当前登录：{name}；重新登录"),
    "card.more.title": ("Signed in as {name}; one more approval is needed", "当前登录：{name}；还需补充授权"),
    "card.more": ("Sources need scopes that were not granted: {scopes}", "数据源还需要以下授权：{scopes}"),
    "card.authorize.feishu": ("Authorize in Feishu", "在飞书中授权"),
    "card.authorize.lark": ("Authorize in Lark", "在 Lark 中授权"),
    "card.good_until": (
        "good until {ends}; run the cell again for a new link",
        "{ends} 前有效；重新运行此单元格可获取新链接",
    ),
    "card.waiting.back": (
        "Approve in the page that opens. It comes back here by itself, and this card turns green.",
        "在打开的页面中同意授权；浏览器会自动返回，此卡片随即变绿。",
    ),
    "card.waiting.paste": (
        "Approve in the page that opens. The last page will not load, which is expected: copy the address from its"
        " address bar and paste it below.",
        "在打开的页面中同意授权。最后的页面无法打开属正常情况：请复制其地址栏中的地址并粘贴到下方。",
    ),
    "card.waiting.busy": ("In use by another program: {uris}.", "已被其他程序占用：{uris}。"),
    "card.late.title": (
        "No answer yet. What the page may show, and what to do in the developer console:",
        "尚未收到回应。页面可能的提示与处理方法（开发者后台）：",
    ),
    "card.late.redirect": (
        "20029: add the redirect URL {redirect_uri} in the security settings.",
        "20029：在安全设置中添加重定向 URL {redirect_uri}。",
    ),
    "card.late.scope": (
        "20027: enable the scopes in the permissions and publish a version: {scopes}",
        "20027：在权限管理中开通以下权限并发布版本：{scopes}",
    ),
    "card.late.closed": ("The page was closed: open the link once more.", "页面已关闭：再次打开上方链接。"),
    "card.late.remote": (
        "The last page cannot be loaded: paste its address below.",
        "最后的页面无法打开：将其地址粘贴到下方。",
    ),
    "card.device.compare": ("The page shows this code; compare it:", "页面会显示此代码，请核对："),
    "card.device.waiting": (
        "Approve on any device. This card turns green by itself.",
        "可在任意设备上同意授权；此卡片会自动变绿。",
    ),
    "card.paste.title": ("Notebook runs on another machine?", "Notebook 不在本机运行？"),
    "card.paste.field": (
        "Paste the address of the page that failed to load",
        "粘贴无法打开的页面的地址",
    ),
    "card.paste.finish": ("Finish sign-in", "完成登录"),
    "card.done.title": ("Signed in as {name}", "已登录：{name}"),
    "card.done.next": (
        "lk.logout() signs out, lk.login(force=True) signs in again.",
        "lk.logout() 退出登录，lk.login(force=True) 重新登录。",
    ),
    "card.sign_out": ("Sign out", "退出登录"),
    "card.start": ("Sign in", "登录"),
    "card.gone.title": ("Signed out", "已退出登录"),
    "card.gone.next": ("Cached data stays readable.", "已缓存的数据仍可读取。"),
    "card.failed.title": ("Not signed in", "登录未完成"),
    "card.ended": ("This card has stopped waiting: run the cell again.", "此卡片已停止等待：请重新运行此单元格。"),
    "card.unanswered.what": ("Nobody approved the sign-in in time", "在有效时间内未收到授权"),
    "card.unanswered.next": ("start again, and approve in the browser", "重新开始，并在浏览器中同意授权"),
    "card.no_widgets": (
        "(Fields and buttons show here where Jupyter widgets load. Without them the link above works all the same;"
        ' if the kernel runs on another machine, use lk.login(method="device").)',
        "（此处的输入框与按钮需要 Jupyter widgets。没有它们时上方链接同样可用；"
        '若内核在另一台机器上运行，请用 lk.login(method="device")。）',
    ),
    "panel.title": ("larknb", "larknb"),
    "panel.none": (
        "No sources yet. Next: lk.add(URL), or lk.init().",
        "还没有数据源。下一步：lk.add(URL) 或 lk.init()。",
    ),
    "panel.more": ("{count} more: see lk.status().", "另有 {count} 个，见 lk.status()。"),
    "panel.all": ("All sources", "全部数据源"),
    "panel.sync": ("Sync", "同步"),
    "panel.force": ("Read again", "强制读取"),
    "panel.refresh": ("Refresh", "刷新"),
    "panel.sign_in": ("Sign in", "登录"),
    "panel.working": ("Syncing", "正在同步"),
    "plot.missing.what": ("matplotlib, which draws the plots, is not installed", "未安装绘图所需的 matplotlib"),
    "plot.missing.next": ('pip install "larknb[plot]"', '请运行 pip install "larknb[plot]"'),
    "plot.no_font": (
        "No font for Chinese was found, so Chinese in plots shows as boxes. Install Noto Sans CJK (Debian: apt install "
        "fonts-noto-cjk) or another Chinese font, then restart the kernel.",
        "未找到中文字体，图中的中文会显示为方框。请安装 Noto Sans CJK（Debian：apt install fonts-noto-cjk）"
        "或其他中文字体，然后重启内核。",
    ),
}
