"""What `larknb.api` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "budget.what": ("The budget of {budget} calls a month is used up", "本月 {budget} 次调用的预算已用完"),
    "budget.next": (
        "raise monthly_calls in larknb.toml or wait for next month; cached data stays readable",
        "调高 larknb.toml 中的 monthly_calls 或等待下月；已缓存的数据仍可读取",
    ),
    "budget.busy": ("Another process counts its calls", "另一个进程正在记录调用次数"),
    "budget.lost": (
        "{path} and its copy are damaged: the calls of this month are counted from 0 again, and the budget with them",
        "{path} 及其副本已损坏：本月调用次数从 0 重新计数，预算也随之重新计算",
    ),
    "media.spent.what": (
        "{count} pictures and files were downloaded in the last 24 hours",
        "最近 24 小时内已下载 {count} 个图片和文件",
    ),
    "media.spent.next": (
        "sync again tomorrow: the platform gives an app 10,000 downloads a day",
        "请明天再同步：平台每天只允许每个应用下载 10,000 次",
    ),
}
