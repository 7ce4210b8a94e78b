from __future__ import annotations

import sys

from larknb.headless.units.commands import reason, run, spell
from tests.headless.units.conftest import posix


def test_what_a_program_says_is_the_reason() -> None:
    """On one line; a program that says nothing has its exit code."""
    assert reason(run((sys.executable, "-c", "import sys; sys.exit('no such\\n  bus')"))) == "no such bus"
    assert reason(run((sys.executable, "-c", "import sys; sys.exit(3)"))) == "exit 3"


def test_a_program_that_is_not_there() -> None:
    """It fails as in a shell."""
    done = run(("larknb-has-no-such-program",))
    assert (done.returncode, reason(done)) == (127, "exit 127")


def test_a_program_reads_what_it_is_given() -> None:
    """Byte for byte; and its messages are English, whatever the user's language."""
    asks = "import os, sys; sys.stdout.buffer.write(sys.stdin.buffer.read() + os.environ['LC_ALL'].encode())"
    assert run((sys.executable, "-c", asks), b"\xff\n").stdout == b"\xff\nC"


@posix
def test_a_command_can_be_typed() -> None:
    """A word with a blank is quoted."""
    assert spell(("schtasks", "a b")) == "schtasks 'a b'"
