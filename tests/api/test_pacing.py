"""The rates, within a process and over several."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from larknb.api.pacing import Pacer


class Time:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


SEARCH = "bitable/v1/apps/AppA/tables/tbl1/records/search"


def worst_second(moments: list[float]) -> int:
    return max(sum(start <= at < start + 1.0 for at in moments) for start in moments)


def test_a_burst_stays_below_the_documented_rate() -> None:
    """In no second more than 20 searches leave, whichever tables they are for."""
    time = Time()
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    moments = []
    for n in range(100):
        pacer.wait("POST", f"bitable/v1/apps/AppA/tables/tbl{n}/records/search")
        moments.append(time.now)
    assert worst_second(moments) < 20


def test_apis_do_not_share_a_rate() -> None:
    """Listing fields is not delayed by searches."""
    time = Time()
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    for _ in range(18):
        pacer.wait("POST", SEARCH)
    pacer.wait("GET", "bitable/v1/apps/AppA/tables/tbl1/fields")
    assert time.slept == []


@pytest.mark.parametrize(
    ("paths", "most", "seconds"),
    [
        (("docx/v1/documents/Doc{n}A", "docx/v1/documents/Doc{n}A/blocks"), 5, 1.0),
        (("wiki/v2/spaces/7{n}/nodes", "wiki/v2/spaces/get_node"), 100, 60.0),
    ],
)
def test_documents_and_the_wiki_are_counted_as_one(paths: tuple[str, ...], most: int, seconds: float) -> None:
    """A thousand children never bring more than five requests for documents a second, or a hundred a minute."""
    time = Time()
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    moments = []
    for n in range(300):
        pacer.wait("GET", paths[n % len(paths)].format(n=n))
        moments.append(time.now)
    assert max(sum(start <= at < start + seconds for at in moments) for start in moments) <= most


def test_wiki_is_counted_by_the_minute() -> None:
    """The 100 a minute of get_node are not 100 a second."""
    time = Time()
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    for _ in range(91):
        pacer.wait("GET", "wiki/v2/spaces/get_node")
    assert time.slept == [60.0]


def test_loopback_is_paced_from_its_first_limit_on() -> None:
    """A stand-in is nobody's shared budget, until it says that it limits."""
    time = Time()
    pacer = Pacer(always=False, clock=time.clock, sleep=time.sleep)
    for _ in range(50):
        pacer.wait("POST", SEARCH)
    assert time.slept == []
    pacer.limited()
    pacer.wait("POST", SEARCH)
    assert len(time.slept) == 1


# --- over all processes of a machine --------------------------------------------------------------------------------


def shared(time: Time, file: Path, *, always: bool = True) -> Pacer:
    return Pacer(always=always, shared=file, clock=time.clock, sleep=time.sleep)


def test_two_folders_of_one_app_share_its_rate(tmp_path: Path) -> None:
    """Together they stay where one alone would, and not a moment is lost."""
    time = Time()
    pacers = [shared(time, tmp_path / "app.json") for _ in range(2)]
    moments = []
    for n in range(90):
        pacers[n % 2].wait("POST", SEARCH)
        moments.append(time.now)
    assert worst_second(moments) == 18
    assert time.now == pytest.approx(4.0)


def test_what_two_threads_send_is_counted_together(tmp_path: Path) -> None:
    """Each looks and notes in one step."""
    time = Time()
    pacers = [shared(time, tmp_path / "app.json") for _ in range(2)]
    threads = [threading.Thread(target=lambda pacer=pacer: [pacer.wait("POST", SEARCH) for _ in range(9)])
               for pacer in pacers]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.slept == []
    pacers[0].wait("POST", SEARCH)
    assert time.slept == [1.0]


@pytest.mark.parametrize("offset", [1e9, 3600.0, 0.5, -2.0, -1e9])
def test_times_of_another_clock_hold_up_nobody(tmp_path: Path, offset: float) -> None:
    """The machine was started anew, or somebody set its clock."""
    time = Time()
    time.now = 1e6
    file = tmp_path / "app.json"
    file.write_text(json.dumps({"POST bitable/v1/apps/*/tables/*/records/search": [time.now + offset] * 18}))
    shared(time, file).wait("POST", SEARCH)
    assert time.slept == []


def test_a_clock_that_stands_still_keeps_no_request_for_ever(tmp_path: Path) -> None:
    """It has waited as long as it was told to."""
    slept: list[float] = []
    pacer = Pacer(shared=tmp_path / "app.json", clock=lambda: 5.0, sleep=slept.append)
    for _ in range(20):
        pacer.wait("POST", SEARCH)
    assert slept == [1.0, 1.0]


def test_without_a_file_each_paces_itself(tmp_path: Path) -> None:
    """A folder lies in its place, or nothing may be written there."""
    time, file = Time(), tmp_path / "app.json"
    file.mkdir()
    pacer = shared(time, file)
    for _ in range(19):
        pacer.wait("POST", SEARCH)
    assert time.slept == [1.0]


def test_a_stand_in_leaves_no_trace_until_it_limits(tmp_path: Path) -> None:
    """Then what was sent before counts as well."""
    time, file = Time(), tmp_path / "app.json"
    pacer = shared(time, file, always=False)
    for _ in range(30):
        pacer.wait("POST", SEARCH)
    assert [*tmp_path.iterdir()] == []
    pacer.limited()
    pacer.wait("POST", SEARCH)
    assert time.slept == [1.0]
    assert file.exists()


SENDER = """
import sys, time
from pathlib import Path
from larknb.api.pacing import Pacer
pacer = Pacer(shared=Path(sys.argv[1]))
for _ in range(20):
    pacer.wait("POST", "bitable/v1/apps/AppA/tables/tbl1/records/search")
    print(time.monotonic(), flush=True)
    if sys.argv[2] == "die":
        import os, signal
        with pacer._shared.opened():
            os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.soak
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_processes_share_a_rate_also_when_one_is_killed(tmp_path: Path) -> None:
    """Three send, and one dies with the lock in its hand."""
    ends = ["live", "die", "live", "live"]
    senders = [subprocess.Popen([sys.executable, "-c", SENDER, str(tmp_path / "app.json"), end],
                                stdout=subprocess.PIPE, text=True) for end in ends]  # fmt: skip
    moments = sorted(float(line) for sender in senders for line in sender.communicate(timeout=60)[0].split())
    assert len(moments) == 61
    assert worst_second(moments) <= 20
