"""What `larknb.errors` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "error.code": (" (code {code})", "（错误码 {code}）"),
    "error.source": ("Source: {source}.", "位置：{source}。"),
    "error.asker": ("Read as {who}.", "读取身份：{who}。"),
    "error.next": ("Next: {next}", "下一步：{next}"),
    "error.log": ("Log id: {log_id}.", "日志号：{log_id}。"),
    "error.stop": (".", "。"),
    "error.more": (
        "(The whole traceback: %env {variable}=1, then %tb.)",
        "（完整的调用栈：先运行 %env {variable}=1，再运行 %tb。）",
    ),
    "asker.user": ("{who}", "{who}"),
    "asker.tenant": ("the app itself, {who}", "应用身份 {who}"),
}
