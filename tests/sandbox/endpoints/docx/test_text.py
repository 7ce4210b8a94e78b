"""The plain text of a document."""

from __future__ import annotations

from larknb.sandbox import Sandbox, User
from larknb.sandbox.blocks import at, code, heading, table, text

from ...conftest import ID, Api, outcome
from ...reading import PATH


def test_raw_content(api: Api, box: Sandbox) -> None:
    """The title and one line for each block that holds text, empty ones too; persons by name."""
    user: User = box.tenant.users[0]
    lines = [heading(1, "现象"), text(), table([["甲", "乙"]]), text(at(user), " 看 ", code("x"))]
    box.tenant.add_document("题", lines, ID)
    assert api.data(f"{PATH}/raw_content")["content"] == "题\n现象\n\n甲\n乙\n@王敏 看 \nx\n"
    assert "@Wang Min" in api.data(f"{PATH}/raw_content", lang=1)["content"]
    assert outcome(api.get(f"{PATH}/raw_content", lang=9)) == (400, 1770001)
    box.max_response_bytes = 5
    assert outcome(api.get(f"{PATH}/raw_content")) == (400, 1770033)
