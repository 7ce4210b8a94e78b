"""Documents: recorded ones word for word, written ones block by block, pages, revisions, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from larknb.sandbox import Docx, Fault, Sandbox, User, blocks
from larknb.sandbox.blocks import (
    LANGUAGES,
    Rows,
    at,
    bold,
    bullet,
    callout,
    code,
    divider,
    doc,
    equation,
    file,
    formula,
    grid,
    heading,
    image,
    italic,
    link,
    mono,
    ordered,
    other,
    page,
    quote,
    reference,
    reminder,
    struck,
    synced,
    table,
    text,
    todo,
    underlined,
)

from .conftest import NOON, Api, Clock, data_of, outcome

ID = "GuideOfTheTests000000000001"
PATH = f"/docx/v1/documents/{ID}"
RECORDED = [
    ("docx/testdocx.1.json", 43),
    ("docx/testdocx.3.json", 33),
    ("docx/larkdocs2md.block-list.response.json", 88),
    ("docx/user-plugin.sample-1.blocks.json", 48),
    ("docx/blocks_list.doc.json", 5),
    ("docx/blocks_media.doc.json", 4),
    ("docx/blocks_sheet.doc.json", 2),
    ("docx/blocks_bitable.doc.json", 2),
]


@pytest.fixture
def guide(box: Sandbox) -> Docx:
    """A title, a heading, and a list with one item below another."""
    parts = [heading(1, "现象"), bullet("上电", bullet("三秒内")), text()]
    return box.tenant.add_document("指引", parts, ID)


def blocks_of(api: Api, document_id: str = ID, **query: Any) -> list[dict[str, Any]]:
    """Return the blocks of all pages."""
    items: list[dict[str, Any]] = []
    page: dict[str, Any] = {"has_more": True}
    while page["has_more"]:
        more = {"page_token": page["page_token"]} if "page_token" in page else {}
        page = api.data(f"/docx/v1/documents/{document_id}/blocks", **query, **more)
        items += page["items"]
    return items


def inner(block: dict[str, Any]) -> Any:
    """Return the payload of a block, whatever its key."""
    (key,) = set(block) - {"block_id", "block_type", "parent_id", "children"}
    return block[key]


# Recorded ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "count"), RECORDED)
def test_recorded_documents_come_back_word_for_word(
    name: str, count: int, recorded: Callable[[str], Any], api: Api, box: Sandbox
) -> None:
    """All forms of dumps: with the document's info, bare lists, whole answers."""
    dump = recorded(name)
    loaded = box.tenant.load_document(dump)
    plain = dump if isinstance(dump, list) else dump.get("blocks") or dump["data"]["items"]
    served = blocks_of(api, loaded.document_id)
    assert served == plain
    assert len(served) == count
    facts = api.data(f"/docx/v1/documents/{loaded.document_id}")["document"]
    if isinstance(dump, dict) and "document" in dump:
        assert facts == dump["document"]
    assert facts["document_id"] == plain[0]["block_id"]


def test_a_document_recorded_in_pages(recorded: Callable[[str], Any], api: Api, box: Sandbox) -> None:
    """Info and pages together make one document; title, revision and pages of 25 are as they were."""
    info = recorded("docx/guide.documents_get.constructed.json")
    pages = [recorded(f"docx/guide.blocks.page{number}.constructed.json") for number in (1, 2, 3)]
    loaded = box.tenant.load_document([info, *pages])
    assert api.get(f"/docx/v1/documents/{loaded.document_id}").json() == info
    path = f"/docx/v1/documents/{loaded.document_id}/blocks"
    token: dict[str, str] = {}
    for recorded_page in pages:
        served = api.data(path, page_size=25, **token)
        assert served["items"] == recorded_page["data"]["items"]
        assert served["has_more"] == recorded_page["data"]["has_more"]
        token = {"page_token": served.get("page_token", "")}


def test_a_recorded_document_under_another_name_and_id(recorded: Callable[[str], Any], api: Api, box: Sandbox) -> None:
    """The page block keeps the id of the document, and its children keep their parent."""
    loaded = box.tenant.load_document(recorded("docx/testdocx.3.json"), "别名", ID)
    served = blocks_of(api)
    assert (loaded.title, served[0]["block_id"], served[1]["parent_id"]) == ("别名", ID, ID)


