"""The tasks of an analyst's first week: each is two lines of a notebook, on the sample workspace a week later."""

from __future__ import annotations

import copy
import pickle
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from larknb.workspace import Workspace
from tests.conftest import Clock
from tests.week import HOST, week_of_work

Notebook = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def clock() -> Clock:
    """A Friday of the sample's time; more than a week later in the end."""
    return Clock(1_768_550_000.0)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Path]:
    """The sample workspace after a week; its platform is there as long as the tests of this file run."""
    root = tmp_path_factory.mktemp("week") / "ws"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LARKNB_LANG", "en")
        patch.setenv("LARKNB_SETTLE", "0")
        with week_of_work(root, clock):
            yield root


@pytest.fixture
def lk(sample: Path, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A copy of the workspace, with its calls as ``import larknb as lk`` has them, in the sample's time."""
    root = tmp_path / "ws"
    shutil.copytree(sample, root)
    monkeypatch.chdir(root)
    return Workspace(root, clock=clock, sleep=clock.sleep)


@pytest.fixture
def notebook(lk: Workspace) -> Notebook:
    """Return what runs the two lines of a task, and gives the names that they leave."""

    def run(code: str) -> dict[str, Any]:
        lines = code.strip().splitlines()
        assert len(lines) <= 2
        names: dict[str, Any] = {"lk": lk, "pd": pd}
        exec("\n".join(line.strip() for line in lines), names)
        return names

    return run


# --- the tasks --------------------------------------------------------------------------------------------------------


def test_people_with_their_departments(notebook: Notebook) -> None:
    """One row per person and department, with what the department's own table says."""
    staff = notebook('staff = lk.join("功能安全部人力盘点/人员", "部门", columns=["名称", "编制"])')["staff"]
    assert len(staff) >= 50
    pairs = staff.dropna(subset=["部门.名称"])
    assert all(name in departments for name, departments in zip(pairs["部门.名称"], pairs["部门"], strict=True))
    assert (staff["部门.编制"] == 5).any()


MONTHS = """
defects = lk.load("功能安全业务数据/缺陷")
months = defects.groupby([defects["发现时间"].dt.to_period("M"), "ASIL"], observed=False).size().unstack()
"""


def test_defects_a_month_by_severity(notebook: Notebook) -> None:
    """One row a month, one column per severity in the order of its options: fit to be plotted as it is."""
    names = notebook(MONTHS)
    months = names["months"]
    assert [*months.columns] == [*names["defects"]["ASIL"].cat.categories]
    assert months.index.is_monotonic_increasing
    assert months.to_numpy().sum() == names["defects"][["发现时间", "ASIL"]].dropna().shape[0] > 40


def test_it_is_plotted_with_a_chinese_title(notebook: Notebook) -> None:
    """Stacked bars, one colour per severity."""
    pytest.importorskip("matplotlib").use("agg")
    months = notebook(MONTHS)["months"]
    axes = months.plot.bar(stacked=True, title="每月缺陷")
    assert axes.get_title() == "每月缺陷"
    assert len(axes.containers) == months.shape[1]


def test_overdue_by_owner(notebook: Notebook) -> None:
    """Each owner once, however many share a defect."""
    names = notebook("""
        late = lk.load("功能安全业务数据/缺陷", where={"是否超期": "超期"})
        owners = late["处理人"].str.split("; ").explode().value_counts()
    """)
    assert (names["late"]["是否超期"] == "超期").all()
    assert owners_of(names["late"]) == names["owners"].to_dict()


def owners_of(frame: pd.DataFrame) -> dict[str, int]:
    names = [name for cell in frame["处理人"].dropna() for name in cell.split("; ")]
    return {name: names.count(name) for name in names}


def test_today_against_last_week(notebook: Notebook) -> None:
    """What came, what went, and each cell before and after."""
    changes = notebook('changes = lk.diff("功能安全业务数据/缺陷", since="7d").to_frame()')["changes"]
    assert changes["change"].value_counts()[["added", "removed"]].to_dict() == {"added": 1, "removed": 1}
    assert changes.loc[changes["column"] == "状态", "after"].tolist() == ["已关闭"]
    assert changes.loc[changes["change"] == "added", "after"].tolist() == ["充电口盖卡滞"]


def test_passages_on_a_fault_code(notebook: Notebook) -> None:
    """The passages of the guides, each with its headings and a link to its place."""
    hits = notebook('hits = lk.search("P0A1F", kind="document").to_frame()')["hits"]
    assert "1 故障现象 > 1.1 故障码" in [*hits["path"]]
    assert hits["snippet"].str.contains("P0A1F").all()
    assert hits["url"].str.startswith(f"{HOST}/docx/").all()


def test_the_third_table_of_a_guide(notebook: Notebook) -> None:
    """As a frame whose header is the table's own first row."""
    table = notebook('table = lk.document("故障定位指引文档3").tables[2]')["table"]
    assert table.shape == (3, 5)
    assert not any(str(name).isdigit() for name in table.columns)


def test_a_workbook_for_the_boss(notebook: Notebook) -> None:
    """Every table of the base is a worksheet, dates are dates, and the header stays in sight."""
    openpyxl = pytest.importorskip("openpyxl")
    notebook('lk.to_excel("功能安全业务数据", "boss.xlsx")')
    book = openpyxl.load_workbook("boss.xlsx")
    assert book.sheetnames == ["缺陷", "安全目标", "测试记录"]
    header, first = [[cell.value for cell in row] for row in book["缺陷"].iter_rows(max_row=2)]
    assert first[header.index("发现时间")].year >= 2024
    assert book["缺陷"].freeze_panes


def test_a_table_fixed_by_header_options(notebook: Notebook) -> None:
    """A header that is not the one that was found is named, and the frame is as one wants it."""
    months = notebook(f"""
        url = "{HOST}/sheets/TzBk9Rw3Xm7QdVnYc2LfHsGpJaE"
        months = lk.read(url, "月度统计", header=2)
    """)["months"]
    assert "新增" in months.columns
    assert len(months) == 5


OVER_TWO_LINKS = 'tests = lk.join("功能安全业务数据/测试记录", "验证的缺陷.安全目标", columns=["编号"], how="inner")'
IN_SQL = """
SELECT DISTINCT t._record_id, g."编号" AS "验证的缺陷.安全目标.编号" FROM "测试记录" t
JOIN "测试记录__验证的缺陷" d ON d._record_id = t._record_id JOIN "缺陷__安全目标" s ON s._record_id = d.linked_id
JOIN "安全目标" g ON g._record_id = s.linked_id
"""


def test_a_join_over_two_links(notebook: Notebook) -> None:
    """Tests with the safety goals of the defects that they verify."""
    tests = notebook(OVER_TWO_LINKS)["tests"]
    assert len(tests) > 100
    assert tests["验证的缺陷.安全目标.编号"].str.startswith("SG-").all()


def test_the_same_in_sql(notebook: Notebook) -> None:
    """The pairs are those of the join."""
    pytest.importorskip("duckdb")
    column = "验证的缺陷.安全目标.编号"
    tests = notebook(OVER_TWO_LINKS)["tests"].reset_index()
    asked = notebook(f"answer = lk.sql({IN_SQL!r})")["answer"]
    assert sorted(zip(asked["_record_id"], asked[column], strict=True)) == sorted(
        zip(tests["_record_id"], tests[column], strict=True)
    )


PAGE = Path(__file__).parents[1] / "docs" / "frames" / "README.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
CHECKS = "".join(re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda code: code.split("(")[0].strip())
def test_the_page_tells_what_works(lk: Workspace, snippet: str) -> None:
    """Every snippet of docs/frames runs on the sample workspace, with the check that the page declares."""
    pytest.importorskip("duckdb")
    settings = Path("larknb.toml")
    content, below = settings.read_text(encoding="utf-8"), '/base/FsQd7Vm4cXn2RtKyBw6pZjHgUaE"\n'
    settings.write_text(content.replace(below, below + CHECKS), encoding="utf-8")
    exec(snippet, {"lk": lk})
    assert [row.failed for row in lk.check("功能安全业务数据")] == [0]


# --- every column that load gives -------------------------------------------------------------------------------------

FORMS: list[Any] = [{}, *(pytest.param(form, marks=pytest.mark.soak) for form in (
    {"lists": "join"}, {"persons": "id"}, {"links": "id"}, {"aware": True}))]  # fmt: skip


@pytest.fixture
def frames(lk: Workspace) -> Callable[..., list[pd.DataFrame]]:
    """Return what loads every table there is, in one of the forms of a frame."""
    names = [f"{row.source}/{row.table}" for row in lk.status() if row.rows is not None]
    assert len(names) == 13
    return lambda **form: [lk.load(name, **form) for name in names]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_every_column_can_be_grouped_and_compared(
    frames: Callable[..., list[pd.DataFrame]], form: dict[str, Any]
) -> None:
    """Whatever is in it: tuples, options, times of day, nothing at all."""
    for column in (frame[name] for frame in frames(**form) for name in frame):
        present, one = column.dropna(), column.to_frame("x")
        assert one.groupby("x", observed=True).size().sum() == len(present)
        assert one.drop_duplicates().dropna()["x"].nunique() == column.nunique() == len(set(present))
        assert len(one.merge(one.drop_duplicates(), on="x")) == len(one)
        for value in present.head(1):
            assert (column == value).sum() == sum(each == value for each in present) > 0
        assert len(one.explode("x")) >= len(one)


def as_text(frame: pd.DataFrame) -> list[list[str]]:
    """Return the cells as texts, so that what a format has no type for can be compared."""
    return [[*map(_cell_text, column)] for _, column in frame.items()]


def _cell_text(cell: Any) -> str:
    if isinstance(cell, (tuple, list, np.ndarray)):
        return str(tuple(cell))
    if cell is None or pd.isna(cell) or cell == "":
        return ""
    if isinstance(cell, (bool, np.bool_)):
        return str(bool(cell))
    if isinstance(cell, (int, float, np.number)):
        return f"{float(cell):.15g}"  # a workbook keeps no more digits
    return str(cell)


def through_parquet(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    frame.to_parquet(path)
    return pd.read_parquet(path)


def through_pickle(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    frame.to_pickle(path)
    again: pd.DataFrame = pd.read_pickle(path)
    return again


def through_csv(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    frame.to_csv(path)
    times = [str(name) for name in frame if pd.api.types.is_datetime64_dtype(frame[name].dtype)]
    return pd.read_csv(path, index_col=0, dtype=texts_of(frame), parse_dates=times, keep_default_na=False, na_values={
        str(name): [""] for name in frame if name not in texts_of(frame)})  # fmt: skip


def through_excel(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    frame.to_excel(path.with_suffix(".xlsx"))
    return pd.read_excel(path.with_suffix(".xlsx"), index_col=0, dtype=texts_of(frame), keep_default_na=False)


def texts_of(frame: pd.DataFrame) -> dict[Any, Any]:
    """Return the columns that a reader must not take for numbers."""
    return {name: str for name in frame if frame[name].dtype in ("object", "str", "string", "category")}


@pytest.mark.parametrize("through", [through_parquet, through_pickle, through_csv, through_excel])
def test_a_frame_comes_back(
    frames: Callable[..., list[pd.DataFrame]], through: Callable[[pd.DataFrame, Path], pd.DataFrame], tmp_path: Path
) -> None:
    """By way of a file of every usual kind, with equal values; Parquet and pickle keep the types, too."""
    for frame in frames():
        again = through(frame, tmp_path / "frame")
        assert as_text(again) == as_text(frame)
        if through in (through_parquet, through_pickle):
            assert [*map(str, again.dtypes)] == [*map(str, frame.dtypes)]
            assert again.attrs["larknb"] == frame.attrs["larknb"]


KEPT = """
lk.diff("功能安全业务数据")
lk.history("功能安全业务数据")
lk.sync()
lk.status()
lk.search("电机过热")
lk.runs()
lk.check()
lk.show("功能安全业务数据/缺陷")
lk.document("故障定位指引文档1")
lk.sources()
lk.schema("功能安全业务数据/缺陷")
lk.paths("功能安全业务数据")
lk.preview("在线表格示例/月度统计")
lk.whoami()
lk.changes(lk.sync())
"""


@pytest.mark.parametrize("call", KEPT.split())
def test_what_a_call_gave_can_be_kept(notebook: Notebook, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pickle of it shows itself as it did, in both languages, and copies are whole."""
    result = notebook(f"result = {call}")["result"]
    for again in (pickle.loads(pickle.dumps(result)), copy.copy(result), copy.deepcopy(result)):
        for lang in ("zh", "en"):
            monkeypatch.setenv("LARKNB_LANG", lang)
            assert repr(again) == repr(result)
            assert getattr(again, "_repr_html_", str)() == getattr(result, "_repr_html_", str)()
