"""What `larknb.display` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "age.never": ("never", "从未"),
    "age.seconds": ("{n} s", "{n} 秒"),
    "age.minutes": ("{n} min", "{n} 分钟"),
    "age.hours": ("{n} h", "{n} 小时"),
    "age.days": ("{n} d", "{n} 天"),
}
