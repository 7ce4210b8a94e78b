from __future__ import annotations

import json
import os
import time
import unicodedata
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.cache.search import Contents, contents_of_guide, contents_of_tables, search_all
from larknb.cache.store import Cache
from larknb.guides.guide import to_guide
from larknb.guides.passages import passages_of_guide
from larknb.results.search import SearchHits
from larknb.sandbox import sample_workspace
from larknb.scan import Passage, search
from larknb.tabular.passages import passages_of_table
from larknb.tabular.raw import FIELD_KEY
from tests.conftest import Lab


def passage(text: str, *path: str, title: str = "guide", url: str = "https://example.com/d") -> Passage:
    return Passage("document", "source", title, path, text, url)


def marked(hits: SearchHits) -> list[str]:
    """The words that were found, as the first snippet marks them."""
    return [hits[0].snippet[start:end] for start, end in hits[0].marks]


# --- what is found -----------------------------------------------------------------------------------------------


@given(
    st.lists(st.text(alphabet="热温过电aAＡb，, ", max_size=12), max_size=8),
    st.text(alphabet="热温过aAＡ，,", min_size=1, max_size=3),
)
def test_recall_is_exact(texts: list[str], word: str) -> None:
    """Every passage that holds the word is found, and no other; width and case do not count."""
    plain = {"Ａ": "a", "A": "a", "，": ","}
    simple = ["".join(plain.get(char, char) for char in text) for text in texts]
    wanted = "".join(plain.get(char, char) for char in word)
    hits = search([passage(text, f"h{n}", title="") for n, text in enumerate(texts)], word, limit=99)
    assert {hit.path for hit in hits} == {f"h{n}" for n, text in enumerate(simple) if wanted in text}


def test_several_words_must_all_be_there() -> None:
    """In any order and at any distance; a heading further up counts, too."""
    passages = [
        passage("先测绝缘，再测温度", "电池包", "检查"),
        passage("只测绝缘", "电机", "检查"),
        passage("温度", "电池包", "别处"),
    ]
    assert [hit.path for hit in search(passages, "温度 绝缘")] == ["电池包 > 检查"]
    assert [hit.path for hit in search(passages, "绝缘\u3000电机")] == ["电机 > 检查"]
    assert not search(passages, "绝缘 制动")


def test_a_title_finds_its_document_once() -> None:
    """The title stands above every section, but only the first passage, which stands for the document, is a hit."""
    passages = [passage("开头", title="电机指引"), passage("步骤", "检查", title="电机指引")]
    hits = search(passages, "电机指引")
    assert [(hit.title, hit.path) for hit in hits] == [("电机指引", "")]


def test_headings_rank_first_then_titles_then_hits() -> None:
    """Ties stay in the order of their sources."""
    passages = [
        passage("过温", "one"),
        passage("过温，过温", "two"),
        passage("过温", "three", title="过温指引"),
        passage("", "过温判据"),
        passage("过温", "five"),
    ]
    hits = search(passages, "过温")
    assert [hit.path for hit in hits] == ["过温判据", "three", "two", "one", "five"]


def test_limit_and_kind() -> None:
    """What is left out is counted; another kind is not looked at."""
    passages = [passage("绝缘", str(n)) for n in range(30)]
    hits = search([*passages, passages[0]._replace(kind="bitable")], "绝缘", kind="document", limit=5)
    assert (len(hits), hits.found) == (5, 30)
    assert search(passages, "绝缘", limit=0).found == 30


@pytest.mark.parametrize("nothing", ["", "   ", "\u3000"])
def test_no_words_find_nothing(nothing: str) -> None:
    """An empty search has no hits instead of all."""
    assert len(search([passage("绝缘")], nothing)) == 0


