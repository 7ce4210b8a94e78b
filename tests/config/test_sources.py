from __future__ import annotations

import pytest

from larknb.config.names import options_of
from larknb.config.sources import check_options
from larknb.errors import ConfigError

from .conftest import BASE, GUIDE, SHEET, WIKI, Load


def test_sources_of_every_kind(load: Load) -> None:
    """Each block becomes a source with kind, token, part and options; a wiki link's kind is not known yet."""
    settings = load(f"""
        [app]
        identity = "tenant"
        [[sources]]
        name = "人力盘点"
        url = "{BASE}?table=tblA1&view=vewB2"
        fields = ["姓名", "部门"]
        computed = "always"
        attachments = true
        filter = {{ conjunction = "and", conditions = [{{ field_name = "状态", operator = "is", value = ["在职"] }}] }}
        [[sources]]
        url = "{SHEET}?sheet=0b12"
        identity = "user"
        header = [1, 2]
        fill_merged = "down"
        dates = false
        [[sources]]
        url = "{GUIDE}"
        images = false
        [[sources]]
        url = "{WIKI}"
        tables = ["缺陷"]
        [[sources]]
        url = "DemoBare000000000000000001E"
        kind = "bitable"
    """)
    staff, sheet, guide, wiki, bare = settings.sources
    assert (staff.name, staff.kind, staff.part, staff.identity) == ("人力盘点", "bitable", "tblA1", "tenant")
    assert staff.url == f"{BASE}?table=tblA1&view=vewB2"
    assert "view" not in staff.options  # an address always carries one; only the option limits the rows
    assert (staff.options["fields"], staff.options["computed"]) == (("姓名", "部门"), "always")
    assert (sheet.name, sheet.kind, sheet.part, sheet.identity) == ("", "spreadsheet", "0b12", "user")
    assert sheet.options == {"header": (1, 2), "fill_merged": "down", "dates": False}
    assert (guide.kind, guide.options) == ("document", {"images": False})
    assert (wiki.kind, wiki.wiki, wiki.options) == (None, True, {"tables": ("缺陷",)})
    assert (bare.kind, bare.token) == ("bitable", "DemoBare000000000000000001E")


SOURCE_MISTAKES = {
    "no url": ('name = "A"', ["url", "address"]),
    "url of a form": ('url = "https://x.feishu.cn/share/base/shrcnA"', ["url", "form", "base"]),
    "url of a number": ("url = 5", ["url", "5"]),
    "bare token": ('url = "DemoBare000000000000000001E"', ["url", "kind"]),
    "another kind": (f'url = "{BASE}"\nkind = "document"', ["bitable", "document"]),
    "unknown kind": (f'url = "{BASE}"\nkind = "sheet"', ["kind", '"spreadsheet"']),
    "misspelt key": (f'url = "{BASE}"\ntabels = ["A"]', ["tabels", "did you mean tables", "filter"]),
    "key of another kind": (f'url = "{BASE}"\nheader = 1', ["header", "tables"]),
    "name": (f'url = "{BASE}"\nname = " "', ["name", "text"]),
    "identity": (f'url = "{BASE}"\nidentity = "app"', ["identity", '"tenant"']),
    "tables": (f'url = "{BASE}"\ntables = "A"', ["tables", '["A", "B"]']),
    "no tables": (f'url = "{BASE}"\ntables = []', ["tables", '["A", "B"]']),
    "view": (f'url = "{BASE}"\nview = 1', ["view", "text"]),
    "attachments": (f'url = "{BASE}"\nattachments = "yes"', ["attachments", "true or false"]),
    "computed": (f'url = "{BASE}"\ncomputed = "alway"', ["computed", "did you mean always", '"daily"']),
    "header": (f'url = "{SHEET}"\nheader = 0', ["header", '"auto"']),
    "header rows": (f'url = "{SHEET}"\nheader = [1, "2"]', ["header", "[1, 2]"]),
    "fill_merged": (f'url = "{SHEET}"\nfill_merged = true', ["fill_merged", '"down"']),
    "dates": (f'url = "{SHEET}"\ndates = 1', ["dates", "true or false"]),
    "by_table": (f'url = "{SHEET}"\nby_table = 1', ["by_table", '[sources.by_table."', "fill_merged"]),
    "by_table of no table": (f'url = "{SHEET}"\nby_table = {{ header = 1 }}', ["by_table", "header"]),
    "by_table, misspelt": (f'url = "{SHEET}"\n[sources.by_table."台账"]\nheadr = 1', ['"台账"', "headr", "header"]),
    "by_table, value": (f'url = "{SHEET}"\n[sources.by_table."台账"]\nheader = 0', ['"台账", header', '"auto"']),
    "by_table of another kind": (f'url = "{BASE}"\n[sources.by_table.A]\nheader = 1', ["header", "filter"]),
    "by_table of a document": (f'url = "{GUIDE}"\n[sources.by_table.A]\nheader = 1', ["by_table", "images"]),
    "images": (f'url = "{GUIDE}"\nimages = 1', ["images", "true or false"]),
    "filter without conjunction": (f'url = "{BASE}"\nfilter = {{ conditions = [] }}', ["filter", "conjunction"]),
    "filter operator": (
        f'url = "{BASE}"\nfilter = {{ conjunction = "and", conditions = '
        '[{ field_name = "A", operator = "like", value = ["x"] }] }',
        ["filter", "doesNotContain"],
    ),
    "filter value": (
        f'url = "{BASE}"\nfilter = {{ conjunction = "and", conditions = '
        '[{ field_name = "A", operator = "is", value = 5 }] }',
        ["filter", "list of texts"],
    ),
}


