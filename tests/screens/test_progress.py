from __future__ import annotations

import pytest

from larknb.model import Progress
from larknb.screens.progress import reporter


def test_elsewhere_each_source_has_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the result, when the source is done; what is read meanwhile would only fill a log."""
    report = reporter()
    report(Progress("s1", 0, 2, "people", 500, 1000))
    report(Progress("s1", 1, 2, state="done"))
    report(Progress("s2", 2, 2, state="done"))
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "[1/2] s1\n[2/2] s2\n")
