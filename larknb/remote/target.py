"""Target: the folder or object store that caches are published to, and the few things that are done there.

Names are relative, with ``/`` between their parts. What is written is whole or not there. A folder is written through
`larknb.files`, an object store through ``pyarrow.fs``, which takes credentials where it always does: from the
environment, the files of the person, or the machine. ``AWS_ENDPOINT_URL`` names a store that speaks S3 without being
Amazon's.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple
from urllib.parse import unquote, urlsplit

import pyarrow.fs as pafs

from larknb.errors import Busy, ConfigError, LarkError
from larknb.files import replace, sync_file, sync_folder, write_atomically
from larknb.messages import say
from larknb.places import lock
from larknb.remote.signed import Signer, credentials, endpoint, proxy_for, region

if TYPE_CHECKING:
    from _typeshed import SupportsRead

__all__ = ["Bucket", "Folder", "Item", "Target", "open_target", "reaching"]

CHUNK = 1 << 22  # bytes that are on their way at once
ATTEMPTS = 5  # of one request to an object store, with growing pauses: a store that is busy says 503
CONNECT, ANSWER = 5.0, 60.0  # seconds that a store may take to be reached, and to answer
PATIENCE = 10.0  # seconds for which another publisher may be looking at the lease
SCHEMES = ("s3", "gs", "gcs", "abfs", "abfss", "hdfs")  # what pyarrow.fs opens beside folders


class Item(NamedTuple):
    """A file as a listing shows it: its size, and when it was written, in epoch seconds."""

    size: int
    at: float


class Target(ABC):
    """A place that caches are published to; ``address`` is what people call it."""

    address: str

    @property
    def identity(self) -> str:
        """What tells it from every other one."""
        return self.address

    @abstractmethod
    def listing(self, folder: str = "") -> dict[str, Item]:
        """Return all files below a folder by their names; none where there is no such folder."""

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """Return a file to be read; FileNotFoundError where there is none."""

    @abstractmethod
    def put(self, name: str, file: SupportsRead[bytes]) -> None:
        """Write a file of this content, or replace it: every reader sees all of it or nothing."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Delete a file; one that is not there is no error."""

    @abstractmethod
    def exchange(self, name: str, old: bytes | None, new: bytes) -> bool:
        """Replace what a small file holds if it still holds ``old`` (None: if there is none); say whether it did."""

    def read(self, name: str) -> bytes:
        """Return what a file holds."""
        with self.open(name) as file:
            return file.read()


def open_target(address: str, *, patient: bool = True) -> Target:
    """Return the target that an address means: ``s3://bucket/team``, another address of pyarrow.fs, or a folder.

    Parameters
    ----------
    patient : bool
        Ask a store that does not answer several times; a reader has something to fall back on.

    Raises
    ------
    ConfigError
        It is no such address, or holds credentials, which belong into the environment.
    """
    scheme, separator, rest = address.partition("://")
    if not separator:
        return Folder(Path(address).expanduser().absolute())
    if scheme == "file":
        return Folder(_path_of(address))
    if scheme not in SCHEMES or not rest.strip("/"):
        raise ConfigError(say("target.scheme.what", address=scheme), next=say("target.scheme.next"))
    if "@" in rest.partition("/")[0]:
        raise ConfigError(say("target.secret.what", scheme=scheme), next=say("target.secret.next"))
    return Bucket(address.rstrip("/"), ATTEMPTS if patient else 2)


def _path_of(address: str) -> Path:
    """Return the folder of a ``file://`` address, of a drive or a share of Windows, too."""
    parts = urlsplit(address)
    path = unquote(parts.path)
    if parts.netloc not in ("", "localhost"):
        path = f"//{parts.netloc}{path}"
    return Path(re.sub(r"^/([A-Za-z]:)", r"\1", path)).absolute()


