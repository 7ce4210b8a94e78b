"""What `larknb.workspace` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "status.ended": ("{name}: the login has ended, run larknb login", "{name}：登录已失效，请运行 larknb login"),
    "status.ending": (
        "{name}: the login cannot renew itself, run larknb login soon",
        "{name}：登录无法续期，请尽快运行 larknb login",
    ),
    "status.lacking": (
        "{name}: sources need more scopes ({scopes}), run larknb login, which asks for these alone",
        "{name}：来源还需要权限（{scopes}），请运行 larknb login，仅申请这些权限",
    ),
    "init.logged_in": ("Logged in as {name}.", "已登录：{name}。"),
    "kind.unread.what": ("This version does not read sources of kind {kind}", "当前版本不支持读取 {kind} 类型的来源"),
    "kind.unread.next": ("upgrade larknb", "请升级 larknb"),
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
