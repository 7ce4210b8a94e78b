"""What a guide says, key by key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from larknb.guides import schema
from larknb.guides.guide import to_guide
from tests.guides.builders import MEDIA, link, other, para, record, table, text

MENTIONS = para(
    link("链接", "https://e.com"),
    {"mention_user": {"user_id": "ou_1"}},
    {"mention_doc": {"token": "Doc", "obj_type": 22, "title": "别的", "url": "https://x.feishu.cn/docx/Doc"}},
)
SHEET, BASE = other(30, "sheet", {"token": "Sht_id"}), other(18, "bitable", {"token": "App_tbl"})
PICTURE = other(27, "image", {"token": "tok", "caption": {"content": "测点"}})
MERGED = table([["a", "b"], ["c", ""], ["", "d"]], merges={2: (2, 1)})
GUIDE = to_guide(record(para("前言"), text(3, "一"), MERGED, SHEET, BASE, PICTURE, MENTIONS), MEDIA)

TABLES = {"table": schema.OwnTable, "sheet": schema.Sheet, "bitable": schema.Base}


def keys_of(entries: Iterable[Mapping[str, Any]]) -> set[frozenset[str]]:
    return {frozenset(entry) for entry in entries}


def test_the_whole_has_the_keys_that_are_said() -> None:
    """In this order, for programs that read ``guide.json`` by eye."""
    assert [*GUIDE] == [*schema.Guide.__annotations__]


@pytest.mark.parametrize("source", TABLES)
def test_a_table_has_the_keys_that_are_said(source: str) -> None:
    """An own table, a worksheet and a table of a base name themselves in ways of their own."""
    [found] = [each for each in GUIDE["tables"] if each["source"] == source]
    assert [*found] == [*TABLES[source].__annotations__]


def test_every_list_has_the_keys_that_are_said() -> None:
    """Headings, sections, merged cells and people: each entry has the same."""
    assert keys_of(GUIDE["outline"]) == {schema.Heading.__required_keys__}
    assert keys_of(GUIDE["sections"]) == {schema.Section.__required_keys__}
    assert keys_of(GUIDE["mentions"]) == {schema.MentionedUser.__required_keys__}
    assert GUIDE["tables"][0]["source"] == "table"
    assert keys_of(GUIDE["tables"][0]["merges"]) == {schema.Merge.__required_keys__}


def test_links_and_pictures_have_no_other_keys() -> None:
    """What is not known of one is left out."""
    plain, mention = GUIDE["links"]
    assert plain.keys() == {*schema.Link.__annotations__} - {*schema.MentionedDocument.__annotations__}
    assert mention.keys() == {*schema.Link.__annotations__}
    [asset] = GUIDE["assets"]
    assert schema.Asset.__required_keys__ <= asset.keys() <= {*schema.Asset.__annotations__}