@contextmanager
def reaching(target: Target, doing: Literal["look", "fetch", "write"]) -> Iterator[None]:
    """Tell what a target refuses inside; that a file is missing is the caller's concern."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = _reason(error)
        what = say(f"target.{doing}.what", address=target.address, reason=reason)
        raise LarkError(what, next=say(f"target.{doing}.next")) from error


def _reason(error: OSError) -> str:
    """Return why, on one short line."""
    text = " ".join((error.strerror or str(error) or type(error).__name__).split())
    return text if len(text) <= 200 else text[:199] + "…"


# --- a folder -------------------------------------------------------------------------------------------------------


class Folder(Target):
    """A folder of this machine, a network drive among them."""

    def __init__(self, root: Path) -> None:
        self.root, self.address = root, str(root)

    def listing(self, folder: str = "") -> dict[str, Item]:
        """Return all files below a folder by their names; FileNotFoundError where the target itself is not there."""
        if not self.root.is_dir():
            raise FileNotFoundError(str(self.root))
        place = self.root / folder
        found: dict[str, Item] = {}
        for above, _, names in os.walk(place):
            for name in names:
                path = Path(above, name)
                with suppress(FileNotFoundError):
                    told = path.stat()
                    found[path.relative_to(self.root).as_posix()] = Item(told.st_size, told.st_mtime)
        return found

    def open(self, name: str) -> BinaryIO:
        """Return a file to be read."""
        return (self.root / name).open("rb")

    def put(self, name: str, file: SupportsRead[bytes]) -> None:
        """Write beside, bring to the disk, rename."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            with partial.open("wb") as written:
                shutil.copyfileobj(file, written, CHUNK)
            sync_file(partial)
            replace(partial, path)
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        sync_folder(path.parent)

    def delete(self, name: str) -> None:
        """Delete a file, and the folders that it leaves empty."""
        path = self.root / name
        path.unlink(missing_ok=True)
        with suppress(OSError):
            for above in [*path.parents][: name.count("/")]:
                above.rmdir()

    def exchange(self, name: str, old: bytes | None, new: bytes) -> bool:
        """Compare and replace under a lock, which the system frees when its owner dies."""
        path = self.root / name
        busy = Busy(say("target.busy.what", address=self.address), next=say("target.busy.next"))
        with lock(path.with_suffix(".lock"), lambda: busy, patience=PATIENCE):
            if (path.read_bytes() if path.exists() else None) != old:
                return False
            write_atomically(path, new)
            return True


# --- an object store ------------------------------------------------------------------------------------------------


class Bucket(Target):
    """A place in an object store, which ``pyarrow.fs`` reaches."""

    def __init__(self, address: str, attempts: int = ATTEMPTS) -> None:
        self.address, self.attempts = address, attempts
        parts = urlsplit(address)
        self.scheme = parts.scheme
        self.bucket, self.prefix = parts.netloc, parts.path.strip("/")

    @property
    def identity(self) -> str:
        """Its address, and the server that has it."""
        server = endpoint() if self.scheme == "s3" else ""
        return f"{self.address} {server}".rstrip()

    @cached_property
    def _files(self) -> Any:
        if self.scheme != "s3":
            files, path = pafs.FileSystem.from_uri(self.address)
            return pafs.SubTreeFileSystem(path, files)
        retries = pafs.AwsStandardS3RetryStrategy(max_attempts=self.attempts)
        files = pafs.S3FileSystem(
            **_how_to_reach(), retry_strategy=retries, connect_timeout=CONNECT, request_timeout=ANSWER,
            allow_delayed_open=True,
        )  # fmt: skip
        return pafs.SubTreeFileSystem("/".join(filter(None, (self.bucket, self.prefix))), files)

    def listing(self, folder: str = "") -> dict[str, Item]:
        """Return all files below a folder by their names."""
        found = self._files.get_file_info(pafs.FileSelector(folder, recursive=True, allow_not_found=True))
        return {
            each.path: Item(each.size, each.mtime_ns / 1e9 if each.mtime_ns else 0.0)
            for each in found if each.type == pafs.FileType.File
        }  # fmt: skip

    def open(self, name: str) -> BinaryIO:
        """Return a file to be read."""
        stream: BinaryIO = self._files.open_input_stream(name, compression=None)
        return stream

    def put(self, name: str, file: SupportsRead[bytes]) -> None:
        """Write an object, which is there as soon as all of it is."""
        stream = self._files.open_output_stream(name, compression=None)
        shutil.copyfileobj(file, stream, CHUNK)
        stream.close()  # not in a finally clause: that would make an object of the first half

    def delete(self, name: str) -> None:
        """Delete an object."""
        with suppress(FileNotFoundError):
            self._files.delete_file(name)

    def exchange(self, name: str, old: bytes | None, new: bytes) -> bool:
        """Let the store compare and replace at once, where it can; else look, write, and look again."""
        signer = self._signer
        if signer is not None and (done := signer.exchange(name, old, new)) is not None:
            return done
        if self._now(name) != old:
            return False
        with self._files.open_output_stream(name, compression=None) as stream:
            stream.write(new)
        return self._now(name) == new

    def _now(self, name: str) -> bytes | None:
        try:
            return self.read(name)
        except FileNotFoundError:
            return None

    @cached_property
    def _signer(self) -> Signer | None:
        """What asks the store to write under a condition, which pyarrow.fs cannot; None without credentials for it."""
        found = credentials() if self.scheme == "s3" else None
        return None if found is None else Signer(self.bucket, self.prefix, endpoint(), found)


def _how_to_reach() -> dict[str, object]:
    """Return where the S3 of the environment is, and by which proxy it is reached: never by one on this machine."""
    address = endpoint()
    proxy = proxy_for(address or "https://s3.amazonaws.com")
    options: dict[str, object] = {"proxy_options": proxy} if proxy else {}
    if address:
        parts = urlsplit(address)
        options |= {"scheme": parts.scheme, "endpoint_override": parts.netloc, "region": region()}
    return options
