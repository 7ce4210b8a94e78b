"""Values that are seen late, and bytes that are kept."""

from __future__ import annotations

from functools import partial

from larknb.sandbox import Base, Sandbox, Table
from larknb.sandbox.world.memory import ByteCache

from ..conftest import NOON, Api, Clock, data_of, path_of
from ..reading import doc, metas


def test_replicas_lag(api: Api, table: Table, box: Sandbox, clock: Clock) -> None:
    """Record reads show the state of a while ago while the list of tables already has the new revision."""
    box.replica_lag = 5
    first, second = list(table.rows)[:2]
    clock.now += 100
    table.delete(first)
    table.edit(second, {"数量": 50})
    tables = api.data(f"/bitable/v1/apps/{table.base.app_token}/tables")
    assert tables["items"][0]["revision"] == table.revision
    assert [row["fields"]["数量"] for row in api.rows(table)] == [0, 1, 2, 3, 4]
    assert data_of(api.post(f"{path_of(table)}/records/batch_get", {"record_ids": [first]}))["absent_record_ids"] == []
    clock.now += 4.9
    assert len(api.rows(table)) == 5
    clock.now += 0.1
    assert [row["fields"]["数量"] for row in api.rows(table)] == [50, 2, 3, 4]


def test_revisions_lag(api: Api, table: Table, box: Sandbox, clock: Clock) -> None:
    """The other way round: rows are new while the list of tables still has the old revision."""
    box.revision_lag = 5
    before = table.revision
    table.add({"数量": 6})
    assert len(api.rows(table)) == 6
    path = f"/bitable/v1/apps/{table.base.app_token}/tables"
    assert api.data(path)["items"][0]["revision"] == before
    clock.now += 5
    assert api.data(path)["items"][0]["revision"] == before + 1


def test_modify_times_may_lag(api: Api, base: Base, box: Sandbox, clock: Clock) -> None:
    """With a lag the gate shows the time of the edit before."""
    box.mtime_lag = 30
    clock.now += 100
    base.touch()
    assert metas(api, doc(base.app_token))["metas"][0]["latest_modify_time"] == str(int(NOON))
    clock.now += 30
    assert metas(api, doc(base.app_token))["metas"][0]["latest_modify_time"] == str(int(NOON) + 100)


def test_bytes_are_made_once_while_there_is_room() -> None:
    """What does not fit any more is made each time; forgetting makes room again."""
    made: list[bytes] = []

    def make(content: bytes) -> bytes:
        made.append(content)
        return content

    cache = ByteCache(5)
    answers = [cache.once(content, partial(make, content)) for content in (b"abc", b"xyz") * 2]
    assert answers == [b"abc", b"xyz"] * 2
    assert made == [b"abc", b"xyz", b"xyz"]
    cache.forget()
    for _ in range(2):
        cache.once(b"xyz", partial(make, b"xyz"))
    assert made[3:] == [b"xyz"]
