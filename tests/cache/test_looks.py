"""The looks that found nothing new, kept in one file for all sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.cache.looks import KEPT, LOOKS, Looks


def test_a_look_counts_for_the_manifest_that_it_found(tmp_path: Path) -> None:
    """Another process learns of it, and as soon as the manifest is another one it counts no more."""
    looks = Looks(tmp_path)
    looks.note("AppA", "seal", 1_768_000_000.0)
    looks.save()
    assert Looks(tmp_path).at("AppA", "seal") == 1_768_000_000.0
    assert Looks(tmp_path).at("AppA", "other") == Looks(tmp_path).at("AppB", "seal") == 0.0


def test_what_two_syncs_noted_is_kept_until_it_is_old(tmp_path: Path) -> None:
    """A sync of one source does not take the looks of the others away; those of sources that are gone end."""
    for number, key in enumerate(("gone", "AppA", "AppB")):
        looks = Looks(tmp_path)
        looks.note(key, "seal", 1_768_000_000.0 + number * 0.6 * KEPT)
        looks.save()
    found = Looks(tmp_path)
    assert [bool(found.at(key, "seal")) for key in ("gone", "AppA", "AppB")] == [False, True, True]


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 64, b"[]", b'{"format": 9, "looks": {}}', b'{"format": 1, "looks": 7}']
)
def test_a_file_that_is_damaged_or_newer_costs_looks_alone(tmp_path: Path, content: bytes) -> None:
    """Nothing is known, and nothing fails; a newer larknb's file stays as it is."""
    (tmp_path / LOOKS).write_bytes(content)
    looks = Looks(tmp_path)
    assert looks.at("AppA", "seal") == 0.0
    looks.note("AppA", "seal", 1_768_000_000.0)
    looks.save()
    assert ((tmp_path / LOOKS).read_bytes() == content) == (b"9" in content)


def test_a_place_that_takes_no_file_costs_looks_alone(tmp_path: Path) -> None:
    """A folder under the name is left alone."""
    (tmp_path / LOOKS).mkdir()
    looks = Looks(tmp_path)
    looks.note("AppA", "seal", 1_768_000_000.0)
    looks.save()
    assert (tmp_path / LOOKS).is_dir()
