"""What people paste becomes a kind and tokens, or a message that says what to do."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from larknb.errors import ConfigError
from larknb.links import LINK_KINDS, Link, LinkKind, parse_link, record_share, split_embedded, unreadable

TOKEN = "DemoStaff00000000000000001A"  # 27 characters and no prefix, as new ones are
HOST = "https://example.feishu.cn"


def names(link: Link) -> tuple[str, str, str, str, str]:
    return link.kind, link.token, link.part, link.view, link.anchor


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"/base/{TOKEN}", ("bitable", TOKEN, "", "", "")),
        (f"/base/{TOKEN}?table=tblA1&view=vewB2", ("bitable", TOKEN, "tblA1", "vewB2", "")),
        (f"/base/{TOKEN}?view=vewB2&table=tblA1&from=copy", ("bitable", TOKEN, "tblA1", "vewB2", "")),
        (f"/sheets/{TOKEN}?sheet=0b12", ("spreadsheet", TOKEN, "0b12", "", "")),
        (f"/spreadsheets/{TOKEN}", ("spreadsheet", TOKEN, "", "", "")),
        (f"/docx/{TOKEN}", ("document", TOKEN, "", "", "")),
        (f"/docx/{TOKEN}#BlockId01", ("document", TOKEN, "", "", "BlockId01")),
        (f"/wiki/{TOKEN}", ("wiki", TOKEN, "", "", "")),
        (f"/wiki/{TOKEN}?table=tblA1&view=vewB2", ("wiki", TOKEN, "tblA1", "vewB2", "")),
        (f"/wiki/{TOKEN}?sheet=0b12", ("wiki", TOKEN, "0b12", "", "")),
        ("/wiki/settings/7012345678901234567", ("space", "7012345678901234567", "", "", "")),
        ("/wiki/space/7012345678901234567?tab=home", ("space", "7012345678901234567", "", "", "")),
        ("/wiki/space/my_library", ("space", "my_library", "", "", "")),
        ("/wiki/settings/my_library?x=1", ("space", "my_library", "", "", "")),
        (f"/drive/folder/{TOKEN}", ("folder", TOKEN, "", "", "")),
        (f"/bitable/{TOKEN}?table=tblA1", ("bitable", TOKEN, "tblA1", "", "")),
        (f"/sheet/{TOKEN}", ("spreadsheet", TOKEN, "", "", "")),
        (f"/drive/shr/{TOKEN}", ("folder", TOKEN, "", "", "")),
        (f"/chat/drive/{TOKEN}", ("folder", TOKEN, "", "", "")),
        (f"/space/sheet/{TOKEN}", ("spreadsheet", TOKEN, "", "", "")),
        (f"/space/base/{TOKEN}", ("bitable", TOKEN, "", "", "")),
        (f"/space/folder/{TOKEN}", ("folder", TOKEN, "", "", "")),
        (f"/base/{TOKEN}?record=recA1&table=tblA1", ("bitable", TOKEN, "tblA1", "", "")),
        (f"/BASE/{TOKEN}", ("bitable", TOKEN, "", "", "")),
        (f"/base//{TOKEN}/", ("bitable", TOKEN, "", "", "")),
    ],
)
def test_every_shape_of_address(path: str, expected: tuple[str, ...]) -> None:
    """Each address of the contract gives its kind, its token and what its query names."""
    assert names(parse_link(HOST + path)) == expected


@pytest.mark.parametrize(
    "host", ["x.feishu.cn", "x.sg.larksuite.com", "x.larkoffice.com", "docs.customer.example", "127.0.0.1:8123"]
)
def test_no_host_is_refused(host: str) -> None:
    """Tenants, customer domains and the stand-in on loopback are read alike."""
    link = parse_link(f"http://{host}/base/{TOKEN}")
    assert (link.kind, link.host) == ("bitable", host)


@pytest.mark.parametrize("query", ["blkDashboard1", "wkfWorkflow1", "ldxDocument1", "tbl", "tblA/../B", ""])
def test_what_is_no_table_is_no_part(query: str) -> None:
    """Dashboards, workflows and documents inside a base are not taken for tables."""
    assert parse_link(f"{HOST}/base/{TOKEN}?table={query}").part == ""


@pytest.mark.parametrize(
    "pasted",
    [
        f"  {HOST}/base/{TOKEN}?table=tblA1#\n",
        f"<{HOST}/base/{TOKEN}?table=tblA1>",
        f"「{HOST}/base/{TOKEN}?table=tblA1」。",
        f"\u200b{HOST}/base/{TOKEN}?table=tblA1\ufeff",
        f"https：／／example．feishu．cn／base／{TOKEN}？table＝tblA1",
        f"example.feishu.cn/base/{TOKEN}?table=tblA1",
        f"https://EXAMPLE.feishu.cn/base/{TOKEN}/?table=tblA1&chunked=false",
        f"https%3A%2F%2Fexample.feishu.cn%2Fbase%2F{TOKEN}%3Ftable%3DtblA1",
        f"https://someone:password@example.feishu.cn/base/{TOKEN}?table=tblA1",
        f"【功能安全】{HOST}/base/{TOKEN}?table=tblA1",
        f"功能安全：{HOST}/base/{TOKEN}?table=tblA1，请查收",
        f"功能安全 {HOST}/base/{TOKEN}?table=tblA1 复制此链接打开",
        f"{HOST}/base/{TOKEN}?table=tblA1请看第三列",
        f"{HOST}/base/{TOKEN}?table=tblA1\n发自飞书",
        f"[台账]({HOST}/base/{TOKEN}?table=tblA1)",
        f"[台账](<{HOST}/base/{TOKEN}?table=tblA1>)",
        f"[{HOST}/base/{TOKEN}]({HOST}/base/{TOKEN}?table=tblA1)",
        f"**{HOST}/base/{TOKEN}?table=tblA1**",
        f"`{HOST}/base/{TOKEN}?table=tblA1`",
        f"<{HOST}/base/{TOKEN}?table=tblA1|台账>",
        f'<a href="{HOST}/base/{TOKEN}?from=a&amp;table=tblA1">台账</a>',
        f'{{"url":"{HOST}/base/{TOKEN}?table=tblA1"}}',
        f"(见{HOST}/base/{TOKEN}?table=tblA1)",
        f"（见 {HOST}/base/{TOKEN}?table=tblA1）",
        f"《台账》{HOST}/base/{TOKEN}?table=tblA1；",
        f"{HOST}/base/{TOKEN}?table=tblA1%20",
        f"%20{HOST}/base/{TOKEN}%20?table=tblA1%E3%80%82",
        f"{HOST}/base/{TOKEN}%E3%80%80?table=tblA1%0A",
        f"https:\\/\\/example.feishu.cn\\/base\\/{TOKEN}?table=tblA1",
        f"https://https://example.feishu.cn/base/{TOKEN}?table=tblA1",
        f"https:/example.feishu.cn/base/{TOKEN}?table=tblA1",
        f"//example.feishu.cn/base/{TOKEN}?table=tblA1",
        f"台账 example.feishu.cn/base/{TOKEN}?table=tblA1 谢谢",
        f"HTTPS://example.feishu.cn/base/{TOKEN}?table=tblA1",
        f"台账 https%3a%2f%2fexample.feishu.cn%2fbase%2f{TOKEN}%3ftable%3dtblA1",
        f"https%253A%252F%252Fexample.feishu.cn%252Fbase%252F{TOKEN}%253Ftable%253DtblA1",
        f"https://security.feishu.cn/link/safety?target=https%3A%2F%2Fexample.feishu.cn%2Fbase%2F{TOKEN}%3Ftable%3DtblA1",
        f"https://applink.feishu.cn/client/web_url/open?mode=w&url=https%3A%2F%2Fexample.feishu.cn%2Fbase%2F{TOKEN}%3Ftable%3DtblA1",
        f"https://example.com/notes 和 {HOST}/base/{TOKEN}?table=tblA1",
    ],
)
def test_what_a_clipboard_adds_is_taken_off(pasted: str) -> None:
    """Blanks, brackets, full-width letters and query junk of a chat client do no harm."""
    link = parse_link(pasted)
    assert link.url == f"{HOST}/base/{TOKEN}?table=tblA1"
    assert names(link) == ("bitable", TOKEN, "tblA1", "", "")


def test_segments_are_matched_not_substrings() -> None:
    """A document whose query mentions a wiki page stays a document."""
    assert parse_link(f"{HOST}/docx/{TOKEN}?next=https://x.feishu.cn/wiki/other").kind == "document"


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/share/base/shrcnForm01", "form"),
        ("/share/base/form/shrcnForm01", "form"),
        ("/record/RowToken01", "record"),
        (f"/docs/{TOKEN}", "old kind"),
        (f"/doc/{TOKEN}", "old kind"),
        (f"/file/{TOKEN}", "file"),
        (f"/mindnotes/{TOKEN}", "mind note"),
        (f"/slides/{TOKEN}", "slides"),
        (f"/drive/file/{TOKEN}", "file"),
        (f"/mindnote/{TOKEN}", "no API"),
        (f"/space/doc/{TOKEN}", "old kind"),
        (f"/space/mindnote/{TOKEN}", "mind note"),
        (f"/minutes/{TOKEN}", "minutes"),
        ("/share/base/view/shrView01", "view"),
        ("/share/base/dashboard/shrBoard01", "dashboard"),
        (f"/base/workspace/{TOKEN}", "several bases"),
        (f"/base/workspace/{TOKEN}?table=tblA1", "several bases"),
        ("/base/home", "not the address"),
        (f"/base/add/{TOKEN}", "not the address"),
        (f"/wiki/home/{TOKEN}", "not the address"),
        ("/docx/create", "not the address"),
        ("/sheets/recent", "not the address"),
        ("/drive/folder/shared", "not the address"),
        ("/base/", "not the address"),
        ("/wiki/settings", "not the address"),
        ("/wiki/settings/members", "not the address"),
        ("/drive/home/", "not the address"),
        (f"/base/{TOKEN}:x", "not the address"),
        ("", "not the address"),
    ],
)
def test_what_cannot_be_synced_is_refused_by_its_name(path: str, word: str) -> None:
    """A form, a record, an old document or a file is refused with its kind and a way out."""
    with pytest.raises(ConfigError, match=word) as caught:
        parse_link(f"{HOST}{path}")
    assert caught.value.next


@pytest.mark.parametrize("obj_type", ["doc", "mindnote", "file", "slides"])
def test_what_a_wiki_page_may_hold_is_told_alike(obj_type: str) -> None:
    """The kinds that the platform names and nobody can read have their words and a way out; others have none."""
    assert all(unreadable(obj_type) or ())
    assert unreadable("docx") is None
    assert unreadable(None) is None


def test_two_addresses_are_no_guess() -> None:
    """A text with two different things is refused; one thing named twice is one."""
    with pytest.raises(ConfigError, match="more than one"):
        parse_link(f"{HOST}/base/{TOKEN} {HOST}/docx/{TOKEN[:-1]}B")
    with pytest.raises(ConfigError, match="more than one"):
        parse_link(f"{HOST}/base/{TOKEN}?table=tblA,{HOST}/base/{TOKEN}?table=tblB")
    assert parse_link(f"{HOST}/base/{TOKEN} {HOST}/base/{TOKEN}?table=tblA").part == "tblA"


@pytest.mark.parametrize(
    "text",
    [f"{HOST}/record/RowToken01", f"【一行】{HOST}/record/RowToken01%20", "example.feishu.cn/record/RowToken01?x=1"],
)
def test_a_shared_record_is_seen(text: str) -> None:
    """The link of one row gives its token, and the address of the table once the platform told it."""
    share = record_share(text)
    assert share is not None
    assert share.token == "RowToken01"
    assert share.table_url(TOKEN, "tblA") == f"{HOST}/base/{TOKEN}?table=tblA"


@pytest.mark.parametrize("text", [f"{HOST}/base/{TOKEN}", f"{HOST}/record/", "record/RowToken01", ""])
def test_anything_else_shares_no_record(text: str) -> None:
    """A base, a path without a token or without a host is no shared record."""
    assert record_share(text) is None


@pytest.mark.parametrize("text", ["", "   ", "staff", "ftp://x.feishu.cn/base/abc", "https:///base/abc", "https://[/b"])
def test_what_is_no_address_says_where_to_get_one(text: str) -> None:
    """Anything else is answered with the shapes that are understood."""
    with pytest.raises(ConfigError, match="/base/"):
        parse_link(text)


def test_an_error_shows_no_password() -> None:
    """An address with a password in it is quoted without that."""
    with pytest.raises(ConfigError) as caught:
        parse_link(f"https://me:hunter2@example.feishu.cn/file/{TOKEN}")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["Sk3cretSk3cretSk3cretSk3cret", f"{HOST}/file/T1?access_token=Sk3cretSk3cret#Sk3cret"]
)
def test_an_error_shows_no_secret(text: str) -> None:
    """A secret that was pasted in place of an address, or stands in its query, is not shown."""
    with pytest.raises(ConfigError) as caught:
        parse_link(text)
    assert "Sk3cretSk3" not in str(caught.value)


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("bascnDemo00000000000000001", "bitable"),
        ("appbcbWDemo0000000000000001", "bitable"),
        ("shtcnDemo00000000000000001", "spreadsheet"),
        ("doxcnDemo00000000000000001", "document"),
        ("wikcnDemo00000000000000001", "wiki"),
        ("fldcnDemo00000000000000001", "folder"),
    ],
)
def test_an_old_token_tells_its_kind(token: str, kind: str) -> None:
    """The prefix of an old token is enough."""
    assert parse_link(f" {token} ") == Link(kind, token, url=token)  # type: ignore[arg-type]


def test_a_new_token_needs_its_kind() -> None:
    """A bare token of 27 characters is refused until its kind is said."""
    with pytest.raises(ConfigError, match="kind"):
        parse_link(TOKEN)
    assert parse_link(TOKEN, kind="spreadsheet") == Link("spreadsheet", TOKEN, url=TOKEN)


@pytest.mark.parametrize("token", ["boxcnDemo00000000000000001", "doccnDemo00000000000000001", "shrcnDemo0000000001"])
def test_an_old_token_of_another_thing_is_refused(token: str) -> None:
    """Tokens of files, old documents and forms are refused whatever kind is said."""
    with pytest.raises(ConfigError):
        parse_link(token, kind="document")


def test_a_kind_that_the_address_denies_is_refused() -> None:
    """Whoever calls a base a document is told so."""
    with pytest.raises(ConfigError, match=r"bitable.*document"):
        parse_link(f"{HOST}/base/{TOKEN}", kind="document")


def test_embedded_tokens_are_split_at_the_last_underscore() -> None:
    """A token may hold underscores itself; what was never joined has no second part."""
    assert split_embedded("basc_nX_tblA1") == ("basc_nX", "tblA1")
    assert split_embedded("shtcnX_0b12") == ("shtcnX", "0b12")
    assert split_embedded("shtcnX") == ("shtcnX", "")


TOKENS = st.from_regex(r"[A-Za-z0-9]{1,40}", fullmatch=True)
PIECES = st.sampled_from(
    ["https://", "http://", "x.cn", "/", "base", "wiki", "docx", "sheets", "drive/folder", "settings", "share", "?",
     "#", "&", "table=", "view=", "sheet=", "tblA", "vewB", "12", "%", "%3A", "[", "]", "@", ":", "\\", "．", "。",
     "\u200b", "\ud800", "İ", " ", "<", "(", "|", "\\/", "%20", "%2525", "record", "https%3A%2F%2F", "url=", TOKEN]
)  # fmt: skip


@given(st.text() | st.lists(PIECES, max_size=14).map("".join), st.sampled_from([None, *LINK_KINDS]))
def test_no_text_breaks_it(text: str, kind: LinkKind | None) -> None:
    """Whatever is pasted gives a link or a ConfigError, and a link's own address gives that link again."""
    try:
        link = parse_link(text, kind)
    except ConfigError as error:
        assert "\n" not in str(error)
    else:
        assert parse_link(link.url, link.kind) == link