# --- the snippet -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("报文 ＯＶＥＲ_temp 上报", "over_TEMP", ["ＯＶＥＲ_temp"]),
        ("阻值㎏与②", "kg 2", ["㎏", "②"]),  # one character that folds to two
        ("ﬁlter Straße", "FILTER STRASSE", ["ﬁlter", "Straße"]),
        ("e\u0301tat", "état", ["e\u0301tat"]),  # a letter and its accent fold together
        ("\u1100\u1161\u11a8 x", "각", ["\u1100\u1161\u11a8"]),
        ("xa\u0332\u0301", "á", ["a\u0332\u0301"]),  # the accent passes the line below the letter
        ("过温过温", "过温", ["过温", "过温"]),
        ("aab", "aa ab", ["aa"]),
        ("P0A1F-00 与 p0a1f-00", "P0A1F-00", ["P0A1F-00", "p0a1f-00"]),
    ],
)
def test_the_hit_is_marked_as_it_is_written(text: str, words: str, expected: list[str]) -> None:
    """The marks are in the unfolded text, whatever folding does to lengths."""
    assert marked(search([passage(text)], words)) == expected


letters = st.characters() | st.sampled_from("aeＡﬁ㎏\u0301\u0332\u0327\u1100\u1161\u11a8 \n")


@given(st.text(letters, max_size=200), st.integers(0, 199), st.integers(1, 4))
def test_every_hit_shows_its_mark(text: str, start: int, length: int) -> None:
    """Whatever the text is: a piece of it that is found is marked in the snippet, and the marks are in order."""
    word = text[start : start + length]
    hits = search([passage(text, "heading")], word)
    for hit in hits:
        ends = [0, *(place for mark in hit.marks for place in mark)]
        assert ends == sorted(ends)
        assert hit.marked(str, str) == hit.snippet
        assert hit.marks or unicodedata.combining(text[start]) or len(word.split()) != 1


def test_a_long_text_shows_what_surrounds_its_first_hit() -> None:
    """The snippet is one short line with the hit in it and dots where something was left out."""
    hit = search([passage("前" * 5000 + "\n电机过热\n" + "后" * 5000)], "电机过热")[0]
    assert hit.snippet.startswith("…前")
    assert hit.snippet.endswith("后…")
    assert "前 电机过热 后" in hit.snippet
    assert len(hit.snippet) < 110


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电" + "\u0301" * 50_000 + "机过热", "机过热"),
        ("ﬃ" * 25_000 + "机过热" + "ﬃ" * 25_000, "机过热"),
        ("\u1112\u1161\u11ab" * 10_000 + "机过热", "机过热"),
    ],
)
def test_a_hostile_cell_takes_no_longer_than_another(text: str, shown: str) -> None:
    """As many characters as a cell holds, all of one word and folding together: its hit is shown in a moment."""
    began = time.process_time()
    assert marked(search([passage(text)], shown)) == [shown]
    assert time.process_time() - began < 2


def test_a_hit_in_the_heading_shows_the_heading() -> None:
    """Where the text itself does not hold the word, the snippet begins with the heading that does."""
    hits = search([passage("断开高压", "定位", "过温检查")], "过温")
    assert hits[0].snippet == "过温检查 · 断开高压"
    assert marked(hits) == ["过温"]


# --- how hits show themselves ------------------------------------------------------------------------------------


def test_hits_as_frame_text_and_html() -> None:
    """The frame is for work, the text has its hits between asterisks, the HTML marks them and links to the place."""
    hits = search([passage("先查过温", "步骤", title="source")], "过温")
    assert list(hits.to_frame().columns) == ["kind", "source", "title", "path", "snippet", "url"]
    assert hits.to_frame()["snippet"].tolist() == ["先查过温"]
    assert "source  步骤   先查**过温**" in repr(hits)
    html = hits._repr_html_()
    assert "先查<mark>过温</mark>" in html
    assert '<a href="https://example.com/d"' in html
    assert "Nothing found" in repr(search([], "x"))


