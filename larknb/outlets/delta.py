"""The current tables as Delta tables (the extra ``[delta]``): one commit for each table that changed.

They lie in ``delta/<source>/<table>`` and hold their own history, version by version. Each commit names the file that
it was made of, so that an unchanged table gets none.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from larknb.cache import loading
from larknb.cache.cached import SourceCache
from larknb.cache.manifest import Manifest, TableEntry
from larknb.errors import ConfigError
from larknb.messages import say
from larknb.remote.signed import endpoint, region
from larknb.remote.target import Bucket, Target, reaching

__all__ = ["need", "places", "plain_rows", "publish"]

FOLDER = "delta"
MADE_OF = "larknb.version"  # in the commit: what the version was made of


def need() -> None:
    """Say at once what is missing, before anything is published."""
    if importlib.util.find_spec("deltalake") is None:
        raise ConfigError(say("delta.missing.what"), next=say("delta.missing.next"))


def places(stem: str, manifest: Manifest) -> set[str]:
    """Return where the tables of a source lie, each with a slash behind it."""
    return {_place(stem, entry) for entry in manifest.tables.values()}


def _place(stem: str, entry: TableEntry) -> str:
    return f"{FOLDER}/{stem}/{entry.file}/"


def publish(target: Target, stem: str, cached: SourceCache) -> None:
    """Write the tables of a source that changed since their last version."""
    for table_id, entry in cached.tables.items():
        _write(target, _place(stem, entry).rstrip("/"), cached, table_id, f"{entry.raw} {entry.friendly_check}")


def _write(target: Target, name: str, cached: SourceCache, table_id: str, version: str) -> None:
    import deltalake
    from deltalake.exceptions import DeltaError

    place, options = f"{_address(target)}/{quote(name) if isinstance(target, Bucket) else name}", _options(target)
    try:
        if deltalake.DeltaTable.is_deltatable(place, options) and _made_of(deltalake, place, options) == version:
            return
        names = loading.schema(cached, table_id).names
        parts = (plain_rows(rows) for rows in loading.friendly_groups(cached, table_id, names))
        first = next(parts)
        reader = pa.RecordBatchReader.from_batches(first.schema, _batches(first, parts))
        deltalake.write_deltalake(
            place, reader, mode="overwrite", schema_mode="overwrite", storage_options=options,
            commit_properties=deltalake.CommitProperties(custom_metadata={MADE_OF: version}),
        )  # fmt: skip
    except (DeltaError, OSError) as error:
        with reaching(target, "write"):
            raise OSError(str(error)) from error


def _made_of(deltalake: Any, place: str, options: Mapping[str, str]) -> str:
    last = deltalake.DeltaTable(place, storage_options=options).history(1)
    return str(last[0].get(MADE_OF, "")) if last else ""


def _address(target: Target) -> str:
    """Return a target as deltalake names it: what stands for itself in a name is escaped in an address."""
    return f"{target.scheme}://{target.bucket}/{quote(target.prefix)}" if isinstance(target, Bucket) else target.address


def _options(target: Target) -> dict[str, str]:
    """Return what deltalake is told of a store beside what it takes from the environment itself."""
    address = endpoint()
    if not target.address.startswith("s3://") or not address:
        return {}
    plain = {"AWS_ALLOW_HTTP": "true"} if address.startswith("http://") else {}
    return {"AWS_ENDPOINT_URL": address, "AWS_REGION": region(), "aws_conditional_put": "etag", **plain}


# --- rows -----------------------------------------------------------------------------------------------------------


def _batches(first: pa.Table, parts: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
    yield from first.to_batches()
    for rows in parts:
        yield from rows.cast(first.schema).to_batches()


def plain_rows(rows: pa.Table) -> pa.Table:
    """Return rows with the types that Delta has: texts for categories and times of day, times in microseconds."""
    return rows.cast(pa.schema([pa.field(each.name, _type(each.type)) for each in rows.schema]))


def _type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _type(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_type(kind.value_type))
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz and "UTC")
    if pa.types.is_time(kind) or pa.types.is_null(kind) or pa.types.is_large_string(kind):
        return pa.string()
    if pa.types.is_unsigned_integer(kind):
        return pa.int64()
    return kind
