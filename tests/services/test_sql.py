"""SQL over everything that is cached."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from larknb.cli import main
from larknb.errors import NotFound
from larknb.sandbox import Sandbox
from larknb.workspace import Workspace
from tests.conftest import Clock, Lab, text
from tests.services.test_joins import build, synced


@pytest.fixture
def workspace(tmp_path: Path, box: Sandbox, clock: Clock) -> Workspace:
    build(box)
    workspace = synced(tmp_path, box, clock)
    box.stop()
    return workspace


def test_tables_are_joined_over_their_links(workspace: Workspace) -> None:
    """Offline, by their Chinese names, in one query; what comes is a frame with plain types."""
    frame = workspace.sql(
        'SELECT p.姓名, u.名称, u.在用 FROM 人员 p JOIN "人员__部门" e USING (_record_id) '
        'JOIN "s1/部门" u ON u._record_id = e.linked_id ORDER BY ALL'
    )
    assert frame.to_dict("list") == {"姓名": ["李四", "王敏", "王敏"], "名称": ["测试", "平台", "测试"],
                                     "在用": [True, False, True]}  # fmt: skip
    assert isinstance(frame.index, pd.RangeIndex)


@pytest.mark.parametrize(
    ("expression", "dtype", "value"),
    [
        ("sum(1)", "float64", 3.0),
        ("count(*)", "int64", 3),
        ("avg(2)", "float64", 2.0),
        ("1.50::DECIMAL(10, 2)", "float64", 1.5),
        ("DATE '2024-01-05'", "datetime64[ms]", pd.Timestamp("2024-01-05")),
        ("TIMESTAMP '2024-01-05 08:00:00.123'", "datetime64[ms]", pd.Timestamp("2024-01-05 08:00:00.123")),
        ("max(_created_time) > TIMESTAMP '2000-01-01'", "bool", True),
        ("list(1 ORDER BY 1)", "object", (1, 1, 1)),
        ("[DATE '2024-01-05']", "object", (pd.Timestamp("2024-01-05"),)),
    ],
)
def test_results_have_the_types_of_a_loaded_frame(
    workspace: Workspace, expression: str, dtype: str, value: object
) -> None:
    """One kind of time, floats for decimals and great sums, tuples for lists."""
    column = workspace.sql(f"SELECT {expression} AS x FROM 人员")["x"]
    assert (str(column.dtype), column.iloc[0]) == (dtype, value)


def test_an_unknown_table_offers_near_names(workspace: Workspace) -> None:
    """As everywhere, the message says what there is."""
    with pytest.raises(NotFound, match="部门"):
        workspace.sql("SELECT * FROM 部")


def test_an_earlier_state_can_be_asked(edited: Lab) -> None:
    """``as_of`` means the same as in ``load``."""
    query = 'SELECT count(*) AS n FROM "s1/people"'
    assert edited.workspace.sql(query)["n"].item() == 31
    assert edited.workspace.sql(query, as_of=-2)["n"].item() == 30


@pytest.fixture
def edited(synced: Lab) -> Lab:
    synced.people.add({"name": text("新")})
    synced.later().workspace.sync(progress=False).raise_for_failures()
    return synced


def test_the_connection_has_all_tables(workspace: Workspace) -> None:
    """Views included; they follow the cache as it was when it was opened."""
    with workspace.connect() as connection:
        assert connection.sql('SELECT count(*) FROM "人员__部门"').fetchall() == [(3,)]
        names = {name for (name,) in connection.sql("SHOW TABLES").fetchall() if not name.startswith("_")}
    assert {"人员", "s1/人员", "部门", "驻地", "人员__部门", "人员__驻.地", "s1/部门__主管"} <= names


def test_the_command_line_answers_a_query(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a table, or for programs, without a column that only numbers the rows."""
    monkeypatch.chdir(workspace.root)
    assert main(["sql", "SELECT 姓名 FROM 人员 ORDER BY 1", "--csv"]) == 0
    assert capsys.readouterr().out.splitlines() == ["姓名", "吴悟", "李四", "王敏"]
    assert main(["sql", "SELECT 姓名 FROM 人员"]) == 0
    assert "3 rows" in capsys.readouterr().out
    assert main(["sql", "SELECT * FROM nope"]) == 2
