"""What `larknb.stored` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "stored.newer.what": ("{path} was written by a newer larknb", "{path} 由更新版本的 larknb 写入"),
    "stored.newer.next": ("upgrade larknb", "请升级 larknb"),
}
