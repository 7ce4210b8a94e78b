"""What a wiki link stands for, which options mean another read, and what all readers decide alike."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.api.client import LarkClient
from larknb.errors import AccessDenied, ApiError, BudgetSpent, LarkError, LoginRequired, NotFound, WrongKind
from larknb.model import Learned, Source, Stamp
from larknb.readers.base import Look, may_heal, options_stamp, resolve, stands_still, stops_everything
from larknb.sandbox import Fault, Sandbox


def wiki(token: str, **more: Any) -> Source:
    return Source("page", f"https://x.feishu.cn/wiki/{token}", None, token, wiki=True, **more)


# --- wiki links ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["bitable", "spreadsheet", "document"])
def test_a_wiki_link_becomes_what_it_holds(box: Sandbox, client: LarkClient, kind: str) -> None:
    """Kind, token and title come with the node; what the settings say of the source stays."""
    add: Any = {
        "bitable": box.tenant.add_base, "spreadsheet": box.tenant.add_spreadsheet, "document": box.tenant.add_document,
    }[kind]  # fmt: skip
    held: Any = add("held")
    node = box.tenant.add_wiki_node(held, "title")
    asked = wiki(node, part="tbl1", options={"tables": ["a"]})
    source, title = resolve(client, asked)
    assert (source.kind, source.obj_token, source.target, title) == (kind, held.token, held.token, "title")
    assert (source.token, source.key, source.name, source.options) == (node, f"{node}/tbl1", "page", asked.options)
    assert source.about.keys() == {"space_id", "obj_edit_time"}
    assert box.journal.endpoints() == ["get_node"]


def test_a_shortcut_becomes_its_target(box: Sandbox, client: LarkClient) -> None:
    """What it leads to is read, wherever that hangs."""
    book = box.tenant.add_spreadsheet("book")
    box.tenant.add_wiki_node(book)
    source, _ = resolve(client, wiki(box.tenant.add_wiki_node(book, "short", shortcut=True)))
    assert (source.kind, source.target) == ("spreadsheet", book.token)


def test_a_page_is_asked_by_its_own_token_again(box: Sandbox, client: LarkClient) -> None:
    """What it stood for before may be gone; it is the page that knows what it holds now."""
    node = box.tenant.add_wiki_node(box.tenant.add_spreadsheet("book", token="Sht1"))
    source, _ = resolve(client, wiki(node, obj_token="ShtGone"))
    assert source.target == "Sht1"


@pytest.mark.parametrize(
    ("kind", "told", "then"),
    [
        ("mindnote", "mind note", "document"), ("file", "file", ""), ("slides", "slides", ""),
        ("doc", "of the old kind", "docx"), ("wiki", "wiki", "spreadsheet"), ("", "page", "spreadsheet"),
        (None, "None", "spreadsheet"),
    ],
)  # fmt: skip
def test_a_page_of_another_kind(box: Sandbox, client: LarkClient, kind: str | None, told: str, then: str) -> None:
    """The error names the kind, the source alone, and what would do."""
    node = {"obj_type": kind, "obj_token": "Obj1"} if kind is not None else {}
    box.faults.add(Fault.reply(200, {"code": 0, "data": {"node": node}}), endpoint="get_node")
    with pytest.raises(WrongKind) as caught:
        resolve(client, wiki("Wik1"))
    assert told in caught.value.what
    assert caught.value.source == "page"
    assert caught.value.next
    assert then in caught.value.next.lower()


def test_a_page_without_a_title(box: Sandbox, client: LarkClient) -> None:
    """A node that tells no title has an empty one, and what else is missing is none."""
    node = {"obj_type": "docx", "obj_token": "Doc1"}
    box.faults.add(Fault.reply(200, {"code": 0, "data": {"node": node}}), endpoint="get_node")
    source, title = resolve(client, wiki("Wik1"))
    assert (title, source.about) == ("", {"space_id": None, "obj_edit_time": None})


def test_a_page_that_is_not_there_or_closed(box: Sandbox, client: LarkClient) -> None:
    """The platform's own words, as for every other call."""
    with pytest.raises(NotFound, match="wiki-v2/space-node/get_node"):
        resolve(client, wiki("WikNoSuchNode000000000000"))
    book = box.tenant.add_spreadsheet("book")
    node = box.tenant.add_wiki_node(book)
    book.readers = set()
    with pytest.raises(AccessDenied):
        resolve(client, wiki(node))


# --- options --------------------------------------------------------------------------------------------------------

