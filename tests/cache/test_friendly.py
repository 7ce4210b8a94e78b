"""The friendly form of a table, as it lies there or made again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from larknb.cache import friendly
from larknb.cache.cached import SourceCache
from larknb.cache.checks import Corrupt
from larknb.cache.manifest import TableEntry

from .taking import NOW, batch, info, take


@pytest.fixture
def entry(cached: SourceCache) -> TableEntry:
    """A table of three rows, as its source's manifest has it."""
    take(cached, NOW, batch(info(), 3))
    return cached.tables["tblA"]


def spoil(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9] + b"?" * 9)


@pytest.mark.parametrize("harm", [spoil, Path.unlink])
def test_what_is_damaged_or_gone_is_made_again(
    cached: SourceCache, entry: TableEntry, harm: Callable[[Path], None]
) -> None:
    """The rows, some columns of them, and what the columns are, are what they were; a query gets them as well."""
    before, columns = friendly.read(cached, entry), friendly.schema(cached, entry)
    harm(cached.folder / entry.friendly)
    assert friendly.read(cached, entry).equals(before)
    assert friendly.read(cached, entry, ["name"]).column_names == ["name"]
    assert friendly.schema(cached, entry).equals(columns)
    assert friendly.dataset(cached, entry).to_pylist() == before.to_pylist()


def test_what_is_of_an_older_form_is_made_in_memory(cached: SourceCache, entry: TableEntry) -> None:
    """Its file may hold columns of other types; it is not even looked at."""
    before = friendly.read(cached, entry)
    (cached.folder / entry.friendly).unlink()
    assert not friendly.is_current(replace(entry, friendly_form=1))
    assert friendly.read(cached, replace(entry, friendly_form=1)).equals(before)


def test_the_file_itself_is_what_a_query_reads(cached: SourceCache, entry: TableEntry) -> None:
    """A data set of it, not a table in memory."""
    found = friendly.dataset(cached, entry)
    assert not isinstance(found, pa.Table)
    assert found.to_table().num_rows == 3


def test_what_cannot_be_made_again_is_told_by_its_own_name(cached: SourceCache, entry: TableEntry) -> None:
    """The raw file is lost as well: the problem was that of the friendly one."""
    spoil(cached.folder / entry.friendly)
    (cached.folder / entry.raw).unlink()
    with pytest.raises(Corrupt) as caught:
        friendly.read(cached, entry)
    assert caught.value.filename == str(cached.folder / entry.friendly)