def test_hostile_text_injects_no_html() -> None:
    """Titles, headings, texts, sources and addresses come from outside."""
    evil = '<img src=x onerror="alert(1)">'
    bad = Passage("document", evil, evil, (evil,), f"{evil} 过温 \x1b[31m", 'https://x/"onclick="alert(1)')
    script = bad._replace(url="javascript:alert(1)")
    for hits in (search([bad, script], "过温"), search([bad, script], "onerror"), search([bad], "<img")):
        html = hits._repr_html_()
        assert "<img" not in html
        assert '"onclick' not in html
        assert "javascript:" not in html
        assert "\x1b" not in repr(hits)


# --- guides ------------------------------------------------------------------------------------------------------


def guide(**changes: Any) -> dict[str, Any]:
    sections = [
        {"path": ["指引"], "block_id": "DocId", "text": "开头", "tables": [], "assets": []},
        {"path": ["指引", "步骤", "检查"], "block_id": "blk1", "text": "测量", "tables": [0, 1, 2], "assets": [0, 1]},
    ]
    tables = [
        {"source": "table", "rows": [["只在正文中"]]},
        {
            "source": "sheet",
            "rows": [["部位", "阻值"], *[["定子", n] for n in range(200)], ["转子", 12.0], [None, "开路"]],
        },
        {"source": "bitable", "rows": None},
    ]
    assets = [{"caption": "测量点", "name": "标定.xlsx"}, {"caption": None, "name": None}]
    url = "https://example.feishu.cn/docx/DocId#old"
    return {"title": "指引", "url": url, "sections": sections, "tables": tables, "assets": assets} | changes


def test_a_guide_is_one_passage_per_section() -> None:
    """With its heading path, a link to its block, and what its text leaves out: names, captions, many rows."""
    first, second = passages_of_guide(guide(), "s")
    assert first == Passage("document", "s", "指引", (), "开头", "https://example.feishu.cn/docx/DocId#old")
    assert (second.path, second.heading) == (("步骤", "检查"), "检查")
    assert second.url == "https://example.feishu.cn/docx/DocId#blk1"
    assert second.text.splitlines() == ["测量", "转子 | 12", " | 开路", "测量点", "标定.xlsx"]


def test_the_contract_guide_is_searchable() -> None:
    """Words of text, tables, code, captions and file names are found under the right headings."""
    contract = os.environ.get("LARKNB_CONTRACT")
    if not contract:
        pytest.skip("LARKNB_CONTRACT names no folder")
    path = Path(contract) / "examples" / "docx" / "guide.expected-cache.json"
    passages = list(passages_of_guide(json.loads(path.read_text(encoding="utf-8")), "s"))
    for word, heading in [
        ("ntc 阻值", "2 定位步骤 > 2.1 静态检查"),
        ("传感器开路", "2 定位步骤 > 2.2 数据判读"),
        ("candump", "2 定位步骤 > 2.1 静态检查"),
        ("测量点", "2 定位步骤 > 2.1 静态检查"),
        ("标定数据", "3 附件与参考"),
        ("over_temp", "1 故障现象"),
    ]:
        assert search(passages, word)[0].path == heading


def test_the_sample_guides_are_searchable() -> None:
    """What an engineer looks for is found under its heading, and by all the guides that speak of it."""
    passages: list[Passage] = []
    for document in sample_workspace(rows=1).guides:
        info = {"document_id": document.document_id, "title": document.title}
        record = {"document": info, "blocks": document.blocks, "url": f"https://x/docx/{document.document_id}"}
        passages += passages_of_guide(to_guide(record), document.title)
    found = {
        word: {(hit.source[-1], hit.path) for hit in search(passages, word, limit=99)}
        for word in ("电机过热", "过温", "p0a1f-00", "绝缘")
    }
    assert ("1", "1 故障现象 > 1.1 故障码") in found["电机过热"] & found["过温"] & found["p0a1f-00"]
    assert {guide for guide, _ in found["电机过热"]} == {"1", "4"}
    assert {guide for guide, _ in found["p0a1f-00"]} == {"1"}
    assert ("2", "2 定位步骤 > 2.1 分段隔离") in found["绝缘"]


# --- tables ------------------------------------------------------------------------------------------------------