def test_children_with_descendants(recorded: Callable[[str], Any], api: Api, box: Sandbox) -> None:
    """The recorded answer: the block asked for comes first; without the flag its direct children alone."""
    answer = recorded("docx/block_children_with_descendants.constructed.json")
    root = {"block_id": ID, "block_type": 1, "parent_id": "", "children": ["SrcBlk000000000000000000001"]}
    box.tenant.load_document([root, *answer["data"]["items"]], document_id=ID)
    children = f"{PATH}/blocks/SrcBlk000000000000000000001/children"
    assert api.get(children, with_descendants="true").json() == answer
    assert api.data(children)["items"] == answer["data"]["items"][1:]
    assert outcome(api.get(f"{PATH}/blocks/NoSuchBlock/children")) == (404, 1770002)
    assert [item["block_id"] for item in api.data(f"{PATH}/blocks/{ID}/children", page_size=1)["items"]] == [
        "SrcBlk000000000000000000001"
    ]


def test_children_survive_a_broken_tree(api: Api, box: Sandbox) -> None:
    """Ids that are missing and cycles end the walk, not the server."""
    broken = [
        {"block_id": ID, "block_type": 1, "parent_id": "", "children": ["a", "gone"]},
        {"block_id": "a", "block_type": 2, "parent_id": ID, "children": [ID, "a"]},
    ]
    box.tenant.add_document("坏", broken, ID)
    served = api.data(f"{PATH}/blocks/{ID}/children", with_descendants="true")["items"]
    assert [item["block_id"] for item in served] == [ID, "a"]


# Written -------------------------------------------------------------------------------------------------------------


def test_a_tree_is_served_each_block_before_its_children(api: Api, guide: Docx) -> None:
    """Page first, under the document's id; the keys and empty fields of live data."""
    served = blocks_of(api)
    assert [item["block_type"] for item in served] == [1, 3, 12, 12, 2]
    assert served[0]["block_id"] == ID
    assert served[0]["children"] == [served[1]["block_id"], served[2]["block_id"], served[4]["block_id"]]
    assert served[2]["children"] == [served[3]["block_id"]]
    assert served[3]["parent_id"] == served[2]["block_id"]
    assert len({item["block_id"] for item in served}) == 5
    assert {len(item["block_id"]) for item in served} == {27}
    plain = {"bold": False, "inline_code": False, "italic": False, "strikethrough": False, "underline": False}
    assert served[1]["heading1"] == {
        "elements": [{"text_run": {"content": "现象", "text_element_style": plain}}],
        "style": {"align": 1, "folded": False},
    }
    assert "children" not in served[4]


def test_marks_links_and_mentions(api: Api, box: Sandbox, guide: Docx) -> None:
    """Marks nest; addresses are percent-encoded as a whole unless told otherwise; persons are ids without names."""
    user = box.tenant.users[0]
    box.tenant.add_document(
        "元素",
        [
            text(
                bold(italic("粗斜")),
                struck(underlined("划")),
                mono("x=1"),
                link("说明", "https://example.com/a?b=1&c"),
                link("原样", "https://example.com/a", encoded=False),
                at(user),
                doc(guide),
                reminder(user, 1_768_536_000_000),
                formula("E=mc^2\n"),
            )
        ],
        "GuideOfTheTests000000000002",
    )
    elements = inner(blocks_of(api, "GuideOfTheTests000000000002")[1])["elements"]
    styles = [next(iter(element.values())).get("text_element_style", {}) for element in elements]
    assert (styles[0]["bold"], styles[0]["italic"], styles[0]["underline"]) == (True, True, False)
    assert (styles[1]["strikethrough"], styles[1]["underline"], styles[2]["inline_code"]) == (True, True, True)
    assert styles[3]["link"]["url"] == "https%3A%2F%2Fexample.com%2Fa%3Fb%3D1%26c"
    assert styles[4]["link"]["url"] == "https://example.com/a"
    assert elements[5]["mention_user"]["user_id"] == user.open_id
    mention = elements[6]["mention_doc"]
    assert (mention["obj_type"], mention["token"], mention["title"]) == (22, ID, "指引")
    assert elements[7]["reminder"]["expire_time"] == "1768536000000"
    assert elements[8]["equation"]["content"] == "E=mc^2\n"


