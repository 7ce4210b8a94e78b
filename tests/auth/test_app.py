"""The app of a workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.auth.app import App
from larknb.config.settings import load_settings
from larknb.errors import ConfigError


def test_a_missing_app_id_or_secret_says_what_to_do(tmp_path: Path) -> None:
    """Without app id or secret there is a ConfigError that says where each of them goes."""
    with pytest.raises(ConfigError, match=r"No app id.*LARKNB_APP_ID") as caught:
        App.of(load_settings(tmp_path, {}))
    assert caught.value.source == "larknb.toml"
    with pytest.raises(ConfigError, match=r"secret of app cli_1.*LARKNB_APP_SECRET") as caught:
        App.of(load_settings(tmp_path, {"LARKNB_APP_ID": "cli_1"}))
    assert caught.value.source == "larknb.toml"


def test_the_app_comes_from_the_settings_and_hides_its_secret(tmp_path: Path) -> None:
    """An app knows both hosts of its brand, and its repr does not show the secret."""
    app = App.of(load_settings(tmp_path, {"LARKNB_APP_ID": "cli_1", "LARKNB_APP_SECRET": "hush"}))
    assert (app.open_base, app.accounts_base) == ("https://open.feishu.cn", "https://accounts.feishu.cn")
    assert app.app_secret == "hush"
    assert "hush" not in repr(app)
