"""The parent of a kernel: what the kernel started, and however it hid, ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from larknb.headless import keeper
from tests.headless.conftest import is_alive

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")

SLEEP = '["/bin/sleep", "60"]'
BEGINS = "import os, signal, subprocess, sys, time\ndef tell(pid): print('pid', pid, flush=True)\n"
DAEMON = """
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.write(write, b"%d" % os.getpid())
        {then}
    os._exit(0)
tell(int(os.read(read, 20)))
os.wait()
"""
HIDING = {
    "a child": f"tell(subprocess.Popen({SLEEP}).pid)",
    "an empty environment": f"tell(subprocess.Popen({SLEEP}, env={{}}).pid)",
    "a session of its own": f"tell(subprocess.Popen({SLEEP}, start_new_session=True).pid)",
    "both": f"tell(subprocess.Popen({SLEEP}, env={{}}, start_new_session=True).pid)",
    "a group of its own": f"tell(subprocess.Popen({SLEEP}, env={{}}, process_group=0).pid)",
    "a daemon": DAEMON.format(then='os.execve("/bin/sleep", ["sleep", "60"], {})'),
    "a daemon of another name": DAEMON.format(then='os.execve("/bin/sleep", ["kworker/0:1", "60"], {})'),
    "in another folder": f"tell(subprocess.Popen({SLEEP}, env={{}}, start_new_session=True, cwd='/').pid)",
    "without files": f"tell(subprocess.Popen({SLEEP}, env={{}}, start_new_session=True, stdout=-3, stderr=-3).pid)",
    "deaf": "def deafen():\n    for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)\n"
    f"tell(subprocess.Popen({SLEEP}, env={{}}, start_new_session=True, preexec_fn=deafen).pid)",
    "stopped": f"child = subprocess.Popen({SLEEP}, env={{}}, start_new_session=True)\n"
    "os.kill(child.pid, signal.SIGSTOP); tell(child.pid)",
    "through a shell": "print(subprocess.run('env -i setsid sleep 60 >/dev/null 2>&1 & echo pid $!', shell=True,"
    " capture_output=True, text=True).stdout, flush=True)",
    "with nohup": "print(subprocess.run('env -i nohup sleep 60 >/dev/null 2>&1 & echo pid $!', shell=True,"
    " capture_output=True, text=True).stdout, flush=True)",
    "a keeper of its own": f"import ctypes; child = subprocess.Popen({SLEEP}, env={{}}, start_new_session=True,"
    " preexec_fn=lambda: ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)); tell(child.pid)",
    "many": f"for _ in range(20): tell(subprocess.Popen({SLEEP}, env={{}}, start_new_session=True).pid)",
}
ENDING = {
    "well": ("", 0),
    "with a code": ("sys.exit(3)", 3),
    "at once": ("os._exit(4)", 4),
    "killed": ("os.kill(os.getpid(), signal.SIGKILL)", 137),
    "by a fault": ("os.kill(os.getpid(), signal.SIGSEGV)", 139),
}


def run(kernel: str) -> tuple[int, list[int]]:
    """Run a program below a keeper, and return the exit code and the processes that it told of."""
    argv = keeper.command([sys.executable, "-c", BEGINS + kernel])
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, timeout=30, check=False)
    return done.returncode, [int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("pid")]


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is none of the kernel's."""
    with subprocess.Popen(["/bin/sleep", "60"], env={}, start_new_session=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("hidden", HIDING.values(), ids=HIDING.keys())
def test_nothing_outlives_the_kernel(other: subprocess.Popen[bytes], hidden: str) -> None:
    """However it was started; whoever else runs here is left alone."""
    code, pids = run(hidden)
    assert code == 0
    assert pids
    assert not [pid for pid in pids if is_alive(pid)]
    assert other.poll() is None


@pytest.mark.parametrize(("ending", "code"), ENDING.values(), ids=ENDING.keys())
def test_however_the_kernel_ends(ending: str, code: int) -> None:
    """The exit code is the kernel's, as a shell tells it."""
    found, pids = run(f"{HIDING['both']}\n{HIDING['a daemon']}\n{ending}")
    assert (found, len(pids)) == (code, 2)
    assert not [pid for pid in pids if is_alive(pid)]


def start(kernel: str) -> subprocess.Popen[str]:
    argv = keeper.command([sys.executable, "-c", BEGINS + kernel])
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, start_new_session=True)


def told(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline().split()[1])


def test_a_word_ends_everything() -> None:
    """SIGTERM to the keeper: also a kernel that would not end itself."""
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    with start(f"{deaf}{HIDING['both']}\ntell(os.getpid()); time.sleep(60)") as process:
        pids = [told(process), told(process)]
        process.terminate()
        assert process.wait(20) == 128 + signal.SIGTERM
    assert not [pid for pid in pids if is_alive(pid)]


def test_an_interrupt_is_for_the_kernel() -> None:
    """It goes to the whole group; the keeper stays, and tells how the kernel ended."""
    cell = "try: tell(os.getpid()); time.sleep(60)\nexcept KeyboardInterrupt: sys.exit(7)"
    with start(cell) as process:
        told(process)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(20) == 7


def test_nothing_outlives_a_killed_runner() -> None:
    """SIGKILL to whoever started the keeper: the system tells the keeper."""
    kernel = f"{BEGINS}{HIDING['both']}\ntell(os.getpid()); time.sleep(60)"
    runner = (
        f"import subprocess, sys, time; from larknb.headless import keeper\n"
        f"subprocess.Popen(keeper.command([sys.executable, '-c', {kernel!r}])); time.sleep(60)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", runner], env=env, stdout=subprocess.PIPE, text=True) as process:
        pids = [told(process), told(process)]
        process.kill()
        process.wait(10)
    until = time.monotonic() + 10
    while any(map(is_alive, pids)):
        assert time.monotonic() < until
        time.sleep(0.02)  # the system tells the keeper


def test_a_starter_that_is_gone_already(tmp_path: Path) -> None:
    """Nothing is begun for nobody."""
    argv = keeper.command(["/bin/touch", str(tmp_path / "trace")])
    done = subprocess.run([*argv[:4], "1", *argv[5:]], check=False)
    assert (done.returncode, [*tmp_path.iterdir()]) == (1, [])


def test_a_kernel_that_does_not_start() -> None:
    """The reason is told on stderr, and the exit code is no success."""
    done = subprocess.run(keeper.command(["/no/such/python"]), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "/no/such/python" in done.stderr


def test_no_file_beside_the_notebook_passes_for_a_module(tmp_path: Path) -> None:
    """The keeper starts in the notebook's folder, whatever lies there."""
    for name in ("ctypes", "signal", "subprocess", "os", "time", "contextlib"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken for a module')", encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(keeper.command(["/bin/true"]), cwd=tmp_path, env=env, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