def test_tables_name_their_cells_and_merges(api: Api, box: Sandbox) -> None:
    """Cells row by row, short rows filled up, covered cells listed with spans of one."""
    rows: Rows = [["部位", "阻值", "结论"], ["定子", "> 100", [text("开路"), bullet("更换")]], ["", text("< 0.5")]]
    box.tenant.add_document("表", [table(rows, merges=[(2, 1, 2, 1)])], ID)
    served = blocks_of(api)
    whole = served[1]
    assert whole["table"]["cells"] == whole["children"]
    shape = whole["table"]["property"]
    assert (shape["row_size"], shape["column_size"], len(whole["children"])) == (3, 3, 9)
    assert shape["merge_info"][3] == {"row_span": 2, "col_span": 1}
    assert [one for one in shape["merge_info"] if one != {"row_span": 1, "col_span": 1}] == [shape["merge_info"][3]]
    cells = {item["block_id"]: item for item in served if item["block_type"] == 32}
    assert all(cells[one].get("children") for one in whole["children"])
    last_but = cells[whole["children"][5]]
    assert [
        next(one for one in served if one["block_id"] == child)["block_type"] for child in last_but["children"]
    ] == [
        2,
        12,
    ]


def test_every_other_kind_of_block(api: Api, box: Sandbox) -> None:
    """Numbers, keys and payloads of the contract."""
    tenant = box.tenant
    base = tenant.add_base("基")
    defects = base.add_table("表", [])
    book = tenant.add_spreadsheet("簿")
    page_one = book.add_sheet("页")
    tenant.add_document(
        "全",
        page(
            "全",
            ordered("一", sequence="3"),
            ordered("旧", sequence=None),
            code("x = 1\n", "python"),
            todo("做", done=True),
            blocks.old_quote("旧引用"),
            equation("a^2"),
            callout("注意", emoji="warning"),
            quote("引"),
            grid("左", [text("右"), divider()]),
            image("img", caption="图"),
            file("fil", "表.xlsx"),
            blocks.board("brd"),
            blocks.sheet(page_one),
            blocks.bitable(base, defects),
            blocks.iframe("https://example.com/w"),
            blocks.drawing("graph TD; A-->B"),
            synced("公共", text("原文")),
            reference(ID, "x"),
            other(999, "undefined", None, text("也要")),
        ),
        ID,
    )
    served = {item["block_type"]: inner(item) for item in blocks_of(api)}
    assert {1, 2, 13, 14, 15, 16, 17, 18, 19, 22, 23, 24, 25, 26, 27, 30, 33, 34, 40, 43, 49, 50, 999} == set(served)
    ordinals = [inner(item)["style"].get("sequence") for item in blocks_of(api) if item["block_type"] == 13]
    assert ordinals == ["3", None]
    assert served[14]["style"] == {"language": 49, "wrap": False}
    assert (served[17]["style"]["done"], served[19]["emoji_id"]) == (True, "warning")
    assert (served[18]["token"], served[30]["token"]) == (
        f"{base.app_token}_{defects.table_id}",
        f"{book.token}_{page_one.sheet_id}",
    )
    assert served[23] == {"name": "表.xlsx", "token": "fil"}
    assert served[27]["caption"] == {"content": "图"}
    assert served[26]["component"]["url"] == "https%3A%2F%2Fexample.com%2Fw"
    assert served[50] == {"source_block_id": "x", "source_document_id": ID}
    assert '"data": "graph TD; A-->B"' in served[40]["record"]


def test_the_languages_have_their_numbers() -> None:
    """75 of them, counted from one."""
    named = {name: LANGUAGES.index(name) + 1 for name in ("plaintext", "bash", "c", "json", "python", "yaml", "toml")}
    assert named == {"plaintext": 1, "bash": 7, "c": 10, "json": 28, "python": 49, "yaml": 67, "toml": 75}


# Changes -------------------------------------------------------------------------------------------------------------