@pytest.mark.parametrize("mistake", SOURCE_MISTAKES)
def test_a_mistake_in_a_source_names_it(load: Load, mistake: str) -> None:
    """A wrong source is refused with its number, its name if it has one, the key and what is accepted."""
    text, words = SOURCE_MISTAKES[mistake]
    with pytest.raises(ConfigError) as caught:
        load(f'[[sources]]\nname = "first"\nurl = "{WIKI}"\n[[sources]]\n{text}\n')
    message = str(caught.value)
    assert [word for word in ["[[sources]] 2", *words] if word not in message] == []


def test_a_filter_may_nest_once(load: Load) -> None:
    """The platform knows one level of children, and so does the check."""
    condition = {"field_name": "A", "operator": "isEmpty", "value": []}
    child = {"conjunction": "or", "conditions": [condition]}
    assert check_options({"filter": {"conjunction": "and", "children": [child]}}, "bitable")
    with pytest.raises(ConfigError):
        check_options({"filter": {"conjunction": "and", "children": [{**child, "children": [child]}]}}, "bitable")


def test_a_table_may_have_options_of_its_own(load: Load) -> None:
    """They go before those of the source; any of its names will do, as wide as it may be written."""
    [sheet, wiki] = load(f"""
        [[sources]]
        url = "{SHEET}"
        header = 2
        [sources.by_table."台账（A）"]
        header = [1, 2]
        [sources.by_table.0b12]
        fill_merged = "down"
        [[sources]]
        url = "{WIKI}"
        [sources.by_table."缺陷"]
        fields = ["名称"]
        [sources.by_table."明细"]
        header = "none"
    """).sources
    assert options_of(sheet.options, "xyz", "台账(A)") == {"header": (1, 2)}
    assert options_of(sheet.options, "0b12", "别的") == {"header": 2, "fill_merged": "down"}
    assert options_of(sheet.options, "xyz", "别的") == {"header": 2}
    assert options_of(wiki.options, "缺陷") == {"fields": ("名称",)}


def test_options_are_checked_again_when_a_wiki_page_is_known() -> None:
    """What passed for a page of unknown kind is refused once the page turns out to be another."""
    options = check_options({"header": [1, 2], "tables": ["A"]}, None)
    assert options == {"header": (1, 2), "tables": ("A",)}
    with pytest.raises(ConfigError, match=r"here.*accepted"):
        check_options(options, "bitable", "here")
    assert check_options({"header": (1, 2)}, "spreadsheet") == {"header": (1, 2)}


