"""Documents written block by block."""

from __future__ import annotations

from larknb.sandbox import Docx, Sandbox, blocks
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

from .conftest import ID, Api
from .reading import blocks_of, inner


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