def test_every_change_moves_one_revision_and_the_time(api: Api, clock: Clock, box: Sandbox, guide: Docx) -> None:
    """Edit, append, remove and rename move both; a comment the revision alone; a touch the time alone."""
    item, below = guide.blocks[2]["block_id"], guide.blocks[3]["block_id"]
    clock.now += 60
    guide.edit(item, "掉电")
    added = guide.append(ordered("新", text("下")), parent_id=item)
    guide.remove(below)
    guide.rename("新题")
    assert (guide.revision_id, guide.mtime) == (5, int(NOON) + 60)
    served = blocks_of(api)
    assert [item["block_type"] for item in served] == [1, 3, 12, 13, 2, 2]
    assert served[2]["children"] == [added]
    assert inner(served[0])["elements"][0]["text_run"]["content"] == "新题"
    assert inner(served[2])["elements"][0]["text_run"]["content"] == "掉电"
    clock.now += 60
    guide.comment()
    assert (guide.revision_id, guide.mtime) == (6, int(NOON) + 60)
    guide.touch()
    assert (guide.revision_id, guide.mtime) == (6, int(NOON) + 120)
    facts = api.data(PATH)["document"]
    assert (facts["title"], facts["revision_id"]) == ("新题", 6)
    docs = [{"doc_token": ID, "doc_type": "docx"}]
    meta = data_of(api.post("/drive/v1/metas/batch_query", {"request_docs": docs}))["metas"][0]
    assert (meta["title"], meta["latest_modify_time"]) == ("新题", str(int(NOON) + 120))


def test_old_revisions_need_the_right_to_edit(
    api: Api, box: Sandbox, guide: Docx, connect: Callable[[str | None], Api]
) -> None:
    """The latest is open to readers; an older one to editors, and only a thousand back."""
    guide.edit(guide.blocks[1]["block_id"], "改")
    reader = connect(box.sign_in("ou_reader")["access_token"])
    assert outcome(reader.get(f"{PATH}/blocks", document_revision_id=1)) == (403, 1770032)
    assert len(blocks_of(reader, document_revision_id=2)) == len(blocks_of(reader, document_revision_id=-1)) == 5
    guide.editors.add("ou_reader")
    old = blocks_of(reader, document_revision_id=1)
    assert inner(old[1])["elements"][0]["text_run"]["content"] == "现象"
    guide.revision_id = 1500
    assert outcome(api.get(f"{PATH}/blocks", document_revision_id=499)) == (400, 1770021)
    assert inner(blocks_of(api, document_revision_id=500)[1])["elements"][0]["text_run"]["content"] == "改"
    for nonsense in ("1501", "0", "-2", "x"):
        assert outcome(api.get(f"{PATH}/blocks", document_revision_id=nonsense)) == (400, 1770001)


def test_a_change_between_two_pages_shows(api: Api, box: Sandbox, guide: Docx) -> None:
    """A page token pins nothing: the revision moves under the reader."""
    box.faults.add(Fault.call(lambda _: guide.edit(guide.blocks[4]["block_id"], "中途")), endpoint="blocks", after=1)
    served = blocks_of(api, page_size=3)
    assert inner(served[4])["elements"][0]["text_run"]["content"] == "中途"
    assert api.data(PATH)["document"]["revision_id"] == 2
    assert box.journal.endpoints() == ["blocks", "blocks", "document"]


# Pages ---------------------------------------------------------------------------------------------------------------


def test_page_sizes(api: Api, box: Sandbox) -> None:
    """500 by default and at most; a larger size is cut, none and nonsense are refused."""
    box.tenant.add_document("长", [text(f"{number}") for number in range(600)], ID)
    assert len(api.data(f"{PATH}/blocks")["items"]) == 500
    assert len(api.data(f"{PATH}/blocks", page_size=501)["items"]) == 500
    assert len(api.data(f"{PATH}/blocks", page_size=7)["items"]) == 7
    assert len(blocks_of(api)) == 601
    for size in ("0", "-1", "x"):
        assert outcome(api.get(f"{PATH}/blocks", page_size=size)) == (400, 1770001)


def test_page_tokens_are_sealed(api: Api, box: Sandbox, guide: Docx) -> None:
    """Those of another document, of another list, and invented ones fail; with the switch, a second use does."""
    other_guide = box.tenant.add_document("另", [text("a"), text("b")], "GuideOfTheTests000000000002")
    foreign = api.data(f"/docx/v1/documents/{other_guide.document_id}/blocks", page_size=1)["page_token"]
    children = api.data(f"{PATH}/blocks/{ID}/children", page_size=1)["page_token"]
    for token in (foreign, children, "nonsense"):
        assert outcome(api.get(f"{PATH}/blocks", page_token=token)) == (400, 1770022)
    token = api.data(f"{PATH}/blocks", page_size=2)["page_token"]
    assert [api.get(f"{PATH}/blocks", page_token=token).status_code for _ in range(2)] == [200, 200]
    box.tokens_work_once = True
    assert api.get(f"{PATH}/blocks", page_token=token).status_code == 200
    assert outcome(api.get(f"{PATH}/blocks", page_token=token)) == (400, 1770022)


