"""What the columns of a cached table are defined as."""

from __future__ import annotations

from larknb.cache.cached import SourceCache
from larknb.cache.definitions import Link, colours, links
from tests.cache.taking import NOW, batch, holding, info, linked, take


def test_links_tell_where_they_lead(cached: SourceCache) -> None:
    """The table, the field, and whether a cell may hold several rows."""
    record = {"record_id": "rec1", "fields": {"team": {"link_record_ids": ["rec0"]}}}
    take(cached, NOW, batch(info("teams", "tblTeams"), 1), holding(linked("tblTeams"), record))
    (link,) = links(cached, "tblPeople").values()
    assert isinstance(link, Link) and (link.column, link.target, link.many) == ("team", "tblTeams", True)
    assert links(cached, "tblTeams") == {}


def test_a_table_without_selects_has_no_colours(cached: SourceCache) -> None:
    """Only columns of options have some."""
    take(cached, NOW, batch(info(), 1))
    assert colours(cached, "tblA") == {}
