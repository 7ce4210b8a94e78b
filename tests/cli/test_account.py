"""The commands about the login."""

from __future__ import annotations

import pytest

from larknb.cli import main


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_help_is_complete(lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Every option says what it is for."""
    monkeypatch.setenv("LARKNB_LANG", lang)
    with pytest.raises(SystemExit):
        main(["init", "--help"])
    shown = capsys.readouterr().out
    for option in ("app-id", "brand", "secret-stdin", "redirect-uri", "token-file", "open-base", "source"):
        assert f"--{option}" in shown