def test_the_last_page_may_carry_a_token(api: Api, box: Sandbox, guide: Docx) -> None:
    """has_more alone tells the end."""
    assert "page_token" not in api.data(f"{PATH}/blocks")
    box.token_on_last_page = True
    last = api.data(f"{PATH}/blocks")
    assert (last["has_more"], bool(last["page_token"])) == (False, True)


# Text ----------------------------------------------------------------------------------------------------------------


def test_raw_content(api: Api, box: Sandbox) -> None:
    """The title and one line for each block that holds text, empty ones too; persons by name."""
    user: User = box.tenant.users[0]
    lines = [heading(1, "现象"), text(), table([["甲", "乙"]]), text(at(user), " 看 ", code("x"))]
    box.tenant.add_document("题", lines, ID)
    assert api.data(f"{PATH}/raw_content")["content"] == "题\n现象\n\n甲\n乙\n@王敏 看 \nx\n"
    assert "@Wang Min" in api.data(f"{PATH}/raw_content", lang=1)["content"]
    assert outcome(api.get(f"{PATH}/raw_content", lang=9)) == (400, 1770001)
    box.max_response_bytes = 5
    assert outcome(api.get(f"{PATH}/raw_content")) == (400, 1770033)


def test_the_platforms_own_markdown(api: Api, box: Sandbox, guide: Docx) -> None:
    """As far as the documented example tells: no pictures, links still encoded, tables as HTML."""
    user = box.tenant.users[0]
    parts = [
        heading(1, "文本"),
        text(bold("粗"), " ", italic("斜"), struck("划"), mono("x"), "*"),
        text(link("平台", "https://example.com"), " ", doc(guide), " ", at(user), reminder(user, 1_714_203_000_000)),
        bullet("一", bullet("二", ordered("甲"), ordered("乙"))),
        code('greet("x")\n', "javascript"),
        quote("引", "用"),
        todo("做", done=True),
        divider(),
        table([["头"], [bullet("值")]]),
        callout("注意"),
        image("img"),
        file("fil", "表.xlsx"),
        synced("公共", text("原文")),
        reference(ID, "x"),
    ]
    other_guide = box.tenant.add_document("导出", parts, "GuideOfTheTests000000000002")
    query = {"doc_token": other_guide.document_id, "doc_type": "docx", "content_type": "markdown"}
    content = api.data("/docs/v1/content", **query)["content"]
    assert content == "\n\n".join(
        [
            "# 导出",
            "# 文本",
            r"**粗** *斜*~~划~~`x`\*",
            f"[平台](https%3A%2F%2Fexample.com) [指引](https://example.feishu.cn/docx/{ID}) @王敏⏰2024-04-27 15:30",
            "- 一",
            "    - 二",
            "        1. 甲",
            "        2. 乙",
            '```JavaScript\ngreet("x")\n```',
            "> 引\n> \n> 用",
            "* [x] ~~做~~",
            "---",
            "<table><tbody>\n<tr>\n<td>\n\n头\n\n</td>\n</tr>\n<tr>\n<td>\n\n- 值\n\n</td>\n</tr>\n</tbody></table>",
            '<div class="callout">',
            "注意",
            "</div>",
            r"\[表.xlsx\]",
            "原文\n",
        ]
    )
    assert outcome(api.get("/docs/v1/content", **query | {"doc_type": "doc"})) == (400, 2889904)
    assert outcome(api.get("/docs/v1/content", **query | {"doc_token": "x" * 27})) == (400, 2889914)
    box.max_response_bytes = 5
    assert outcome(api.get("/docs/v1/content", **query)) == (500, 2889925)
    other_guide.readers = set()
    assert outcome(api.get("/docs/v1/content", **query)) == (403, 2889902)
    box.tenant.remove(other_guide)
    assert outcome(api.get("/docs/v1/content", **query)) == (403, 2889906)


# What goes wrong -----------------------------------------------------------------------------------------------------


