"""Requests as endpoints see them."""

from __future__ import annotations

import requests

from larknb.sandbox import Sandbox, Table

from ..conftest import Api, outcome, path_of
from ..signing_in import code_of, refresh, trade


def test_flags_are_true_or_false(api: Api, table: Table) -> None:
    """Anything else in a flag of the query is a bad parameter."""
    assert outcome(api.get(f"{path_of(table)}/fields", text_field_as_array="1")) == (400, 99992402)
    assert outcome(api.get(f"{path_of(table)}/records", field_names="[")) == (200, 1254024)


def test_forms_are_as_good_as_json(box: Sandbox) -> None:
    """The token endpoint reads form bodies too."""
    pair = trade(box, code_of(box), form=True).json()
    assert pair["code"] == 0
    assert refresh(box, pair["refresh_token"], form=True).json()["code"] == 0


def test_a_body_that_is_neither_json_nor_a_form(box: Sandbox) -> None:
    """A malformed body is 20063."""
    answer = requests.post(f"{box.url}/open-apis/authen/v2/oauth/token", data=b"{", timeout=10)
    assert outcome(answer) == (400, 20063)
