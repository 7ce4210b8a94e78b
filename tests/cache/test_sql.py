"""The tables of the cache in DuckDB."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from larknb.cache.sql import Edge, Relation, connect, may_ask, run
from larknb.errors import ConfigError, LarkError, NotFound

PEOPLE = pa.table(
    {"_record_id": ["r1", "r2", "r3"], "姓名": ["王", "李", "吴"], "部门": [["测试", "平台"], ["测试"], None],
     "上级": ["李", None, None]}
)  # fmt: skip
RAW = pa.table({"_record_id": ["r1", "r2", "r3"], "fldU": [["u1", "u2"], ["u1"], None], "fldC": [["r2"], None, []]})
EDGES = (Edge("部门", "fldU", RAW, many=True), Edge("上级", "fldC", RAW, many=False))


def asked(query: str, *relations: Relation) -> list[dict[str, object]]:
    given = relations or (Relation("人力", "人员", PEOPLE, EDGES),)
    found: list[dict[str, object]] = run(connect(given), query, ["人员", "人力/人员"]).to_pylist()
    return found


@pytest.mark.parametrize("name", ["人员", '"人员"', '"人力/人员"'])
def test_a_table_has_two_names(name: str) -> None:
    """Its own, and the one behind its source."""
    assert asked(f"SELECT count(*) AS n FROM {name}") == [{"n": 3}]


def test_a_file_is_a_table(tmp_path: Path) -> None:
    """A data set of Parquet files is read as far as the query needs it."""
    pq.write_table(PEOPLE, tmp_path / "p.parquet")
    assert asked(
        "SELECT 姓名 FROM t WHERE _record_id = 'r2'", Relation("s", "t", ds.dataset(tmp_path / "p.parquet"))
    ) == [{"姓名": "李"}]


@pytest.mark.parametrize("name", ["人员__部门", "人力/人员__部门"])
def test_a_link_column_is_a_view_of_pairs(name: str) -> None:
    """One row per link, with both ids and the text."""
    pairs = asked(f'SELECT * FROM "{name}" ORDER BY ALL')
    assert [tuple(pair.values()) for pair in pairs] == [
        ("r1", "u1", "测试"),
        ("r1", "u2", "平台"),
        ("r2", "u1", "测试"),
    ]


def test_a_link_to_one_row_is_a_view_too() -> None:
    """Where the friendly column holds plain values."""
    assert asked('SELECT * FROM "人员__上级"') == [{"_record_id": "r1", "linked_id": "r2", "text": "李"}]


def test_a_name_means_one_table() -> None:
    """Tables of one name, in whatever case, are had behind their sources alone."""
    one, other = Relation("a", "T", pa.table({"x": [1]})), Relation("b", "t", pa.table({"x": [2]}))
    assert asked('SELECT * FROM "b/t"', one, other) == [{"x": 2}]
    with pytest.raises(NotFound):
        asked("SELECT * FROM t", one, other)


def test_a_name_with_quotes_is_a_name() -> None:
    """Whatever a table is called, it is called so and nothing else happens."""
    title = 'x"; DROP VIEW y; --'
    assert asked(
        f'SELECT * FROM "{title.replace(chr(34), chr(34) * 2)}"', Relation("s", title, pa.table({"x": [1]}))
    ) == [{"x": 1}]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT * FROM 人", '"人员"'),
        ("SELECT 姓 FROM 人员", "姓名"),
        ("SELECT sum(姓名) FROM 人员", "CAST"),
        ("SELECT CAST('x' AS INTEGER)", "DESCRIBE"),
        ("SELEC 1", "double quotes"),
        ("SELEC 1", "syntax error"),
        ("SELECT 1 +", "syntax error"),
        ("", ""),
    ],
)
def test_a_query_that_is_wrong_is_explained(query: str, told: str) -> None:
    """The message names what there is instead, and nothing of DuckDB's own."""
    if not query:
        assert asked(query) == []
        return
    with pytest.raises((ConfigError, NotFound)) as caught:
        asked(query)
    assert told in str(caught.value) and "pg_" not in str(caught.value)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM '{file}'",
        "SELECT * FROM glob('{folder}/*')",
        "COPY (SELECT 1) TO '{folder}/new.csv'",
        "COPY (SELECT 1) TO '{file}' (USE_TMP_FILE false)",
        "EXPORT DATABASE '{folder}/new'",
        "ATTACH '{folder}/new.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM read_parquet('https://example.com/x.parquet')",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET enable_external_access",
        "SELECT * FROM secret_of_the_caller",
    ],
)
def test_nothing_but_the_tables_is_within_reach(tmp_path: Path, query: str) -> None:
    """No query reads or writes a file, opens a connection, unlocks a door or sees a variable of Python."""
    secret_of_the_caller = pa.table({"x": [1]})
    (tmp_path / "private.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(LarkError):
        asked(query.format(file=tmp_path / "private.csv", folder=tmp_path))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["private.csv"]
    assert secret_of_the_caller.num_rows == 1


def test_files_can_be_asked_for(tmp_path: Path) -> None:
    """Whoever wants to join a file of their own says so."""
    (tmp_path / "mine.csv").write_text("姓名,分\n王,5\n", encoding="utf-8")
    connection = connect([Relation("人力", "人员", PEOPLE)], files=True)
    query = f"SELECT 分 FROM 人员 JOIN read_csv('{tmp_path / 'mine.csv'}') USING (姓名)"
    assert run(connection, query, []).to_pylist() == [{"分": 5}]


@pytest.mark.parametrize(
    ("query", "asked_for"),
    [
        ('SELECT * FROM "人力/人员"', True),
        ("select * from 人员", True),
        ('SELECT * FROM "人员__部门" JOIN x USING (y)', True),
        ("SELECT 1", False),
        ('SELECT * FROM "a""B"', False),
    ],
)
def test_tables_that_a_query_does_not_name_are_not_opened(query: str, asked_for: bool) -> None:
    """Views of a table count as its name, quotes and case as SQL has them."""
    assert may_ask(query, "人员") is asked_for
    assert may_ask('SELECT * FROM "a""B"', 'A"b')
