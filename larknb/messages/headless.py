"""What `larknb.headless` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "run.twice.what": ("Another run is writing {path}", "另一次运行正在写入 {path}"),
    "run.twice.next": ("wait for it to end, or give another output", "等待其结束，或指定其他输出位置"),
    "run.missing.what": ("There is no notebook {path}", "没有 Notebook {path}"),
    "run.missing.next": ("check its path", "请检查路径"),
    "run.broken.what": ("{path} is not a notebook: {reason}", "{path} 不是有效的 Notebook：{reason}"),
    "run.broken.next": ("open it in Jupyter and save it again", "在 Jupyter 中打开并重新保存"),
    "run.broken.plain": ("it is not a regular file", "不是普通文件"),
    "run.broken.large": ("it is larger than {size} MB", "超过 {size} MB"),
    "run.broken.deep": ("it is nested more than {depth} levels deep", "嵌套超过 {depth} 层"),
    "run.broken.cell": ("a cell or its metadata is of the wrong type", "某个单元或元数据的类型不对"),
    "run.unread.what": ("Cannot read {path}: {reason}", "无法读取 {path}：{reason}"),
    "run.unread.next": ("check the disk or the drive, and try again", "请检查磁盘或网络驱动器后重试"),
    "run.foreign.what": (
        "{path} was not written by a run, and was left unchanged",
        "{path} 不是运行产生的文件，保持原样",
    ),
    "run.foreign.next": ("name another output, or move that file", "指定其他输出位置，或移走该文件"),
    "run.disk.what": ("Cannot write {path}: {reason}", "无法写入 {path}：{reason}"),
    "run.disk.next": (
        "make its folder writable, free some space, or name another output",
        "确保文件夹可写、磁盘有空间，或指定其他输出位置",
    ),
    "run.why.timeout": ("not finished within {seconds} s", "{seconds} 秒内未结束"),
    "run.why.deadline": ("the run exceeded its limit of {seconds} s", "整体运行超过 {seconds} 秒的限制"),
    "run.why.dead": ("the kernel exited unexpectedly", "内核意外退出"),
    "run.why.shadow": (
        ". A file here may hide the Python module of the same name; rename it: {files}",
        "。原因可能是 Python 把下列文件当成了同名模块，请重命名：{files}",
    ),
    "run.why.stopped": ("signal {signal} ended the run", "运行被信号 {signal} 终止"),
    "run.parameter.what": ("{name} cannot be a parameter", "{name} 不能作为参数"),
    "run.parameter.next": (
        "use a Python name, and None, true or false, a number, a text, or a list or dict of these",
        "请使用合法的 Python 名称，取值可为 None、布尔、数字、文本，或由它们组成的列表、字典",
    ),
    "html.missing.what": (
        "Reports need nbconvert, which is not installed",
        "生成报告需要 nbconvert，此处尚未安装",
    ),
    "html.missing.next": ('pip install "larknb[report]"', 'pip install "larknb[report]"'),
    "schedule.busy.what": ("This notebook is already scheduled ({owner})", "该 Notebook 已在定时运行（{owner}）"),
    "schedule.busy.next": ("wait for it to end, or end that process", "等待其结束，或结束该进程"),
    "schedule.line": ("{at} {notebook}: {headline}", "{at} {notebook}：{headline}"),
    "schedule.at.what": ("{value} is not a valid time", "{value} 不是有效的时刻"),
    "schedule.at.next": ("write it like 08:30", "请按 08:30 的格式填写"),
    "schedule.then": ("; next run {at}", "；下次运行 {at}"),
    "notice.failed": ("larknb: {notebook} failed", "larknb：{notebook} 运行失败"),
    "notice.login": ("larknb: {notebook} needs a login", "larknb：{notebook} 需要重新登录"),
    "notice.recovered": ("larknb: {notebook} works again", "larknb：{notebook} 已恢复正常"),
    "notice.changed": ("larknb: {notebook} found changes", "larknb：{notebook} 有新的变更"),
    "notice.login_ends": ("larknb: the login ends soon", "larknb：登录即将到期"),
    "notice.consent_ends": ("larknb: the consent ends soon", "larknb：授权即将到期"),
    "notice.next.failed": (
        "open the executed notebook; the failing cell is marked there",
        "打开运行后的 Notebook，其中标出了出错的单元",
    ),
    "notice.next.login": ("run larknb login in {folder}", "在 {folder} 中运行 larknb login"),
    "notice.next.ends": ("run larknb login --force in {folder}", "在 {folder} 中运行 larknb login --force"),
    "notice.fact.what": ("What happened: {value}", "情况：{value}"),
    "notice.fact.since": ("Failing since: {value}", "失败始于：{value}"),
    "notice.fact.end": ("Ends: {value}", "到期时间：{value}"),
    "notice.fact.next": ("Next: {value}", "下一步：{value}"),
    "notice.fact.workspace": ("Workspace: {value}", "工作区：{value}"),
    "notice.fact.machine": ("Machine: {value}", "机器：{value}"),
    "notice.fact.run": ("Executed notebook: {value}", "运行后的 Notebook：{value}"),
    "notice.fact.changes": ("Changed since the last look:\n{lines}", "自上次查看以来的变更：\n{lines}"),
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
    "notice.refused.other": ("it will be tried again after the next run", "下次运行后会重试"),
    "notice.nowhere": (
        "No bot is configured (LARKNB_NOTIFY_URL); this would be sent",
        "尚未配置机器人（LARKNB_NOTIFY_URL），以下为将要发送的内容",
    ),
    "notice.none": ("There is nothing to report after this run", "本次运行后没有需要发送的通知"),
    "install.word.what": ("The scheduled job cannot contain {word}", "定时任务无法写入 {word}"),
    "install.word.next": (
        "rename it: without control characters and line breaks; a folder without a blank or backslash at its end; for"
        " systemd an interpreter without quotes and backslashes; for Windows without %NAME%, which would be replaced",
        "请重命名：不含控制字符和换行；文件夹结尾不是空格或反斜杠；systemd 要求解释器路径不含引号和反斜杠；"
        "Windows 上不含会被替换的 %NAME%",
    ),
    "install.foreign.what": ("{place} was not written by larknb", "{place} 不是由 larknb 写入的"),
    "install.foreign.next": (
        "it was left unchanged: check it, and move or delete it yourself",
        "已保持原样：请查看后自行移走或删除",
    ),
    "install.silent": ("no answer within {seconds} s", "{seconds} 秒内没有响应"),
    "install.interval.what": (
        "A calendar schedule cannot repeat every {interval!r}",
        "日历式定时不支持间隔 {interval!r}",
    ),
    "install.interval.next": (
        "use whole minutes that divide a day, such as 15min, 1h or 1d; or use systemd, which accepts any interval",
        "使用能整除一天的整分钟数，如 15min、1h、1d；或使用支持任意间隔的 systemd",
    ),
    "install.tool.what": ("This machine has no {tool}", "本机没有 {tool}"),
    "install.tool.next": (
        "use another kind, or see what would be installed with --install {kind} --print",
        "改用其他类型，或用 --install {kind} --print 查看内容",
    ),
    "install.cron.what": ("The crontab cannot be read or written: {reason}", "无法读写 crontab：{reason}"),
    "install.cron.next": ("check with crontab -l", "用 crontab -l 检查"),
    "install.written": ("Written: {path}", "已写入：{path}"),
    "install.crontab": (
        "Written to your crontab (crontab -l). cron does not catch up on runs that were missed while the machine was"
        " off.",
        "已写入 crontab（crontab -l）。关机期间错过的运行不会补上。",
    ),
    "install.on.systemd": (
        "It is running, and continues after you log out. See: systemctl --user status {name}",
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
        "This failed here ({reason}); please run it yourself: {command}",
        "在此运行失败（{reason}），请自行运行：{command}",
    ),
    "install.then": ("Then run: {command}", "然后运行：{command}"),
}
