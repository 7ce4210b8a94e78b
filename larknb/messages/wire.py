"""What `larknb.wire` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "error.server": (". The server says: {msg}", "。服务器返回：{msg}"),
    "trouble.token.what": ("The platform refuses the login", "平台拒绝了当前登录"),
    "trouble.token.next": ("run larknb login", "运行 larknb login 重新登录"),
    "trouble.token_app.what": ("The platform refuses the app's own token", "平台拒绝了应用自身的令牌"),
    "trouble.token_app.next": (
        "check app_id, brand and the secret (LARKNB_APP_SECRET), and whether the app is enabled in this tenant",
        "检查 app_id、brand 与密钥（LARKNB_APP_SECRET），并确认应用已在本企业启用",
    ),
    "trouble.unsupported.what": ("This API does not accept this kind of identity", "该接口不支持当前身份类型"),
    "trouble.unsupported.next": (
        'set identity = "user" or "tenant" for this source in larknb.toml',
        '在 larknb.toml 中为该数据源改用 identity = "user" 或 "tenant"',
    ),
    "trouble.session.what": ("The login is no longer valid", "登录已失效"),
    "trouble.session.next": ("run larknb login", "运行 larknb login 重新登录"),
    "trouble.login_code.what": (
        "The login code is unknown, expired or already used",
        "授权码无效、已过期或已被使用",
    ),
    "trouble.login_code.next": (
        "start the login again; a code is good for 5 minutes and for one use",
        "重新开始登录；授权码仅 5 分钟内有效，且只能使用一次",
    ),
    "trouble.refresh_dead.what": (
        "The login has expired and cannot be renewed",
        "登录已过期，无法续期",
    ),
    "trouble.refresh_dead.next": ("run larknb login", "运行 larknb login 重新登录"),
    "trouble.refresh_used.what": (
        "Could not renew the login: the refresh token was already used or revoked",
        "无法续期登录：刷新令牌已被使用或撤销",
    ),
    "trouble.refresh_used.next": (
        "run larknb login; a folder and its copy cannot share a login, each needs its own",
        "运行 larknb login；文件夹与其副本不能共用同一次登录，需各自登录",
    ),
    "trouble.user_gone.what": ("This account does not exist, is frozen or has left", "该账号不存在、被冻结或已离职"),
    "trouble.user_gone.next": ("log in with a valid account, or ask your admin", "使用有效账号登录，或联系管理员"),
    "trouble.user_outside.what": (
        "This account is outside the app's availability range",
        "该账号不在应用的可用范围内",
    ),
    "trouble.user_outside.next": (
        "ask the app's admin to add you in the console (availability), then log in again",
        "请应用管理员在开发者后台的可用范围中添加你，然后重新登录",
    ),
    "trouble.other_app.what": ("The login belongs to another app", "该登录属于另一个应用"),
    "trouble.other_app.next": (
        "check app_id in larknb.toml, then run larknb login",
        "检查 larknb.toml 中的 app_id，然后运行 larknb login",
    ),
    "trouble.redirect.what": (
        "The redirect URL differs from the one the login started with",
        "重定向 URL 与发起登录时不一致",
    ),
    "trouble.redirect.next": (
        "check redirect_uris in larknb.toml against the console's list",
        "核对 larknb.toml 的 redirect_uris 与开发者后台登记的重定向 URL",
    ),
    "trouble.refresh_off.what": ("This app may not renew logins", "该应用未开启刷新 user_access_token"),
    "trouble.refresh_off.next": (
        'switch on "refresh user_access_token" in the console\'s security settings and publish a version',
        "在开发者后台的安全设置中打开“刷新 user_access_token”并发布版本",
    ),
    "trouble.app_wrong.what": ("App ID or App Secret is wrong", "App ID 或 App Secret 不正确"),
    "trouble.app_wrong.next": (
        "check app_id and brand in larknb.toml and the secret (LARKNB_APP_SECRET)",
        "检查 larknb.toml 中的 app_id、brand 以及密钥（LARKNB_APP_SECRET）",
    ),
    "trouble.app_off.what": ("The app is disabled or not installed in this tenant", "应用未启用或未在本企业安装"),
    "trouble.app_off.next": ("ask the tenant's admin to enable the app", "请企业管理员启用该应用"),
    "trouble.policy.what": ("The company's access policy blocks this call", "企业访问策略拦截了本次调用"),
    "trouble.policy.next": ("ask the admin{challenge}", "请联系管理员{challenge}"),
    "trouble.policy.challenge": (", or confirm who you are at {url}", "，或在此页面完成验证：{url}"),
    "trouble.ip.what": (
        "This machine's address is not on the app's allow-list",
        "本机 IP 不在应用的 IP 白名单中",
    ),
    "trouble.ip.next": (
        "ask the app's admin to add this machine's public IPv4 address",
        "请应用管理员添加本机的公网 IPv4 地址",
    ),
    "trouble.scope_app.what": ("The app lacks the scope {scopes}", "应用缺少权限 {scopes}"),
    "trouble.scope_app.next": (
        "ask the app's admin to enable it and to publish a version: {link}",
        "请应用管理员开通该权限并发布版本：{link}",
    ),
    "trouble.scope.unnamed": ("that this call needs", "（该接口所需的权限）"),
    "trouble.scope.console": ("the developer console, permissions", "开发者后台的权限管理"),
    "trouble.scope_user.what": ("You have not granted the scope {scopes}", "你尚未授权权限 {scopes}"),
    "trouble.scope_user.next": (
        "run larknb login (in a notebook: lk.login()), which asks for just that",
        "运行 larknb login（Notebook 中：lk.login()），仅申请缺少的权限",
    ),
    "trouble.forbidden.what": ("This identity may not read it", "当前身份没有阅读权限"),
    "trouble.forbidden.next": (
        "ask its owner for access (bases with advanced permissions: a role or the manage permission)",
        "请所有者授权（开启高级权限的多维表格需要角色或可管理权限）",
    ),
    "trouble.forbidden_app.what": ("The app itself may not read it", "应用身份没有阅读权限"),
    "trouble.forbidden_app.next": (
        "share it with the app: open it, … > More > Add document app (bases with advanced permissions: a role, too)",
        "将其共享给应用：打开文档，右上角“…”> 更多 > 添加文档应用（开启高级权限的多维表格还需授予角色）",
    ),
    "trouble.missing.what": ("It was not found", "未找到对应的文档或数据表"),
    "trouble.missing.next": (
        "check the URL and the tables of this source in larknb.toml; the cache is kept",
        "检查 larknb.toml 中该数据源的 URL 与 tables；本地缓存已保留",
    ),
    "trouble.deleted.what": ("It was deleted", "它已被删除"),
    "trouble.deleted.next": (
        "the cache is kept; larknb remove NAME ends the syncing",
        "本地缓存已保留；如不再需要可运行 larknb remove NAME",
    ),
    "trouble.setting.what": ("The platform does not accept a setting of this source", "平台不接受该数据源的某个设置"),
    "trouble.setting.next": (
        "check url, tables, view, fields and filter of this source in larknb.toml",
        "检查 larknb.toml 中该数据源的 url、tables、view、fields 与 filter",
    ),
    "trouble.field.what": (
        "A column was renamed, removed or hidden by advanced permissions",
        "某列已改名、被删除或被高级权限隐藏",
    ),
    "trouble.field.next": ("check fields and filter of this source in larknb.toml", "检查该数据源的 fields 与 filter"),
    "trouble.rate.what": ("The platform is limiting the request rate", "平台正在限流"),
    "trouble.rate.next": ("wait a minute and sync again", "稍等一分钟后重新同步"),
    "trouble.quota.what": ("The tenant's API calls of this month are used up", "企业本月的 API 调用额度已用完"),
    "trouble.quota.next": (
        "wait for next month or ask the admin for a larger plan; cached data stays readable",
        "等待下月或请管理员升级套餐；已缓存的数据仍可读取",
    ),
    "trouble.busy.what": ("The platform is busy with this document", "平台正在处理该文档，暂不可读"),
    "trouble.busy.next": ("sync again in a few minutes", "几分钟后重新同步"),
    "trouble.server.what": ("The platform had an internal error", "平台内部错误"),
    "trouble.server.next": (
        "sync again later; if it stays, send the log id to Feishu support",
        "稍后重试；若持续出现，请把日志号提供给飞书支持",
    ),
    "trouble.large.what": ("The answer is too large for the platform", "返回数据超过平台限制"),
    "trouble.large.next": ("limit the source with fields or a view", "用 fields 或 view 缩小该数据源的范围"),
    "trouble.bug.what": ("The platform does not understand the request", "平台无法识别该请求"),
    "trouble.bug.next": (
        "please report this to larknb with the code and the log id",
        "请将错误码与日志号反馈给 larknb",
    ),
    "trouble.unknown.what": ("The platform answered with an error", "平台返回错误"),
    "trouble.unknown.next": ("look the code up in the platform's documentation", "在平台文档中查询该错误码"),
    "trouble.network.what": ("Could not reach {host}: {reason}", "无法连接 {host}：{reason}"),
    "trouble.network.next": (
        "check the network, the proxy settings and the certificates (REQUESTS_CA_BUNDLE), then try again",
        "检查网络、代理设置与证书（REQUESTS_CA_BUNDLE）后重试",
    ),
    "trouble.odd.what": (
        "The platform's answer is not what its documentation says ({where})",
        "平台的返回与其文档不符（{where}）",
    ),
    "trouble.odd.next": (
        "try again later; if it stays, report it with the log id: the platform may have changed",
        "请稍后重试；若持续出现，请附日志号反馈：平台接口可能已变更",
    ),
    "trouble.pages.what": (
        "After {pages} requests the platform announced another page, but did not say which",
        "平台在 {pages} 次请求后仍表示还有下一页，却未给出有效的分页标记",
    ),
    "trouble.pages.next": ("try again in a minute", "请稍后重试"),
    "trouble.endless.what": (
        "The platform's list does not end: after {pages} requests and {items} entries there is still a next page",
        "平台的列表没有结束：{pages} 次请求得到 {items} 条，仍有下一页",
    ),
    "trouble.endless.next": (
        "try again in a minute; the cache is kept",
        "请稍后重试；本地缓存已保留",
    ),
    "trouble.oversized.what": (
        "The answer of {host} is larger than {megabytes} MB",
        "{host} 的返回超过 {megabytes} MB",
    ),
    "trouble.oversized.next": (
        "try again; if it stays, limit the source with fields or a view, or check what is between you and the platform",
        "请重试；若持续出现，用 fields 或 view 缩小该数据源，或检查中间的代理",
    ),
    "trouble.slow.what": (
        "The answer of {host} started, but came too slowly",
        "{host} 的返回已开始，但过慢而被放弃",
    ),
    "trouble.slow.next": ("check the network and the proxy, then try again", "检查网络与代理后重试"),
    "trouble.undecodable.what": (
        "The answer of {host} could not be decompressed",
        "{host} 的返回无法解压",
    ),
    "trouble.undecodable.next": (
        "try again; if it stays, a proxy in between may damage it",
        "请重试；若持续出现，可能是中间的代理损坏了内容",
    ),
    "trouble.redirects.what": (
        "{host} sends the request elsewhere (HTTP {status})",
        "{host} 将请求重定向到别处（HTTP {status}）",
    ),
    "trouble.redirects.next": (
        "a proxy or a sign-in page may intercept it: open the address in a browser",
        "可能有代理或登录页拦截：请在浏览器中打开该地址",
    ),
    "trouble.certificate.what": (
        "The certificate of {host} is not trusted",
        "{host} 的证书不受信任",
    ),
    "trouble.certificate.next": (
        'if your company inspects the traffic, run pip install "larknb[truststore]" to trust what the system trusts, or'
        " set REQUESTS_CA_BUNDLE to its CA file; else do not use this network",
        '若公司会解密流量，请运行 pip install "larknb[truststore]"（信任系统证书），或将 REQUESTS_CA_BUNDLE 设为'
        "其 CA 文件；否则请勿使用该网络",
    ),
    "trouble.tls.what": (
        "No encrypted connection to {host} could be set up",
        "无法与 {host} 建立加密连接",
    ),
    "trouble.tls.next": (
        "check the proxy (HTTPS_PROXY) and other devices on the way, then try again",
        "检查代理（HTTPS_PROXY）与中间设备后重试",
    ),
    "trouble.bundle.what": (
        "The file of trusted certificates is missing or empty: {path}",
        "受信任证书文件不存在或不含证书：{path}",
    ),
    "trouble.bundle.next": (
        "correct or remove REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE in the environment; without either reinstall certifi",
        "修正或删除环境变量 REQUESTS_CA_BUNDLE 与 CURL_CA_BUNDLE；若均未设置，请重新安装 certifi",
    ),
    "trouble.socks.what": (
        "The proxy is a SOCKS proxy, and PySocks is not installed",
        "代理为 SOCKS 代理，但未安装 PySocks",
    ),
    "trouble.socks.next": (
        "pip install pysocks, or set HTTPS_PROXY and ALL_PROXY to an HTTP proxy",
        "pip install pysocks，或将 HTTPS_PROXY 与 ALL_PROXY 改为 HTTP 代理",
    ),
    "trouble.proxy_address.what": ("The address of the proxy is not valid", "代理地址无效"),
    "trouble.proxy_address.next": (
        "check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY: http://host:port",
        "检查 HTTPS_PROXY、HTTP_PROXY 与 ALL_PROXY：http://主机:端口",
    ),
    "trouble.proxy_login.what": (
        "The proxy wants a user name and a password (HTTP 407)",
        "代理要求用户名与密码（HTTP 407）",
    ),
    "trouble.proxy_login.next": (
        "set HTTPS_PROXY to http://user:password@host:port; special characters percent-encoded",
        "将 HTTPS_PROXY 设为 http://用户名:密码@主机:端口，特殊字符需百分号编码",
    ),
    "trouble.proxy_refusal.what": (
        "The proxy does not let requests to {host} through (HTTP {status})",
        "代理不允许访问 {host}（HTTP {status}）",
    ),
    "trouble.proxy_refusal.next": (
        "ask whoever runs the proxy to allow the host, or name it in NO_PROXY",
        "请代理管理员放行该主机，或将其加入 NO_PROXY",
    ),
    "trouble.header.what": (
        "The request to {host} cannot be sent: a header of it contains an invalid character",
        "发往 {host} 的请求无法发送：请求头含有不允许的字符",
    ),
    "trouble.header.next": (
        "run larknb login; if it stays, check app_id and the secret for line breaks and other odd characters",
        "运行 larknb login；若仍出现，检查 app_id 与密钥中是否有换行等异常字符",
    ),
    "trouble.address.what": ("{host} is not a valid address", "{host} 不是可访问的地址"),
    "trouble.address.next": (
        "check open_base and accounts_base in larknb.toml",
        "检查 larknb.toml 中的 open_base 与 accounts_base",
    ),
    "trouble.empty.what": ("The platform answered with success and no data", "平台返回成功，但没有数据"),
    "trouble.empty.next": ("try again in a minute; the cache is kept", "请稍后重试；本地缓存已保留"),
    "trouble.garbled.what": (
        "{host} answered with something that is not the API's JSON (HTTP {status})",
        "{host} 返回的不是接口 JSON（HTTP {status}）",
    ),
    "trouble.garbled.next": (
        "try again; if it stays, a proxy or a sign-in page may intercept it",
        "请重试；若持续出现，可能有代理或登录页拦截了请求",
    ),
    "login.reason.proxy": ("the proxy refused", "代理拒绝连接"),
    "login.reason.timeout": ("no answer in time", "等待响应超时"),
    "login.reason.connection": ("no connection, or it was cut", "无法建立连接或连接中断"),
}