@pytest.mark.parametrize(
    ("one", "other"), [("Staff", "Staff"), ("Staff", "staff"), ("人力（A）", "人力(A)"), ("A", " A ")]
)
def test_two_sources_need_two_names(load: Load, one: str, other: str) -> None:
    """Names that differ by letter case or width alone are refused: their folders would be one on Windows."""
    text = f'[[sources]]\nname = "{one}"\nurl = "{BASE}"\n[[sources]]\nname = "{other}"\nurl = "{SHEET}"\n'
    with pytest.raises(ConfigError, match=r"\[\[sources\]\] 2.*rename"):
        load(text)


def test_one_source_is_configured_once(load: Load) -> None:
    """The same table twice is refused, two tables of one base are not; any number may be without a name."""
    text = f'[[sources]]\nurl = "{BASE}?table=tblA"\n[[sources]]\nurl = "{BASE}?table={{}}"\n'
    assert [source.part for source in load(text.format("tblB")).sources] == ["tblA", "tblB"]
    with pytest.raises(ConfigError, match="twice"):
        load(text.format("tblA&view=vewX"))


SPACE = "https://x.feishu.cn/wiki/settings/7012345678901234567"
PAGE = "https://x.feishu.cn/wiki/WikiNode00000000000000000A1"
FOLDER = "https://x.feishu.cn/drive/folder/FldDemo000000000000000001"
LIBRARIES = [
    (SPACE, "", "space"),
    (SPACE, 'depth = 2\ninclude = ["*指引*"]\nexclude = ["草稿"]\nkinds = ["document"]\nimages = false', "space"),
    ("my_library", "", "space"),
    (FOLDER, 'depth = "all"', "folder"),
    (PAGE, "depth = 1", "subtree"),
    (PAGE, 'kinds = ["bitable"]', "subtree"),
    (PAGE, "images = false", ""),
    (PAGE, "", ""),
]


@pytest.mark.parametrize(("url", "options", "library"), LIBRARIES)
def test_what_holds_many(load: Load, url: str, options: str, library: str) -> None:
    """A space and a folder always do, a wiki page if an option says how much of what is below it belongs to it."""
    (source,) = load(f'[[sources]]\nurl = "{url}"\n{options}\n').sources
    assert (source.library, source.kind, source.wiki) == (library, None, library == "" and url == PAGE)


@pytest.mark.parametrize(
    ("url", "option"),
    [(SPACE, "depth = 0"), (SPACE, "depth = true"), (SPACE, 'depth = "many"'), (SPACE, 'include = "a"'),
     (SPACE, "exclude = []"), (SPACE, 'kinds = ["docx"]'), (SPACE, 'kinds = "document"'),
     ("https://x.feishu.cn/docx/DocDemo0000000000000000001", "depth = 1")],
)  # fmt: skip
def test_options_of_libraries_that_mean_nothing(load: Load, url: str, option: str) -> None:
    """The error names the place and what is accepted."""
    with pytest.raises(ConfigError) as caught:
        load(f'[[sources]]\nurl = "{url}"\n{option}\n')
    assert option.split()[0] in str(caught.value)
    assert caught.value.next


@pytest.mark.parametrize(("url", "options"), [(SPACE, ""), (FOLDER, ""), (PAGE, "depth = 1")])
def test_nothing_is_expected_of_what_holds_many(load: Load, url: str, options: str) -> None:
    """It is no table: checks that nothing would ever run are refused, with the place where they belong."""
    check = '[[sources.checks]]\ntable = "台账"\ncolumn = "编号"\nunique = true\n'
    with pytest.raises(ConfigError, match=r"checks.*\[\[sources\]\] of its own"):
        load(f'[[sources]]\nurl = "{url}"\n{options}\n{check}')
