"""A keychain as keyring's interface wants it, in a folder, with the limits of the strictest system."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

MOST = 1280  # characters that Windows keeps in one entry


class FileKeyring(KeyringBackend):
    """One file per entry, in the folder that the environment names: other processes see the same."""

    priority = 1

    locked = False

    @property
    def folder(self) -> Path:
        return Path(os.environ["KEYRING_FOLDER"])

    def entries(self) -> set[str]:
        return {path.read_text(encoding="utf-8") for path in self.folder.iterdir()}

    def _file(self, service: str, username: str) -> Path:
        if self.locked:
            raise KeyringLocked("locked")
        return self.folder / hashlib.sha256(f"{service}\n{username}".encode()).hexdigest()

    def get_password(self, service: str, username: str) -> str | None:
        file = self._file(service, username)
        return file.read_text(encoding="utf-8") if file.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password) > MOST:
            raise ValueError("too long for one entry")
        self._file(service, username).write_text(password, encoding="utf-8")

    def delete_password(self, service: str, username: str) -> None:
        file = self._file(service, username)
        if not file.exists():
            raise PasswordDeleteError("not found")
        file.unlink()
