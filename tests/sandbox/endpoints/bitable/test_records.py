"""Records as they are served."""

from __future__ import annotations

from larknb.sandbox import Base, Field, Sandbox, Table

from ...conftest import NOON_MS, Api, outcome


def test_empty_cells_have_no_key(api: Api, base: Base) -> None:
    """Cells that were never filled, or were emptied, are missing from ``fields``."""
    table = base.add_table("T", [Field("A", 1), Field("B", 4), Field("C", 7), Field("D", 18)])
    record_id = table.add({"A": "x", "B": [], "C": False, "D": []})
    assert api.rows(table)[0]["fields"] == {"A": [{"type": "text", "text": "x"}], "C": False}
    table.edit(record_id, {"A": None})
    assert api.rows(table)[0]["fields"] == {"C": False}
    table.edit(record_id, {"A": "y", "B": ["z"]})
    table.edit(record_id, {"A": "", "B": []})
    assert api.rows(table)[0]["fields"] == {"C": False}


def test_automatic_fields_only_if_asked(api: Api, table: Table, box: Sandbox) -> None:
    """Times in milliseconds and single persons come with automatic_fields alone."""
    assert set(api.rows(table)[0]) == {"record_id", "fields"}
    row = api.rows(table, {"automatic_fields": True})[0]
    assert (row["created_time"], row["last_modified_time"]) == (NOON_MS, NOON_MS)
    assert row["created_by"] == box.tenant.users[0].person()
    assert outcome(api.search(table, {"automatic_fields": "yes"})) == (200, 1254001)


def test_attachments_carry_addresses_that_move_with_the_revision(api: Api, base: Base) -> None:
    """Url and tmp_url name the file, the table and its revision."""
    table = base.add_table("T", [Field("文件", 17)])
    table.add({"文件": [{"file_token": "box1", "name": "a.png", "type": "image/png", "size": 3}]})
    file = api.rows(table)[0]["fields"]["文件"][0]
    extra = f"extra=%7B%22bitablePerm%22%3A%7B%22tableId%22%3A%22{table.table_id}%22%2C%22rev%22%3A2%7D%7D"
    assert file["url"] == f"{api.url}/open-apis/drive/v1/medias/box1/download?{extra}"
    assert file["tmp_url"].endswith(f"/medias/batch_get_tmp_download_url?file_tokens=box1&{extra}")
    table.add({})
    assert "rev%22%3A3" in api.rows(table)[0]["fields"]["文件"][0]["url"]
