"""What a notebook shows, asked from a real kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from larknb.sandbox import Field, Sandbox
from tests.conftest import sign_in, text, write_settings
from tests.frontend import FrontEnd, front_end


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A workspace of a running stand-in, with the machine's clock."""
    with Sandbox(redirect_uris=("http://127.0.0.1:18765/callback",)) as box:
        base = box.tenant.add_base("staff <img src=x onerror=alert(1)>", app_token="AppStaff000000000000000001")
        base.add_table("people", [Field("name", 1, is_primary=True)]).add_many([{"name": text("a")}] * 3)
        workspace = write_settings(tmp_path, box, f"{box.url}/base/AppStaff000000000000000001")
        sign_in(workspace, box)
        yield tmp_path


@pytest.fixture
def kernel() -> Iterator[FrontEnd]:
    with front_end() as page:
        yield page


def test_a_notebook_shows_one_line_and_a_report(home: Path, kernel: FrontEnd) -> None:
    """Progress is one line that is replaced; the report is HTML and text; nothing reaches stderr."""
    outputs = kernel.run(f"import larknb as lk\nlk.Workspace({str(home)!r}).sync()", somebody=True)
    kinds = [output["type"] for output in outputs]
    assert kinds.count("display_data") == 1
    assert "update_display_data" in kinds
    assert "stream" not in kinds
    result = next(output for output in outputs if output["type"] == "execute_result")
    assert "<table" in result["data"]["text/html"]
    assert "people" in result["data"]["text/plain"]
    assert "<img" not in "".join(str(output.get("data", {}).get("text/html")) for output in outputs)


def test_a_headless_run_shows_one_line_per_source(home: Path, kernel: FrontEnd) -> None:
    """Where nobody is, a line per source in the log, and no display that would stay at 0 %."""
    outputs = kernel.run(f"import larknb as lk\nlk.Workspace({str(home)!r}).sync()", somebody=False)
    assert "display_data" not in [output["type"] for output in outputs]
    assert "".join(output["text"] for output in outputs if output["type"] == "stream") == "[1/1] s1\n"


def test_a_headless_login_fails_at_once(home: Path, kernel: FrontEnd) -> None:
    """LoginRequired with what to do, no prompt, no hang."""
    outputs = kernel.run(f"import larknb as lk\nlk.Workspace({str(home)!r}).login(force=True)", somebody=False)
    error = next(output for output in outputs if output["type"] == "error")
    assert error["ename"] == "LoginRequired"
    assert "terminal" in error["evalue"]


def test_a_token_is_masked_in_a_cell(home: Path, kernel: FrontEnd) -> None:
    """A cell that ends with the token saves a mask."""
    outputs = kernel.run(f"import larknb as lk\nlk.Workspace({str(home)!r}).get_user_access_token()", somebody=True)
    result = next(output for output in outputs if output["type"] == "execute_result")
    assert "eyJ" not in str(result)
