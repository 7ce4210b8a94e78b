"""What `larknb.library` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "library.kind": ("This is a {kind}, which larknb does not read", "类型为 {kind}，larknb 不支持读取"),
}