def test_documents_that_are_not_there(api: Api, box: Sandbox, guide: Docx) -> None:
    """Too short an id, unknown, a wiki node, another kind, forbidden, deleted."""
    node, base = box.tenant.add_wiki_node(guide), box.tenant.add_base("基")
    short = "x" * 21
    assert outcome(api.get(f"/docx/v1/documents/{short}")) == (400, 1770001)
    for token in ("x" * 22, node, base.token):
        assert outcome(api.get(f"/docx/v1/documents/{token}/blocks")) == (404, 1770002)
    assert outcome(api.get(f"{PATH}/blocks/NoSuchBlock")) == (404, 1770002)
    guide.readers = {"tenant"}
    for path in ("", "/blocks", "/raw_content", f"/blocks/{ID}"):
        assert outcome(api.get(f"{PATH}{path}")) == (403, 1770032)
    guide.readers = None
    box.tenant.remove(guide)
    assert outcome(api.get(PATH)) == (400, 1770003)


def test_one_block(api: Api, guide: Docx) -> None:
    """A block by its id, under an empty msg."""
    block_id = guide.blocks[1]["block_id"]
    assert api.get(f"{PATH}/blocks/{block_id}").json() == {"code": 0, "msg": "", "data": {"block": guide.blocks[1]}}


def test_persons_by_the_kind_of_id_asked_for(api: Api, box: Sandbox, connect: Callable[[str | None], Api]) -> None:
    """Mentions follow user_id_type; user_id needs a scope of its own."""
    user = box.tenant.users[0]
    box.tenant.add_document("人", [text(at(user))], ID)
    for kind in ("union_id", "user_id"):
        mention = inner(blocks_of(api, user_id_type=kind)[1])["elements"][0]["mention_user"]
        assert mention["user_id"] == user.id_of(kind)
    other_user = box.tenant.add_user("无权")
    poor = connect(box.sign_in(other_user, ["docx:document:readonly"])["access_token"])
    assert poor.get(f"{PATH}/blocks", user_id_type="user_id").json()["code"] == 99991679


def test_rates_are_refused_with_400(api: Api, box: Sandbox, guide: Docx, clock: Clock) -> None:
    """Five a second for each endpoint, HTTP 400 and the seconds to wait; the Markdown says 429."""
    box.rate_limits_on()
    answers = [api.get(PATH) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [400]
    assert (answers[5].json()["code"], answers[5].headers["x-ogw-ratelimit-reset"]) == (99991400, "1")
    assert api.get(f"{PATH}/blocks").status_code == 200
    query = {"doc_token": ID, "doc_type": "docx", "content_type": "markdown"}
    assert [api.get("/docs/v1/content", **query).status_code for _ in range(6)][5] == 429
    clock.now += 1
    assert api.get(PATH).status_code == 200
    box.rate_limits_on(False)
    box.rate_limit("blocks", 1)
    assert [outcome(api.get(f"{PATH}/blocks")) for _ in range(2)] == [(200, 0), (400, 99991400)]


def test_failures_with_their_documented_status(api: Api, box: Sandbox, guide: Docx) -> None:
    """Maintenance once, then success; a copy in progress."""
    box.faults.add(Fault.reply(None, 1771005), endpoint="blocks")
    box.faults.add(Fault.reply(None, 1770020), endpoint="document")
    assert outcome(api.get(f"{PATH}/blocks")) == (503, 1771005)
    assert outcome(api.get(f"{PATH}/blocks")) == (200, 0)
    assert outcome(api.get(PATH)) == (400, 1770020)


def test_scopes(box: Sandbox, guide: Docx, connect: Callable[[str | None], Api]) -> None:
    """The Markdown has a scope of its own, which the blocks do not take."""
    query = {"doc_token": ID, "doc_type": "docx", "content_type": "markdown"}
    reader = connect(box.sign_in(box.tenant.add_user("一"), ["docx:document:readonly"])["access_token"])
    exporter = connect(box.sign_in(box.tenant.add_user("二"), ["docs:document.content:read"])["access_token"])
    assert [api.get(f"{PATH}/blocks").json()["code"] for api in (reader, exporter)] == [0, 99991679]
    assert [api.get("/docs/v1/content", **query).json()["code"] for api in (reader, exporter)] == [99991679, 0]