READ = {
    "tables": ["a"], "view": "vew1", "fields": ["a"], "filter": {"conjunction": "and"}, "sheets": ["a"],
    "dates": False, "images": False,
}  # fmt: skip
FREE = {"header": 2, "fill_merged": True, "computed": "always"}


def stamp(options: dict[str, Any]) -> str:
    return options_stamp(Source("a", "u", "bitable", "t", options=options))


@pytest.mark.parametrize("name", READ)
def test_an_option_that_decides_what_is_read_moves_the_stamp(name: str) -> None:
    """Given or not, and each of its values."""
    assert len({stamp({}), stamp({name: READ[name]}), stamp({name: "other"})}) == 3


@given(
    st.fixed_dictionaries({}, optional={name: st.just(value) for name, value in FREE.items()}), st.permutations([*READ])
)
def test_other_options_cost_no_read(free: dict[str, Any], order: list[str]) -> None:
    """What a grid becomes, and whether computed columns are asked for: no other data; nor is another order."""
    assert stamp({name: READ[name] for name in order} | free) == stamp(READ)


def test_options_as_the_settings_give_them() -> None:
    """Tuples of a frozen source and lists out of a file are the same options."""
    assert stamp({"tables": ("a", "b")}) == stamp({"tables": ["a", "b"]}) != stamp({"tables": ["b", "a"]})


def test_the_same_filter_written_in_another_order() -> None:
    """A table of larknb.toml has no order: moving its lines costs no read."""
    one, two = {"conjunction": "and", "conditions": []}, {"conditions": [], "conjunction": "and"}
    assert stamp({"filter": one}) == stamp({"filter": two})


# --- what readers decide alike --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "still"),
    [
        (Stamp("7", settled=True), Stamp("7", settled=False), True),
        (Stamp("7", settled=False), Stamp("7", settled=True), False),
        (Stamp("7", settled=True), Stamp("8", settled=True), False),
        (None, Stamp("7", settled=True), False),
        (Stamp("7", settled=True), None, False),
    ],
)
def test_a_stamp_proves_something_only_if_it_was_settled(before: Stamp | None, now: Stamp | None, still: bool) -> None:
    """An edit in the same second as the earlier stamp would not have moved it; a missing one proves nothing."""
    assert stands_still(before, now) is still


@pytest.mark.parametrize(
    ("error", "stops"),
    [
        (BudgetSpent("x"), True),
        (LoginRequired("x"), True),
        (LoginRequired("x", scopes=["a"]), False),
        (LoginRequired("x", code=99991679), False),
        (AccessDenied("x"), False),
        (ApiError("x"), False),
    ],
)
def test_what_would_stop_every_other_call(error: LarkError, stops: bool) -> None:
    """No calls left, or nobody signed in; a missing scope is a matter of one API."""
    assert stops_everything(error) is stops


@pytest.mark.parametrize(
    ("error", "heals"),
    [
        (ApiError("x"), True),
        (ApiError("x", code=99991400), True),
        (ApiError("x", code=1254030), False),
        (AccessDenied("x", code=91403), False),
    ],
)
def test_what_may_heal_by_itself(error: LarkError, heals: bool) -> None:
    """A lost connection and a limit pass; a refusal has a reason of its own."""
    assert may_heal(error) is heals


@dataclass(frozen=True)
class Plan:
    tables: tuple[str, ...]


def test_a_look_says_what_is_due() -> None:
    """A plan that reads nothing is none; what was learned is the look without its plan, and what the read changed."""
    look = Look.of(Learned(selected={"t": "name"}), Plan(("t", "u")), Plan(()))
    assert (look.due, len(look.plan)) == (["t", "u"], 1)
    assert look.learned(again=("t",)) == Learned(selected={"t": "name"}, again=("t",))


@pytest.mark.parametrize("name", ["state", "embedded", "selected", "gone", "failed"])
def test_two_looks_share_nothing(name: str) -> None:
    """What one visit found is not what the next one finds."""
    assert getattr(Look(), name) == {}
    assert getattr(Look(), name) is not getattr(Look(), name)


def test_a_look_stays_what_it_was() -> None:
    """What reading taught is a value of its own: nobody changes a plan behind its caller's back."""
    look = Look(state={"a": 1}, plan=(Plan(("t",)),))
    assert look.learned(state={"a": 2}).state == {"a": 2}
    assert look.state == {"a": 1}
    with pytest.raises(FrozenInstanceError):
        look.plan = ()  # type: ignore[misc]