def friendly() -> pa.Table:
    primary = {FIELD_KEY: json.dumps({"field_id": "fld1", "type": 1, "is_primary": True}).encode()}
    columns = {
        "_record_id": pa.array(["rec1", "rec2", "rec3"]),
        "状态": pa.array(["新建", None, None]).dictionary_encode(),
        "标题": pa.array(["电机过热", None, None]),
        "标签": pa.array([["偶发", "必现"], None, []], pa.list_(pa.field("element", pa.string()))),
        "里程": pa.array([12.0, None, None]),
        "描述": pa.array(["三相绕组", "绝缘偏低", None], pa.large_string()),
        "_created_by": pa.array(["张三", "张三", "张三"]),
    }
    table = pa.table(columns)
    at = table.column_names.index("标题")
    return table.set_column(at, table.schema.field(at).with_metadata(primary), table.column(at))


def test_a_row_is_one_passage() -> None:
    """All its text, choices and lists; called after its primary column; who created it and numbers are no text."""
    first, second = passages_of_table(friendly(), "s", "缺陷", "https://x/base/App?table=tbl1")
    assert first.path == ("电机过热",)
    assert first.text.splitlines() == ["新建", "偶发, 必现", "三相绕组"]
    assert first.url == "https://x/base/App?table=tbl1"
    assert (second.path, second.text) == (("rec2",), "绝缘偏低")
    assert search([first, second], "新建 三相")[0].path == "电机过热"
    assert not search([first, second], "张三")


def test_a_row_may_be_called_by_a_number_or_a_date() -> None:
    """A primary column that is no text gives the label, too."""
    primary = {FIELD_KEY: json.dumps({"is_primary": True}).encode()}
    schema = pa.schema([("_record_id", pa.string()), pa.field("n", pa.float64(), metadata=primary), ("t", pa.string())])
    table = pa.table([["r"], [3.5], ["文"]], schema=schema)
    assert next(passages_of_table(table, "s", "t", "")).path == ("3.5",)
    empty = schema.empty_table()
    assert list(passages_of_table(empty, "s", "t", "")) == []


# --- everything that is cached -----------------------------------------------------------------------------------


class Shelf:
    """Some cached guides, and how often each was opened and read."""

    def __init__(self, root: Path) -> None:
        self.root, self.opened, self.read = root, 0, 0
        self.file = root / "search.json"

    def put(self, name: str, text: str, version: str = "1") -> None:
        folder = self.root / "guides" / name
        folder.mkdir(parents=True, exist_ok=True)
        section = {"path": [name], "block_id": "b", "text": text, "tables": [], "assets": []}
        (folder / "guide.json").write_text(json.dumps(guide(title=name, sections=[section])), encoding="utf-8")
        replaced = folder / "manifest.new"
        replaced.write_text(version, encoding="utf-8")
        replaced.replace(folder / "manifest.json")

    def contents(self, folder: Path) -> Contents:
        self.opened += 1
        version, passages = contents_of_guide(
            folder / "guide.json", (folder / "manifest.json").read_text(encoding="utf-8"), folder.name
        )

        def read() -> list[Passage]:
            self.read += 1
            return list(passages())

        return Contents(version, read)

    def search(self, text: str) -> list[str]:
        folders = sorted((self.root / "guides").iterdir())
        return [hit.source for hit in search_all(self.file, folders, self.contents, text)]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path)
    shelf.put("a", "电机过热")
    shelf.put("b", "绝缘")
    return shelf


def test_a_source_is_read_once(shelf: Shelf) -> None:
    """The second search opens nothing, in this process or in another one."""
    assert shelf.search("过热") == ["a"]
    assert shelf.search("绝缘") == ["b"]
    forget()
    assert shelf.search("过热") == ["a"]
    assert (shelf.opened, shelf.read) == (2, 2)


