"""The catalogue: every text that a user reads, in English and Chinese.

``say("login.done", name="张三")`` gives one of them, filled in. The language is the argument, else that of the
`speaking` block around, else ``LARKNB_LANG``, else the machine's locale. A test keeps the two columns complete and
their placeholders equal.
"""

from __future__ import annotations

import locale
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

__all__ = ["CATALOGUE", "language", "say", "speaking"]

_spoken: ContextVar[str | None] = ContextVar("larknb_language", default=None)


def language(lang: str | None = None) -> str:
    """Return ``"zh"`` or ``"en"``: what was asked for, else what is spoken here, ``LARKNB_LANG``, or the locale."""
    wanted = lang or _spoken.get() or os.environ.get("LARKNB_LANG") or _locale()
    return "zh" if wanted.lower().startswith(("zh", "chinese")) else "en"


@contextmanager
def speaking(lang: str | None) -> Iterator[None]:
    """Speak one language inside, errors included; None changes nothing. A thread has to be given the context."""
    token = _spoken.set(lang or _spoken.get())
    try:
        yield
    finally:
        _spoken.reset(token)


@cache
def _locale() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return value
    # On Windows the variables are unset; getlocale says "Chinese (Simplified)_China" or "zh_CN" there.
    return locale.getlocale()[0] or "en"


def say(key: str, lang: str | None = None, **values: Any) -> str:
    """Return the text of ``key`` in the user's language, with ``values`` filled in."""
    english, chinese = CATALOGUE[key]
    return (chinese if language(lang) == "zh" else english).format(**values)


