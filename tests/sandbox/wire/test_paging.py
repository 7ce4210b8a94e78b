"""Page tokens that are sealed for their list."""

from __future__ import annotations

from larknb.sandbox import Base, Docx, Field, Sandbox, Table
from larknb.sandbox.blocks import text

from ..conftest import ID, Api, data_of, outcome, path_of
from ..reading import PATH


def test_a_token_that_nobody_gave(api: Api, table: Table, base: Base) -> None:
    """A page_token that is garbage, or of another table, is 1254002."""
    other = base.add_table("附表", [Field("A", 1)])
    other.add_many([{"A": "x"}] * 5)
    foreign = data_of(api.search(other, page_size=2))["page_token"]
    for token in ("garbage", "Z2FyYmFnZQ==", foreign, foreign[:-4]):
        assert outcome(api.search(table, page_token=token)) == (200, 1254002)
    assert outcome(api.get(f"{path_of(table)}/fields", page_token="fldNoSuch")) == (200, 1254002)


def test_page_tokens_are_sealed(api: Api, box: Sandbox, guide: Docx) -> None:
    """Those of another document, of another list, and invented ones fail; with the switch, a second use does."""
    other_guide = box.tenant.add_document("另", [text("a"), text("b")], "GuideOfTheTests000000000002")
    foreign = api.data(f"/docx/v1/documents/{other_guide.document_id}/blocks", page_size=1)["page_token"]
    children = api.data(f"{PATH}/blocks/{ID}/children", page_size=1)["page_token"]
    for token in (foreign, children, "nonsense"):
        assert outcome(api.get(f"{PATH}/blocks", page_token=token)) == (400, 1770022)
    token = api.data(f"{PATH}/blocks", page_size=2)["page_token"]
    assert [api.get(f"{PATH}/blocks", page_token=token).status_code for _ in range(2)] == [200, 200]
    box.tokens_work_once = True
    assert api.get(f"{PATH}/blocks", page_token=token).status_code == 200
    assert outcome(api.get(f"{PATH}/blocks", page_token=token)) == (400, 1770022)