def test_what_is_kept_is_what_was_read(shelf: Shelf) -> None:
    """Marks of our own in a text, and half of a character, which no file can hold, are text like any other."""
    shelf.put("a", '甲\x1e乙\x1f "丙" 电机')
    found = shelf.search("甲 乙 丙")
    forget()
    assert found == shelf.search("乙 电机") == ["a"]
    assert shelf.search("甲乙") == []
    half = [Contents("1", lambda: [passage("电机\ud83d")])]
    (shelf.root / "guides" / "c").mkdir()
    hits = search_all(shelf.root / "other.json", [shelf.root / "guides" / "c"], lambda _: half[0], "电机")
    assert [hit.snippet for hit in hits] == ["电机\ud83d"]


def forget() -> None:
    """What a new process knows."""
    from larknb.cache.search import _last

    _last.clear()


def test_what_changed_is_read_again(shelf: Shelf) -> None:
    """A replaced manifest is opened; its text is read only if there is a new version; a source that left is gone."""
    shelf.search("过热")
    shelf.put("a", "过热", version="1")  # a look that found nothing new
    assert shelf.search("过热") == ["a"]
    assert (shelf.opened, shelf.read) == (3, 2)
    shelf.put("a", "过温", version="2")
    assert shelf.search("过热") == []
    assert shelf.search("过温") == ["a"]
    assert (shelf.opened, shelf.read) == (4, 3)
    for path in (shelf.root / "guides" / "a").iterdir():
        path.unlink()
    (shelf.root / "guides" / "a").rmdir()
    assert shelf.search("过温") == []


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 2, "sources": {"x": 5}}', b'{"format": 0}'])
def test_a_damaged_file_is_made_again(shelf: Shelf, damage: bytes) -> None:
    """Whatever happened to what is kept, the search is right."""
    shelf.search("过热")
    shelf.file.write_bytes(damage)
    forget()
    assert shelf.search("过热") == ["a"]
    assert json.loads(shelf.file.read_bytes())["sources"]


def test_a_broken_source_hides_no_other(shelf: Shelf) -> None:
    """Its guide cannot be read: the others are found, and it is, too, once it is whole again."""
    (shelf.root / "guides" / "a" / "guide.json").write_text("{")
    assert shelf.search("绝缘") == ["b"]
    shelf.put("a", "绝缘")
    assert shelf.search("绝缘") == ["a", "b"]


def test_where_nothing_can_be_kept_the_search_still_works(shelf: Shelf) -> None:
    """The file's place is taken by a folder: every search is right."""
    shelf.file.mkdir()
    assert shelf.search("过热") == ["a"]
    assert shelf.search("绝缘") == ["b"]


def test_the_rows_of_a_synced_base_are_found(lab: Lab) -> None:
    """Text and linked rows' names, with a link to the row; a new sync is seen by the next search."""
    lab.workspace.sync(progress=False).raise_for_failures()
    cached = next(iter(Cache(lab.workspace.settings.cache_dir).sources.values()))

    def find(text: str) -> SearchHits:
        return search_all(
            lab.workspace.root / "search.json", [cached.folder], lambda _: contents_of_tables(cached), text
        )

    hits = find("PERSON 17")
    assert [(hit.kind, hit.source, hit.title, hit.path) for hit in hits] == [("bitable", "s1", "people", "person 17")]
    assert hits[0].url == f"{lab.box.url}/base/{lab.base.app_token}?table=tblPeople"
    assert find("team").found == 32  # the teams themselves, and the people who are linked to them
    lab.people.edit(next(iter(lab.people.rows)), {"name": [{"type": "text", "text": "somebody new"}]})
    lab.later().workspace.sync(progress=False, force=True).raise_for_failures()
    cached.reload()
    assert [hit.path for hit in find("somebody new")] == ["somebody new"]


def test_a_row_without_text_loses_no_other() -> None:
    """A row whose text cells are all empty leaves the others at their places."""
    columns = {"_row": [3, 4, 5], "编号": ["1", "2", "3"], "名称": ["电机", None, "电池"], "备注": [None, None, "绝缘"]}
    found = list(passages_of_table(pa.table(columns), "s", "t", "u", "spreadsheet"))
    assert [passage.text for passage in found if passage.text] == ["电机", "电池\n绝缘"]