@given(st.sampled_from(["base", "wiki", "docx", "sheets", "drive/folder"]), TOKENS, TOKENS, TOKENS)
def test_an_address_keeps_its_token(path: str, token: str, table: str, view: str) -> None:
    """The token of an address arrives letter by letter, whatever the query says; a word alone is no token."""
    assume(not token.isalpha() or not token.islower())
    link = parse_link(f"{HOST}/{path}/{token}?table=tbl{table}&view=vew{view}&sheet={table}#")
    assert link.token == token
    assert parse_link(link.url) == link


SECRET = "Sk3cretSk3cretSk3cret"
NAMES = st.sampled_from(["access_token", "code", "state", "extra", "ticket", "token", "table ", "view2", "sheet_key"])


@given(st.sampled_from(["base", "wiki", "docx", "sheets", "drive/folder", "file", "record"]), NAMES, st.integers(0, 2))
def test_no_secret_of_a_query_is_kept(path: str, name: str, place: int) -> None:
    """What an address carries beside token, table and view comes neither into the link nor into an error."""
    pieces = [f"{name}={SECRET}", "table=tblA1", "view=vewB2"]
    query = "&".join(pieces[place:] + pieces[:place])
    try:
        told = repr(parse_link(f"{HOST}/{path}/{TOKEN}?{query}"))
    except ConfigError as error:
        told = str(error)
    assert SECRET not in told


def test_the_word_for_the_personal_library() -> None:
    """It is an address by itself; on other pages it is none."""
    assert (parse_link("my_library").kind, parse_link("my_library").token) == ("space", "my_library")
    with pytest.raises(ConfigError):
        parse_link("https://x.feishu.cn/docx/my_library")