CATALOGUE: dict[str, tuple[str, str]] = {
    # --- how an error is put together ---------------------------------------------------------------------------
    "error.code": (" (code {code})", "（错误码 {code}）"),
    "error.source": (" Source: {source}.", " 来源：{source}。"),
    "error.asker": (" Read as {who}.", " 读取身份：{who}。"),
    "error.next": (" Next: {next}", " 下一步：{next}"),
    "error.log": (" Log id: {log_id}.", " 日志号：{log_id}。"),
    "error.server": (" The server says: {msg}.", " 服务器返回：{msg}。"),
    "asker.user": ("{who}", "{who}"),
    "asker.tenant": ("the app itself, {who}", "应用身份 {who}"),
    # --- what the platform's codes mean, and what to do ---------------------------------------------------------
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
        '在 larknb.toml 中为该来源改用 identity = "user" 或 "tenant"',
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
    "trouble.user_gone.what": ("This account is missing, frozen or has left", "该账号不存在、被冻结或已离职"),
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
    "trouble.policy.what": ("The company's access policy stops this call", "企业访问策略拦截了本次调用"),
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
        "检查 larknb.toml 中该来源的 URL 与 tables；本地缓存已保留",
    ),
    "trouble.deleted.what": ("It was deleted", "它已被删除"),
    "trouble.deleted.next": (
        "the cache is kept; larknb remove NAME ends the syncing",
        "本地缓存已保留；如不再需要可运行 larknb remove NAME",
    ),
    "trouble.setting.what": ("The platform does not accept a setting of this source", "平台不接受该来源的某个设置"),
    "trouble.setting.next": (
        "check url, tables, view, fields and filter of this source in larknb.toml",
        "检查 larknb.toml 中该来源的 url、tables、view、fields 与 filter",
    ),
    "trouble.field.what": (
        "A column was renamed, removed or hidden by advanced permissions",
        "某列已改名、被删除或被高级权限隐藏",
    ),
    "trouble.field.next": ("check fields and filter of this source in larknb.toml", "检查该来源的 fields 与 filter"),
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
    "trouble.large.next": ("limit the source with fields or a view", "用 fields 或 view 缩小该来源的范围"),
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
    "trouble.pages.what": (
        "The platform promised another page but did not say which",
        "平台表示还有下一页，却未给出有效的分页标记",
    ),
    "trouble.pages.next": ("try again in a minute", "请稍后重试"),
    "trouble.empty.what": ("The platform answered with success and no data", "平台返回成功，但没有数据"),
    "trouble.empty.next": ("try again in a minute; the cache is kept", "请稍后重试；本地缓存已保留"),
    "trouble.garbled.what": (
        "{host} answered with something that is not the API's JSON (HTTP {status})",
        "{host} 返回的不是接口 JSON（HTTP {status}）",
    ),
    "trouble.garbled.next": (
        "try again; if it stays, a proxy or a sign-in page may stand in between",
        "请重试；若持续出现，可能有代理或登录页拦截了请求",
    ),
    "error.stop": (".", "。"),
    # --- results ------------------------------------------------------------------------------------------------
    "report.title": ("Sync", "同步结果"),
    "report.ok": ("{sources} source(s), {calls} requests.", "{sources} 个来源，{calls} 次请求。"),
    "report.failed": (
        "{sources} source(s), {calls} requests, {failed} failed or not tried: see the last column.",
        "{sources} 个来源，{calls} 次请求，{failed} 项失败或未尝试：见最后一列。",
    ),
    "status.title": ("Status", "状态"),
    "status.calls": ("{calls} API calls this month", "本月已调用 API {calls} 次"),
    "status.forecast": (", about {forecast} by its end at the present pace", "，按目前频率月底约 {forecast} 次"),
    "status.budget": (", budget {budget}", "，预算 {budget} 次"),
    "sources.title": ("Sources", "来源"),
    "sources.none": (
        'No sources yet. Next: larknb add URL, or lk.add("https://…").',
        '还没有来源。下一步：larknb add URL，或 lk.add("https://…")。',
    ),
    "schema.title": ("Columns", "列"),
    "user.who": ("Logged in as", "当前登录"),
    "user.app": ("the app itself (tenant identity)", "应用身份（tenant）"),
    "user.where": ("App", "应用"),
    "user.access": ("Access until (renews itself)", "访问令牌有效至（自动续期）"),
    "user.access_last": ("Access until (cannot renew itself)", "访问令牌有效至（无法续期）"),
    "status.ended": ("{name}: the login has ended, run larknb login", "{name}：登录已失效，请运行 larknb login"),
    "status.ending": (
        "{name}: the login cannot renew itself, run larknb login soon",
        "{name}：登录无法续期，请尽快运行 larknb login",
    ),
    "status.lacking": (
        "{name}: sources need more scopes ({scopes}), run larknb login, which asks for these alone",
        "{name}：来源还需要权限（{scopes}），请运行 larknb login，仅申请这些权限",
    ),
    "user.unknown": ("somebody (the first use tells who)", "身份待首次使用时确认"),
    "user.beside": ("Other sources are read by", "其他来源的读取身份"),
    "read.some": (" Read as {who}: {sources}.", " 以 {who} 读取：{sources}。"),
    "user.refresh": ("Log in again before", "请在此之前重新登录"),
    "user.consent": ("Consent ends", "授权到期"),
    "column.source": ("Source", "来源"),
    "column.kind": ("Kind", "类型"),
    "column.table": ("Table", "表"),
    "column.action": ("Action", "动作"),
    "column.rows": ("Rows", "行数"),
    "column.added": ("Added", "新增"),
    "column.changed": ("Changed", "变更"),
    "column.removed": ("Removed", "删除"),
    "column.calls": ("Calls", "请求"),
    "column.seconds": ("Seconds", "秒"),
    "column.problem": ("Problem", "问题"),
    "column.state": ("State", "状态"),
    "column.age": ("Age", "时间"),
    "column.last_error": ("Last error", "最近错误"),
    "column.bytes": ("Size", "大小"),
    "column.name": ("Name", "名称"),
    "column.field_id": ("Field", "字段"),
    "column.type": ("Type", "类型"),
    "column.dtype": ("dtype", "dtype"),
    "column.description": ("Description", "说明"),
    "column.options": ("Options", "选项"),
    "column.empty": ("Empty", "空值"),
    "action.kept": ("kept", "未到检查时间"),
    "action.unchanged": ("unchanged", "无变化"),
    "action.fetched": ("fetched", "已更新"),
    "action.failed": ("failed", "失败"),
    "action.not tried": ("not tried", "未尝试"),
    "state.fresh": ("fresh", "最新"),
    "state.stale": ("stale", "待更新"),
    "state.failed": ("failed", "失败"),
    "state.never": ("never synced", "未同步"),
    "kind.bitable": ("Bitable", "多维表格"),
    "kind.spreadsheet": ("spreadsheet", "电子表格"),
    "kind.document": ("document", "文档"),
    "kind.wiki": ("wiki page", "知识库页面"),
    "kind.": ("", ""),
    "age.never": ("never", "从未"),
    "age.seconds": ("{n} s", "{n} 秒"),
    "age.minutes": ("{n} min", "{n} 分钟"),
    "age.hours": ("{n} h", "{n} 小时"),
    "age.days": ("{n} d", "{n} 天"),
    "progress.source": ("{done} of {total}: {source}", "第 {done}/{total} 个：{source}"),
    "progress.table": (
        "{done} of {total}: {source} / {table}, {rows} of {rows_total} rows",
        "第 {done}/{total} 个：{source} / {table}，{rows}/{rows_total} 行",
    ),
    "progress.done": ("[{done}/{total}] {source}", "[{done}/{total}] {source}"),
    # --- links and configuration: links.py, config.py -------------------------------------------------------------
    "link.unknown.what": (
        "This is not the address of a Bitable, spreadsheet, document, wiki page or folder",
        "这不是多维表格、电子表格、文档、知识库页面或文件夹的链接",
    ),
    "link.unknown.next": (
        "open it in the browser and copy the address: …/base/…, /sheets/…, /docx/…, /wiki/… or /drive/folder/…",
        "在浏览器中打开并复制地址栏链接：…/base/…、/sheets/…、/docx/…、/wiki/… 或 /drive/folder/…",
    ),
    "link.bare.what": ("A token alone does not tell what it is", "仅凭 token 无法判断类型"),
    "link.bare.next": (
        "give the whole address, or say the kind: bitable, spreadsheet, document, wiki, space or folder",
        "请提供完整链接，或注明 kind：bitable、spreadsheet、document、wiki、space 或 folder",
    ),
    "link.other.what": (
        "The link says that this is a {found}, but kind says {kind}",
        "链接表明类型为 {found}，而 kind 写的是 {kind}",
    ),
    "link.other.next": ("leave kind out, or correct the link", "删去 kind，或更正链接"),
    "link.form.what": (
        "This link shares a form or a view; it does not tell which base it belongs to",
        "这是表单或视图的分享链接，无法得知所属的多维表格",
    ),
    "link.form.next": (
        "open the base itself and copy its address (…/base/…)",
        "打开多维表格本身并复制地址栏链接（…/base/…）",
    ),
    "link.record.what": (
        "This link leads to one record; it does not tell which base it belongs to",
        "这是单条记录的链接，无法得知所属的多维表格",
    ),
    "link.record.next": (
        "open the base itself and copy its address (…/base/…)",
        "打开多维表格本身并复制地址栏链接（…/base/…）",
    ),
    "link.doc.what": (
        "This is a document of the old kind (/docs/), which cannot be read block by block",
        "这是旧版文档（/docs/），无法按块读取",
    ),
    "link.doc.next": (
        "turn it into a new document in Feishu and copy its new address (…/docx/…)",
        "在飞书中将其转换为新版文档，再复制新链接（…/docx/…）",
    ),
    "link.file.what": (
        "This is an uploaded file, not an online table or document",
        "这是上传的文件，不是在线表格或文档",
    ),
    "link.file.next": (
        "import it as an online spreadsheet or document, or download it by hand",
        "将其导入为在线电子表格或文档，或自行下载",
    ),
    "link.mindnote.what": ("This is a mind note, which has no readable form", "这是思维笔记，无法读取"),
    "link.mindnote.next": ("copy what you need into a document", "将需要的内容复制到文档中"),
    "link.slides.what": ("These are slides, which have no readable form", "这是幻灯片，无法读取"),
    "link.slides.next": ("copy what you need into a document", "将需要的内容复制到文档中"),
    "config.file.what": ("The file cannot be read or written: {reason}", "无法读写该文件：{reason}"),
    "config.file.next": (
        "check its permissions, and whether another program holds it",
        "检查文件权限，以及是否被其他程序占用",
    ),
    "config.encoding.what": ("The file is not UTF-8", "该文件不是 UTF-8 编码"),
    "config.encoding.next": ("save it as UTF-8 in your editor", "在编辑器中将其另存为 UTF-8"),
    "config.toml.what": ("The file is not valid TOML: {reason}", "该文件不是有效的 TOML：{reason}"),
    "config.toml.next": ("correct this place", "更正此处"),
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
    "config.accepted": ("accepted: {accepted}", "可用：{accepted}"),
    "config.value": ("{value} is not accepted", "{value} 不是可用的值"),
    "config.section.what": ("[{name}] must be a section of its own", "[{name}] 必须是独立的小节"),
    "config.section.next": (
        "write [{name}] on one line, and below it key = value",
        "单独一行写 [{name}]，其下写 键 = 值",
    ),
    "config.line": ("line {line}", "第 {line} 行"),
    "config.no_url": ("The source has no url", "该来源缺少 url"),
    "config.sources.what": ("Each source is a block of its own", "每个来源应是独立的一段"),
    "config.sources.next": (
        'write [[sources]] on one line, and below it name = "…" and url = "…"',
        '单独一行写 [[sources]]，其下写 name = "…" 与 url = "…"',
    ),
    "config.secret.what": ("A secret does not belong in this file", "密钥不应写在此文件中"),
    "config.secret.next": (
        "remove the line and set the environment variable LARKNB_APP_SECRET, LARKNB_NOTIFY_URL or LARKNB_NOTIFY_KEY",
        "删除该行，改用环境变量 LARKNB_APP_SECRET、LARKNB_NOTIFY_URL 或 LARKNB_NOTIFY_KEY",
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
    "config.pair.what": (
        "{given} names a platform of its own, {missing} does not",
        "{given} 指定了另外的平台，而 {missing} 没有",
    ),
    "config.pair.next": ("set {missing} too", "请同时设置 {missing}"),
    "config.same_name": ("Two sources are called {name}", "有两个来源同名：{name}"),
    "config.same_source": ("This source is there twice: {name}", "该来源重复出现：{name}"),
    "config.same.next": ("rename or remove one of them", "重命名或删除其中之一"),
    "config.edit.what": ("The file is written in a way that larknb cannot edit", "该文件的写法无法由 larknb 自动修改"),
    "config.edit.next": (
        "edit it by hand: one [app] section, and one [[sources]] block for each source",
        "请手动修改：一个 [app] 小节，每个来源一段 [[sources]]",
    ),
    "source.unknown": ("There is no source {name}", "没有名为 {name} 的来源"),
    "source.near": ("perhaps you mean {near}", "是否想用：{near}"),
    "source.none": ("add one first: larknb add URL", "请先添加来源：larknb add URL"),
    "accept.text": ("a text", "文本"),
    "accept.app_id": ('the App ID of the developer console, "cli_…"', '开发者后台的 App ID，"cli_…"'),
    "accept.url": (
        "the address of a Bitable, spreadsheet, document, wiki page or folder",
        "多维表格、电子表格、文档、知识库页面或文件夹的链接",
    ),
    "accept.flag": ("true or false", "true 或 false"),
    "accept.names": ('a list of texts such as ["A", "B"]', '文本列表，例如 ["A", "B"]'),
    "accept.count": ("a whole number of 1 or more", "不小于 1 的整数"),
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
    "config.template": (
        """\
# larknb: which app, which data, how fresh. A line that begins with # shows a default or an example.
# Paths on Windows: 'D:\\data' in single quotes, or "D:/data".

[app]
# app_id = "cli_example"             # from the developer console; its secret never stands here: set LARKNB_APP_SECRET
# brand = "feishu"                   # or "lark"
# redirect_uris = ["http://localhost:8765/callback", "http://localhost:8766/callback"]  # register both in the console
# identity = "user"                  # or "tenant": the app itself, which needs no login
# token_file = "work/fault_diagnosis_token_cache.json"  # or "user": one login for all folders of this person;
#                                    # "keyring": the same, its tokens in the system's keychain (larknb[keyring])

[cache]
# dir = "work"
# max_age = "1h"                     # what is younger is not even asked about
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
# identity = "user"                  # 或 "tenant"：应用身份，无需登录
# token_file = "work/fault_diagnosis_token_cache.json"  # 或 "user"：本人所有文件夹共用一次登录；
#                                    # "keyring"：同上，令牌存入系统钥匙串（larknb[keyring]）

[cache]
# dir = "work"
# max_age = "1h"                     # 未超过此时长的数据不再询问
# full_every = "1d"                  # 超过此时长，即使看似没有变化也重新读取
# history = "90d"                    # 每天一份的快照保留多久
# formats = ["parquet"]              # 可加 "json"
# settle = "5s"                      # 读取有变动的多维表格前的等待

[budget]
# monthly_calls = 10000              # 同步在超过此数之前停止

[schedule]
# report = true                      # 在每次运行的 notebook 旁生成不含代码的 HTML 页面：需要 larknb[report]

# 每个来源一段；也可由 "larknb add URL" 写入。
# [[sources]]
# name = "…"
# url = "https://example.feishu.cn/base/…"
""",
    ),
    # --- login: auth/ -----------------------------------------------------------------------------------------------
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
    "login.reason.proxy": ("the proxy refused", "代理拒绝连接"),
    "login.reason.certificate": ("the certificate is not trusted", "证书不受信任"),
    "login.reason.timeout": ("no answer in time", "等待响应超时"),
    "login.reason.connection": ("no connection, or it was cut", "无法建立连接或连接中断"),
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
    "login.historic.what": (
        "The login of the old script cannot be taken over: the platform no longer renews logins of its kind",
        "无法沿用旧脚本的登录：平台已不再支持续期此类旧版登录",
    ),
    "login.folder_open.what": (
        "Others on this machine can write to {path} and could put a login of theirs there",
        "本机其他用户可以写入 {path}，可能在其中放入他们的登录",
    ),
    "login.folder_open.next": (
        'run chmod go-w "{path}", or set token_file = "user" in larknb.toml to keep the login in your own folder',
        '运行 chmod go-w "{path}"，或在 larknb.toml 中设置 token_file = "user"，把登录存放到个人目录',
    ),
    "login.folder_foreign.what": (
        "{path} belongs to another user of this machine, who could put a login of theirs there",
        "{path} 属于本机其他用户，对方可能在其中放入他们的登录",
    ),
    "login.folder_foreign.next": (
        'set token_file = "user" in larknb.toml to keep the login in your own folder',
        '在 larknb.toml 中设置 token_file = "user"，把登录存放到个人目录',
    ),
    "login.remote": (
        "The login lies on a network drive ({path}): if two machines renew it at the same moment it may be lost."
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
        "There is no system keychain that the login could be kept in",
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
    "login.denied.what": ("The sign-in was refused ({reason})", "授权被拒绝（{reason}）"),
    "login.denied.next": ("start the login again and approve", "重新开始登录并同意授权"),
    "login.other.what": ("The pasted address belongs to another login", "粘贴的地址属于另一次登录"),
    "login.other.next": (
        "open the newest link, and paste the address on which it ends",
        "打开最新的授权链接，再粘贴浏览器最后停留的地址",
    ),
    "login.pasted.what": ("The pasted text holds no code", "粘贴的内容中没有授权码"),
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
    "login.lacking": (
        "Not granted: {scopes}. Sources that need them fail until a login grants them.",
        "未授予的权限：{scopes}。需要这些权限的来源将无法同步，直至重新登录并授权。",
    ),
    "login.not_enabled": (
        "The app lacks scopes that sources need ({sources}), so this login cannot ask for them. Ask its admin to enable"
        " them and to publish a version: {link}",
        "应用缺少来源所需的权限（{sources}），本次登录无法申请。请应用管理员开通并发布版本：{link}",
    ),
    "login.page.received.title": ("Approval received", "已收到授权"),
    "login.page.received": (
        "You may close this page and go back to the notebook or the terminal; it tells whether you are signed in.",
        "可以关闭此页，回到 Notebook 或终端查看登录结果。",
    ),
    "login.page.denied.title": ("Not approved", "未授权"),
    "login.page.denied": (
        "You may close this page. To sign in, start the login again in the notebook or the terminal.",
        "可以关闭此页。如需登录，请在 Notebook 或终端中重新开始。",
    ),
    "login.page.stranger.title": ("Nothing to see here", "此页无内容"),
    "login.page.stranger": (
        "This address waits for the answer to one sign-in. Use the newest link of the notebook or the terminal.",
        "此地址只等待一次登录的回应。请使用 Notebook 或终端中最新的授权链接。",
    ),
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
        "Its last page cannot be loaded, and that is right: copy the address from the address bar and paste it below.",
        "最后的页面无法打开属正常情况：请复制地址栏中的地址并粘贴到下方。",
    ),
    "login.terminal.busy": (
        "Another program holds {uris}, so the browser cannot come back here.",
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
    # --- the login card: notebook/card.py, notebook/login.py ---------------------------------------------------------
    "card.setup.title": ("Connect larknb to an app of your company", "将 larknb 连接到企业自建应用"),
    "card.setup.console": (
        "1. Open the developer console, and create a custom app if there is none:",
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
        "5. Enter App ID and App Secret (credentials and basic info). The secret stays in a file of yours alone.",
        "5. 填写 App ID 与 App Secret（凭证与基础信息页）。密钥仅保存在只有你可读的本地文件中。",
    ),
    "card.setup.save": ("Save and go on", "保存并继续"),
    "card.feishu": ("Feishu (feishu.cn)", "飞书（feishu.cn）"),
    "card.lark": ("Lark (larksuite.com)", "Lark（larksuite.com）"),
    "card.brand": ("Platform", "平台"),
    "card.copy": ("Copy", "复制"),
    "card.copied": ("Copied", "已复制"),
    "card.preparing.title": ("One moment…", "请稍候…"),
    "card.waiting.title": ("Sign in", "登录"),
    "card.again.title": ("Signed in as {name}; sign in anew", "当前登录：{name}；重新登录"),
    "card.more.title": ("Signed in as {name}; one more approval is needed", "当前登录：{name}；还需补充授权"),
    "card.more": ("The sources need more than was granted: {scopes}", "数据来源还需要以下授权：{scopes}"),
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
        "Approve in the page that opens. The last page cannot be loaded, and that is right: copy the address from its"
        " address bar and paste it below.",
        "在打开的页面中同意授权。最后的页面无法打开属正常情况：请复制其地址栏中的地址并粘贴到下方。",
    ),
    "card.waiting.busy": ("Held by another program: {uris}.", "已被其他程序占用：{uris}。"),
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
        "lk.logout() signs out, lk.login(force=True) signs in anew.",
        "lk.logout() 退出登录，lk.login(force=True) 重新登录。",
    ),
    "card.sign_out": ("Sign out", "退出登录"),
    "card.start": ("Sign in", "登录"),
    "card.gone.title": ("Signed out", "已退出登录"),
    "card.gone.next": ("Cached data stays readable.", "已缓存的数据仍可读取。"),
    "card.failed.title": ("Not signed in", "登录未完成"),
    "card.ended": ("This card waits no longer: run the cell again.", "此卡片已停止等待：请重新运行此单元格。"),
    "card.unanswered.what": ("Nobody approved the sign-in in time", "在有效时间内未收到授权"),
    "card.unanswered.next": ("start again, and approve in the browser", "重新开始，并在浏览器中同意授权"),
    "card.no_widgets": (
        "(Fields and buttons show here where Jupyter widgets load. Without them the link above works all the same;"
        ' if the kernel runs on another machine, use lk.login(method="device").)',
        "（此处的输入框与按钮需要 Jupyter widgets。没有它们时上方链接同样可用；"
        '若内核在另一台机器上运行，请用 lk.login(method="device")。）',
    ),
    # --- set-up: setup.py, larknb init ------------------------------------------------------------------------------
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
    "init.logged_in": ("Logged in as {name}.", "已登录：{name}。"),
    "init.stopped.nothing": ("Stopped; nothing was changed.", "已停止，未作任何更改。"),
    "init.stopped.kept": (
        "Stopped. What was written is kept; larknb init goes on from there.",
        "已停止。已写入的设置会保留；再次运行 larknb init 可继续。",
    ),
    "init.next": (
        "\nWhat next:\n  larknb add URL   add another table or document\n  larknb sync      read them all\n"
        "  notebooks        the same in Jupyter: open 01_login.ipynb in this folder",
        "\n接下来：\n  larknb add URL   添加其他表格或文档\n  larknb sync      读取全部数据\n"
        "  notebooks        在 Jupyter 中完成同样的操作：打开该文件夹中的 01_login.ipynb",
    ),
    # --- sync, cache, workspace -------------------------------------------------------------------------------------
    "budget.what": ("The budget of {budget} calls a month is used up", "本月 {budget} 次调用的预算已用完"),
    "budget.next": (
        "raise monthly_calls in larknb.toml or wait for next month; cached data stays readable",
        "调高 larknb.toml 中的 monthly_calls 或等待下月；已缓存的数据仍可读取",
    ),
    "cache.damaged": (
        "The manifest {path} is damaged; the source counts as never synced",
        "清单文件 {path} 已损坏；该来源视为从未同步",
    ),
    "stored.newer.what": ("{path} was written by a newer larknb", "{path} 由更新版本的 larknb 写入"),
    "stored.newer.next": ("upgrade larknb", "请升级 larknb"),
    "cache.latest": (
        "Could not replace {path} ({reason}); it follows at the next sync",
        "无法替换 {path}（{reason}）；将在下次同步时更新",
    ),
    "shrink.next": (
        "sync again in 10 minutes, or larknb sync --accept-shrink if you know that the rows were deleted",
        "10 分钟后再次同步；若确认这些行已被删除，可使用 larknb sync --accept-shrink",
    ),
    "shrink.held": (
        "{before} rows became {after}: held back until a second look 10 minutes later agrees, or accept_shrink",
        "行数从 {before} 变为 {after}：暂不采用，待至少 10 分钟后再次读取结果一致，或使用 accept_shrink",
    ),
    "wiki.kind.what": (
        "This wiki page is a {kind}, which larknb does not read",
        "该知识库页面的类型为 {kind}，larknb 不支持读取",
    ),
    "wiki.kind.next": (
        "use a page that holds a Bitable, a spreadsheet or a document",
        "请使用多维表格、电子表格或文档类型的页面",
    ),
    "table.missing.what": ("There is no table {table}", "没有名为 {table} 的数据表"),
    "table.missing.next": ("name one of: {tables}", "请使用以下之一：{tables}"),
    "table.gone": (
        "the table is gone from the base; its cached rows are kept",
        "该数据表已从多维表格中删除；缓存的行已保留",
    ),
    "view.tables.what": (
        "The view {view} belongs to one table, but the source has several",
        "视图 {view} 属于单个数据表，而该来源包含多个数据表",
    ),
    "view.tables.next": ('name that table: tables = ["…"]', '请指定该数据表：tables = ["…"]'),
    "field.missing.what": ("Table {table} has no column {field}", "数据表 {table} 没有列 {field}"),
    "field.missing.next": ("name some of: {fields}", "可用的列：{fields}"),
    "advanced.what": (
        "Table {table} reads empty, and the base has advanced permissions: this identity may not see its rows",
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
    "torn.next": ("sync again in a minute; the cache is kept", "稍后重新同步；本地缓存已保留"),
    "kind.unread.what": ("This version does not read sources of kind {kind}", "当前版本不支持读取 {kind} 类型的来源"),
    "kind.unread.next": ("upgrade larknb", "请升级 larknb"),
    "unexpected.what": ("Something unexpected went wrong: {error}", "发生意外错误：{error}"),
    "unexpected.next": ("see work/logs/larknb.log and please report it", "查看 work/logs/larknb.log 并反馈"),
    "disk.what": ("Could not write the cache: {reason}", "无法写入缓存：{reason}"),
    "disk.next": ("check the free space and the permissions of the cache folder", "检查缓存文件夹的剩余空间与权限"),
    # --- command line and demo --------------------------------------------------------------------------------------
    "cli.about": (
        "Feishu/Lark data in notebooks: log in once, sync, explore offline.",
        "在 notebook 中使用飞书数据：一次登录，同步，离线分析。",
    ),
    "cli.home": ("the workspace folder (default: found upwards from here)", "工作区文件夹（默认：从当前目录向上查找）"),
    "cli.json": ("print JSON for programs", "输出 JSON，供程序读取"),
    "cli.init": (
        "set this folder up: asks for app and first source, and checks each answer; again changes only what differs",
        "设置本文件夹：询问应用与第一个来源，并逐项检查；再次运行只修改不同的答案",
    ),
    "cli.init.app_id": ("App ID of the developer console (cli_…)", "开发者后台的 App ID（cli_…）"),
    "cli.init.brand": ("the platform of the app (default: feishu)", "应用所属平台（默认：feishu）"),
    "cli.init.secret": (
        "read the App Secret from the standard input; otherwise it is asked, or comes from LARKNB_APP_SECRET",
        "从标准输入读取 App Secret；否则会询问，或取自 LARKNB_APP_SECRET",
    ),
    "cli.init.redirect": (
        "where the browser comes back to, as registered in the console; may be repeated",
        "浏览器返回的地址，须与后台登记的一致；可重复",
    ),
    "cli.init.token_file": (
        'where the login is kept, or "user": one login for all your folders',
        '登录信息的保存位置，或 "user"：你的所有文件夹共用一次登录',
    ),
    "cli.init.base": (
        "address of a private deployment; its host must be named in LARKNB_TRUSTED_HOSTS",
        "私有化部署的地址；主机须列入 LARKNB_TRUSTED_HOSTS",
    ),
    "cli.init.source": ("the first source", "第一个来源"),
    "cli.login": ("log in", "登录"),
    "cli.login.method": ("how the answer comes back", "如何返回授权结果"),
    "cli.login.wait": ("wait this long for the browser when nobody can be asked", "无人值守时等待浏览器授权的秒数"),
    "cli.login.force": ("log in again although there is a login", "即使已登录也重新登录"),
    "cli.logout": ("forget the login of this folder", "清除本文件夹的登录"),
    "cli.logged_out": ("Logged out; cached data stays.", "已退出登录；缓存数据保留。"),
    "cli.whoami": ("who is logged in, and until when", "当前登录的用户与有效期"),
    "cli.status": ("health of login, sources, cache and quota", "登录、来源、缓存与额度的状态"),
    "cli.sources": ("list the configured sources", "列出已配置的来源"),
    "cli.add": ("add a source by its URL", "通过 URL 添加来源"),
    "cli.add.name": ("what to call it (default: its title)", "来源名称（默认：标题）"),
    "cli.add.table": ("only this table; may be repeated", "仅同步该数据表；可重复"),
    "cli.added": ("Added {name} ({kind}).", "已添加 {name}（{kind}）。"),
    "cli.added.next": ('Next: larknb sync "{name}"', '下一步：larknb sync "{name}"'),
    "cli.remove": ("take a source out of larknb.toml; its cache stays", "从 larknb.toml 中移除来源；缓存保留"),
    "cli.removed": ("Removed {name}; its cache stays on disk.", "已移除 {name}；其缓存仍保留在磁盘上。"),
    "cli.sync": ("bring the caches up to date", "更新缓存"),
    "cli.kind": ("only sources of this kind", "仅该类型的来源"),
    "cli.force": ("read whatever the change stamps say", "忽略变更标记，强制读取"),
    "cli.accept_shrink": ("take a table that lost more than half of its rows", "接受行数减少一半以上的数据表"),
    "cli.quiet": ("no progress lines", "不显示进度"),
    "cli.load": ("show or export a table of the cache; offline", "查看或导出缓存中的数据表（离线）"),
    "cli.read": ("sync one source if it is stale, then show or export it", "必要时同步单个来源，然后查看或导出"),
    "cli.table": ("the table, where the source has several", "数据表（来源包含多个表时）"),
    "cli.columns": ("only these columns", "仅这些列"),
    "cli.as_of": ("an earlier state: a date, yesterday, a snapshot, -1", "历史状态：日期、yesterday、快照编号或 -1"),
    "cli.csv": (
        "write CSV that Excel opens; without FILE to the screen",
        "写出 Excel 可直接打开的 CSV；省略 FILE 则输出到屏幕",
    ),
    "cli.load.json": ("write JSON records; without FILE to the screen", "写出 JSON 记录；省略 FILE 则输出到屏幕"),
    "cli.parquet": ("write Parquet", "写出 Parquet"),
    "cli.loaded": ("{rows} rows of {source} / {table}, synced {at}", "{source} / {table} 共 {rows} 行，同步于 {at}"),
    "cli.schema": ("columns of a table", "数据表的列"),
    "cli.paths": ("the current files of a source", "来源的当前文件"),
    "cli.demo": ("a sample workspace from a stand-in platform on this machine", "使用本机模拟平台的示例工作区"),
    "cli.demo.folder": ("where to put it (default: larknb-demo)", "存放位置（默认：larknb-demo）"),
    "cli.sandbox": ("serve the stand-in platform on loopback", "在本机启动模拟平台"),
    "workspace.created": ("Created larknb.toml and work/ in {path}", "已在 {path} 创建 larknb.toml 与 work/"),
    "login.nobody.what": (
        "A login needs somebody to approve it, and nobody is here",
        "登录需要有人授权，而当前无人值守",
    ),
    "login.nobody.next": (
        "log in once from a notebook or a terminal: larknb login",
        "请先在 notebook 或终端中登录一次：larknb login",
    ),
    "notsynced.what": ("It was never synced", "尚未同步过"),
    "notsynced.next": ('larknb sync "{name}", or lk.sync("{name}")', 'larknb sync "{name}"，或 lk.sync("{name}")'),
    "document.what": ("It is a document, not a table", "这是文档，不是数据表"),
    "document.next": ("use lk.document(name)", "请使用 lk.document(name)"),
    "choose.what": ("The source has {count} tables", "该来源包含 {count} 个数据表"),
    "choose.next": ("name one of them: {tables}", "请指定其一：{tables}"),
    "busy.what": ("Another sync is running ({owner})", "另一个同步正在运行（{owner}）"),
    "busy.next": ("wait for it to end, or end that process", "等待其结束，或结束该进程"),
    "history.none.what": ("There is no snapshot of {when}", "没有 {when} 的快照"),
    "history.none.next": ("the oldest one is {first}", "最早的快照为 {first}"),
    "history.when.what": ("{when} is no moment", "无法识别的时间：{when}"),
    "history.when.next": (
        "use a time, a date such as 2026-01-16, yesterday, a snapshot id, or a negative index",
        "请使用时间、日期（如 2026-01-16）、yesterday、快照编号或负数序号",
    ),
    "demo.serving": ("A stand-in of the platform serves sample data at {url}", "本机模拟平台已启动：{url}"),
    "demo.signed_in": ("Signed in as {name}, through the real login code", "已通过真实的登录流程登录：{name}"),
    "demo.comment": (
        "# The stand-in platform ran while the demo did; syncing again needs another larknb demo.",
        "# 模拟平台仅在演示期间运行；再次同步请重新执行 larknb demo。",
    ),
    "demo.account": (
        "{sources} sources, {rows} rows in {requests} requests and {seconds} s, by the headless notebook.\nAll of it"
        " lies in {files}: Parquet, Markdown and JSON, the login, the executed notebook.",
        "共 {sources} 个来源、{rows} 行，{requests} 次请求，用时 {seconds} 秒，由无界面 notebook 完成。\n"
        "全部文件位于 {files}：Parquet、Markdown 与 JSON、登录信息、运行后的 notebook。",
    ),
    "demo.next": (
        'Try next:\n  cd {folder}\n  larknb status\n  larknb load "{name}/{table}"\n  larknb search {question}\n'
        "  python -c \"import larknb as lk; print(lk.tables('{name}'))\"",
        '接下来可以尝试：\n  cd {folder}\n  larknb status\n  larknb load "{name}/{table}"\n  larknb search {question}\n'
        "  python -c \"import larknb as lk; print(lk.tables('{name}'))\"",
    ),
    "demo.lab": ("JupyterLab opens; Ctrl-C here ends it and the stand-in", "即将打开 JupyterLab；在此按 Ctrl-C 结束"),
    "demo.no_lab.what": ("JupyterLab is not installed", "未安装 JupyterLab"),
    "demo.no_lab.next": ('pip install "larknb[lab]"', 'pip install "larknb[lab]"'),
    "cli.demo.lab": ("open JupyterLab on it afterwards", "完成后打开 JupyterLab"),
    "demo.occupied.what": ("{path} belongs to a real workspace", "{path} 属于真实的工作区"),
    "demo.occupied.next": ("name another folder: larknb demo FOLDER", "请指定其他文件夹：larknb demo FOLDER"),
    "column.missing.what": ("There is no column {column}", "没有列 {column}"),
    "add.lacking": (
        "It needs scopes that your login has not granted: {scopes}. lk.login(), or larknb login, asks for what is"
        " missing.",
        "该来源所需的权限尚未授予：{scopes}。运行 lk.login() 或 larknb login，仅申请缺少的权限。",
    ),
    "add.twice.what": ("It is configured already, otherwise", "该来源已经配置，且设置不同"),
    "add.twice.next": ("change it in larknb.toml, or remove it first", "请修改 larknb.toml，或先移除该来源"),
    "remove.part.what": ("{name} is one part of a source", "{name} 只是某个来源的一部分"),
    "remove.part.next": ('remove the whole source: larknb remove "{name}"', '移除整个来源：larknb remove "{name}"'),
    # --- search and headless runs -----------------------------------------------------------------------------------
    "column.place": ("Where", "位置"),
    "column.snippet": ("Passage", "内容"),
    "column.cell": ("Cell", "单元"),
    "column.line": ("First line", "首行"),
    "search.title": ("Search", "搜索结果"),
    "search.none": ("Nothing found in the cached documents and tables.", "在已缓存的文档与数据表中未找到。"),
    "search.found": ("{shown} of {found} hit(s).", "显示 {found} 处中的 {shown} 处。"),
    "run.running": ("running", "运行中"),
    "run.ok": ("ok, {seconds} s", "成功，{seconds} 秒"),
    "run.failed": ("failed after {seconds} s", "{seconds} 秒后失败"),
    "run.login": ("login needed, after {seconds} s", "需要登录（{seconds} 秒后）"),
    "run.busy": ("another sync holds the workspace, after {seconds} s", "另一个同步占用工作区（{seconds} 秒后）"),
    "run.dead": ("the kernel died after {seconds} s", "内核在 {seconds} 秒后退出"),
    "run.timeout": ("a cell took too long, ended after {seconds} s", "单元运行超时，{seconds} 秒后结束"),
    "run.deadline": ("the run took too long, ended after {seconds} s", "整体运行超时，{seconds} 秒后结束"),
    "run.stopped": ("stopped by signal {signal} after {seconds} s", "{seconds} 秒后被信号 {signal} 终止"),
    "run.at": ("cell [{cell}] ({line}): {reason}", "单元 [{cell}]（{line}）：{reason}"),
    "run.next": ("open {output}", "打开 {output}"),
    "run.unsaved": ("ran to its end in {seconds} s, yet could not be saved", "已运行完成（{seconds} 秒），但无法保存"),
    "run.killed": ("the runner was killed", "运行进程被强制终止"),
    "run.left_out": ("… {size} left out here …", "…… 此处省略 {size} ……"),
    "run.twice.what": ("Another run writes {path} at this moment", "另一次运行正在写入 {path}"),
    "run.twice.next": ("wait for it to end, or give another output", "等待其结束，或指定其他输出位置"),
    "runs.title": ("Runs", "运行记录"),
    "runs.none": ("No runs yet: larknb schedule starts one.", "尚无运行记录：可用 larknb schedule 开始。"),
    "runs.started_at": ("Started", "开始时间"),
    "runs.notebook": ("Notebook", "Notebook"),
    "runs.status": ("Status", "状态"),
    "runs.seconds": ("Took", "用时"),
    "runs.changed": ("Changed", "变更"),
    "runs.output": ("Executed notebook", "运行结果"),
    "runs.status.running": ("running", "运行中"),
    "runs.status.ok": ("ok", "成功"),
    "runs.status.failed": ("failed", "失败"),
    "runs.status.login": ("login needed", "需要登录"),
    "runs.status.busy": ("busy", "工作区被占用"),
    "runs.status.dead": ("kernel died", "内核退出"),
    "runs.status.timeout": ("timeout", "单元超时"),
    "runs.status.deadline": ("deadline", "整体超时"),
    "runs.status.stopped": ("stopped", "被终止"),
    "runs.status.unsaved": ("not saved", "未能保存"),
    "runs.status.killed": ("killed", "被强制终止"),
    "changes.since": ("Since your last look ({at}): ", "自上次查看（{at}）以来："),
    "changes.first": ("Your first look: ", "首次查看："),
    "changes.rows": (
        "{sources} source(s) changed, rows +{added} ~{changed} -{removed}",
        "{sources} 个来源有变更，行数 +{added} ~{changed} -{removed}",
    ),
    "changes.documents": ("{count} document(s) edited", "{count} 篇文档被编辑"),
    "changes.failed": ("{count} source(s) failed", "{count} 个来源失败"),
    "changes.and": ("; ", "；"),
    "changes.nothing": ("nothing changed", "无变更"),
    "changes.cost": (
        "It took {calls} requests; {total} this month, about {forecast} by its end.",
        "本次请求 {calls} 次；本月共 {total} 次，月底约 {forecast} 次。",
    ),
    "changes.login": (
        "The login renews itself; without a run it ends {refresh}. Sign in again before {consent}.",
        "登录会自动续期；若不再运行将于 {refresh} 失效。请在 {consent} 之前重新登录。",
    ),
    "changes.login_ended": ("Nobody is logged in: run larknb login.", "当前未登录：请运行 larknb login。"),
    "html.missing.what": (
        "Reports need nbconvert, which is not installed here",
        "生成报告需要 nbconvert，此处尚未安装",
    ),
    "html.missing.next": ('pip install "larknb[report]"', 'pip install "larknb[report]"'),
    "html.failed": (
        "No report was written: {reason}. The run itself is not affected.",
        "未能生成报告：{reason}。运行结果不受影响。",
    ),
    "run.missing.what": ("There is no notebook {path}", "没有 notebook {path}"),
    "run.missing.next": ("check its path", "请检查路径"),
    "run.broken.what": ("{path} is not a notebook: {reason}", "{path} 不是有效的 notebook：{reason}"),
    "run.broken.next": ("open it in Jupyter and save it again", "在 Jupyter 中打开并重新保存"),
    "run.disk.what": ("Cannot write {path}: {reason}", "无法写入 {path}：{reason}"),
    "run.disk.next": (
        "make its folder writable, free some space, or name another output",
        "确保文件夹可写、磁盘有空间，或指定其他输出位置",
    ),
    "run.why.timeout": ("no end within {seconds} s", "{seconds} 秒内未结束"),
    "run.why.deadline": ("the whole run may take {seconds} s", "整体运行限时 {seconds} 秒"),
    "run.why.dead": ("the kernel ended without a word", "内核意外退出"),
    "run.why.stopped": ("signal {signal} ended the run", "运行被信号 {signal} 终止"),
    "run.parameter.what": ("{name} cannot be a parameter", "{name} 不能作为参数"),
    "run.parameter.next": (
        "use a Python name, and None, true or false, a number, a text, or a list or dict of these",
        "请使用合法的 Python 名称，取值可为 None、布尔、数字、文本，或由它们组成的列表、字典",
    ),
    "schedule.busy.what": ("This notebook is scheduled already ({owner})", "该 notebook 已在定时运行（{owner}）"),
    "schedule.busy.next": ("wait for it to end, or end that process", "等待其结束，或结束该进程"),
    "schedule.line": ("{at} {notebook}: {headline}", "{at} {notebook}：{headline}"),
    "schedule.at.what": ("{value} is no time of the day", "{value} 不是有效的时刻"),
    "schedule.at.next": ("write it like 08:30", "请按 08:30 的格式填写"),
    "schedule.then": ("; next run {at}", "；下次运行 {at}"),
    "notice.failed": ("larknb: {notebook} fails", "larknb：{notebook} 运行失败"),
    "notice.login": ("larknb: {notebook} needs a login", "larknb：{notebook} 需要重新登录"),
    "notice.recovered": ("larknb: {notebook} works again", "larknb：{notebook} 已恢复正常"),
    "notice.login_ends": ("larknb: the login ends soon", "larknb：登录即将到期"),
    "notice.consent_ends": ("larknb: the consent ends soon", "larknb：授权即将到期"),
    "notice.next.failed": (
        "open the executed notebook; the failing cell is marked there",
        "打开运行后的 notebook，其中标出了出错的单元",
    ),
    "notice.next.login": ("run larknb login in {folder}", "在 {folder} 中运行 larknb login"),
    "notice.next.ends": ("run larknb login --force in {folder}", "在 {folder} 中运行 larknb login --force"),
    "notice.fact.what": ("What happened: {value}", "情况：{value}"),
    "notice.fact.since": ("Failing since: {value}", "失败始于：{value}"),
    "notice.fact.end": ("Ends: {value}", "到期时间：{value}"),
    "notice.fact.next": ("Next: {value}", "下一步：{value}"),
    "notice.fact.workspace": ("Workspace: {value}", "工作区：{value}"),
    "notice.fact.machine": ("Machine: {value}", "机器：{value}"),
    "notice.fact.run": ("Executed notebook: {value}", "运行后的 notebook：{value}"),
    "notice.fact.output": ("Its last output:\n{lines}", "最后的输出：\n{lines}"),
    "notice.refused.what": ("The bot refused the notice: {msg}", "机器人拒绝了通知：{msg}"),
    "notice.refused.address": (
        "copy the webhook address of the bot again; it may have been removed",
        "重新复制机器人的 webhook 地址；机器人可能已被移除",
    ),
    "notice.refused.sign": (
        "check LARKNB_NOTIFY_KEY (or the key in work/notify.json) and the clock of this machine",
        "检查 LARKNB_NOTIFY_KEY（或 work/notify.json 中的 key）以及本机时间",
    ),
    "notice.refused.ip": (
        "add this machine's public address to the bot's IP allow-list",
        "将本机公网 IP 加入机器人的 IP 白名单",
    ),
    "notice.refused.keyword": ("add larknb to the bot's keywords", "将 larknb 加入机器人的自定义关键词"),
    "notice.refused.other": ("it is tried again after the next run", "下次运行后会重试"),
    "notice.nowhere": (
        "No bot is configured (LARKNB_NOTIFY_URL): this would be sent",
        "尚未配置机器人（LARKNB_NOTIFY_URL），以下为将要发送的内容",
    ),
    "notice.none": ("There is nothing to tell after this run", "本次运行后没有需要发送的通知"),
    "install.path.what": ("No unit can name the path {path}", "无法在定时任务中写入路径 {path}"),
    "install.path.next": (
        "rename the folder: without control characters, and without a blank or backslash at its end",
        "重命名文件夹：不含控制字符，结尾不是空格或反斜杠",
    ),
    "install.interval.what": ("No calendar has {interval!r} as its step", "日历式定时不支持间隔 {interval!r}"),
    "install.interval.next": (
        "take whole minutes that divide a day, such as 15min, 1h or 1d; or systemd, which takes any",
        "使用能整除一天的整分钟数，如 15min、1h、1d；或使用支持任意间隔的 systemd",
    ),
    "install.secret.what": (
        "A secret is only in the environment of this shell, which no unit sees: {files} would hold it",
        "密钥仅存在于当前 shell 的环境变量中，定时任务读取不到：应保存到 {files}",
    ),
    "install.secret.next": ("repeat this with --save-secrets", "加上 --save-secrets 重新运行"),
    "install.kept": ("Kept for you alone: {path}", "已保存（仅本人可读）：{path}"),
    "install.none.what": ("There is no secret to keep", "没有需要保存的密钥"),
    "install.none.next": (
        "set LARKNB_NOTIFY_URL (and LARKNB_NOTIFY_KEY) or LARKNB_APP_SECRET first",
        "请先设置 LARKNB_NOTIFY_URL（及 LARKNB_NOTIFY_KEY）或 LARKNB_APP_SECRET",
    ),
    "install.tool.what": ("This machine has no {tool}", "本机没有 {tool}"),
    "install.tool.next": (
        "take another kind, or see the unit with --install {kind} --print",
        "改用其他类型，或用 --install {kind} --print 查看内容",
    ),
    "install.cron.what": ("The crontab cannot be read or written: {reason}", "无法读写 crontab：{reason}"),
    "install.cron.next": ("check with crontab -l", "用 crontab -l 检查"),
    "install.written": ("Written: {path}", "已写入：{path}"),
    "install.crontab": (
        "Written to your crontab (crontab -l). cron makes up for no time at which the machine was off.",
        "已写入 crontab（crontab -l）。关机期间错过的运行不会补上。",
    ),
    "install.on.systemd": (
        "It runs, also after you log out. See: systemctl --user status {name}",
        "已启动，注销后仍会运行。查看：systemctl --user status {name}",
    ),
    "install.on.windows": (
        "It runs as long as you are logged on. See: schtasks /Query /TN {name}",
        "已启用，仅在登录期间运行。查看：schtasks /Query /TN {name}",
    ),
    "install.on.launchd": (
        "It runs as long as you are logged in. See: launchctl list {name}",
        "已启用，仅在登录期间运行。查看：launchctl list {name}",
    ),
    "install.left": (
        "Left for you to run, for it failed here ({reason}): {command}",
        "在此运行失败（{reason}），请自行运行：{command}",
    ),
    "install.then": ("Then run: {command}", "然后运行：{command}"),
    "install.removed": ("Removed", "已移除"),
    "install.nothing": ("Nothing was installed", "没有已安装的定时任务"),
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
    # --- spreadsheets -------------------------------------------------------------------------------------------
    "sheet.block.what": (
        "Sheet {sheet} holds something that cannot be read ({kind})",
        "工作表 {sheet} 的内容类型无法读取（{kind}）",
    ),
    "sheet.block.next": ("take it out of the sheets of this source", "从该来源的 sheets 中移除它"),
    "preview.title": ("{sheet}: how it is read", "{sheet}：读取方式"),
    "preview.row": ("row", "行"),
    "preview.use": ("read as", "用途"),
    "preview.name": ("name", "列名"),
    "preview.type": ("type", "类型"),
    "preview.header": ("header", "表头"),
    "preview.data": ("data", "数据"),
    "preview.above": ("not read", "不读取"),
    "preview.blank": ("blank", "空行"),
    "preview.wrong": (
        'Not what you expect? Set header to a row, a list of rows or "none" for this source in larknb.toml.',
        '与预期不符？请在 larknb.toml 中为该来源设置 header：行号、行号列表或 "none"。',
    ),
    "media.large": ("larger than {megabytes} MB", "超过 {megabytes} MB"),
    "media.spent.what": (
        "{count} pictures and files were downloaded in this run",
        "本次运行已下载 {count} 个图片和文件",
    ),
    "media.spent.next": (
        "sync again tomorrow: the platform gives an app 10,000 downloads a day",
        "请明天再同步：平台每天只允许每个应用下载 10,000 次",
    ),
    "guide.facts": (
        "revision {revision} · {sections} sections · {tables} tables · {assets} pictures and files · {at}",
        "版本 {revision} · {sections} 节 · {tables} 个表格 · {assets} 个图片与附件 · {at}",
    ),
    "guide.unshown": ("not shown here: {what}", "此处无法显示：{what}"),
    "guide.more": ("… the rest is in its markdown", "…… 其余内容见 markdown"),
    "guide.doubts": (
        "{count} remark(s) on the reading: see to_dict()['warnings']",
        "读取备注 {count} 条：见 to_dict()['warnings']",
    ),
    "grid.what": ("It is a table of records, not a worksheet", "这是多维表格的数据表，不是工作表"),
    "grid.next": ("use lk.load(name, raw=True) for its loss-free form", "请使用 lk.load(name, raw=True) 查看无损形式"),
    "cli.search": ("search guides and tables; offline", "搜索文档与表格（离线）"),
    "cli.limit": ("the most hits to show", "最多显示的结果数"),
    "cli.run": ("run a notebook headlessly", "无界面运行 notebook"),
    "cli.parameter": ("a value for its parameters cell; may be repeated", "参数单元格的取值；可重复"),
    "cli.output": ("where the executed notebook goes", "运行后 notebook 的保存位置"),
    "cli.schedule": (
        "run the sync notebook now and at every full hour",
        "立即运行同步 notebook，并在每个整点重复",
    ),
    "cli.notebook": ("another notebook", "指定其他 notebook"),
    "cli.at": (
        "also at this local time of every day, such as 08:30; may be repeated",
        "每天在该本地时刻运行，如 08:30；可重复",
    ),
    "cli.report": ("write an HTML report without code beside it", "在旁边生成不含代码的 HTML 报告"),
    "cli.runs": ("the headless runs, the newest first", "无界面运行的记录，最新的在前"),
    "cli.once": ("run once, then end", "只运行一次"),
    "cli.dry_run": ("run once, and print the notice that would be sent", "只运行一次，打印将要发送的通知而不发送"),
    "cli.install": (
        "let the system start it from now on: write the unit for this workspace",
        "安装为系统定时任务（针对本工作区）",
    ),
    "cli.uninstall": ("take that unit away again", "移除该系统定时任务"),
    "cli.print": ("with --install: print the unit instead", "与 --install 合用：仅打印内容"),
    "cli.save_secrets": (
        "keep the secrets of the environment (LARKNB_APP_SECRET, LARKNB_NOTIFY_URL, LARKNB_NOTIFY_KEY) under work/",
        "将环境变量中的密钥（LARKNB_APP_SECRET、LARKNB_NOTIFY_URL、LARKNB_NOTIFY_KEY）保存到 work/ 下",
    ),
    "cli.interval": (
        "on the clock, such as 30min; a bare number means hours (default: 1h, unless --at is given)",
        "按整点对齐的间隔，如 30min；纯数字表示小时（默认 1h，给出 --at 时除外）",
    ),
    "cli.keep_runs": (
        "how many executed notebooks stay; those of runs that failed stay longer",
        "保留的运行记录数；失败的运行保留更久",
    ),
    "cli.timeout": ("seconds that one cell may take", "单个单元格的最长秒数"),
    "cli.deadline": ("seconds that the whole run may take", "整次运行的最长秒数"),
    "guide.what": ("It holds tables, it is no document", "该来源是表格，不是文档"),
    "guide.next": ("use lk.load(name)", "请使用 lk.load(name)"),
    "column.url": ("URL", "URL"),
    "column.identity": ("Identity", "身份"),
    "zone.unknown": (
        "the base's time zone {zone!r} is unknown; its dates are told in UTC",
        "多维表格的时区 {zone!r} 无法识别；日期按 UTC 显示",
    ),
    "report.misfits": (
        "{count} rows hold values that fit no type: see _extra in load(raw=True)",
        "{count} 行包含无法归类的值：见 load(raw=True) 的 _extra",
    ),
}
