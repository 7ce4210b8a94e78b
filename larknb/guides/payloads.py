"""What the payload of a block holds, read without trust: whatever is not of the expected type counts as absent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson

from larknb.guides.forms import Marks, clean

__all__ = [
    "Block",
    "blocks_by_id",
    "emoji_of",
    "kind_of",
    "language_of",
    "marks_of",
    "member_of",
    "numbering_of",
    "payload_of",
    "read_id",
    "read_list",
    "read_mapping",
    "read_number",
    "read_url",
    "type_of",
]

Block = Mapping[str, Any]

_TYPES = (
    "page text heading1 heading2 heading3 heading4 heading5 heading6 heading7 heading8 heading9 bullet ordered code"
    " quote equation todo bitable callout chat_card diagram divider file grid grid_column iframe image isv mindnote"
    " sheet table table_cell view quote_container task okr okr_objective okr_key_result okr_progress add_ons"
    " jira_issue wiki_catalog board agenda agenda_item agenda_item_title agenda_item_content link_preview"
    " source_synced reference_synced sub_page_list ai_template reference_base"
)
TYPES = dict(enumerate(_TYPES.split(), start=1))  # block_type -> its name, which is also that of the payload
# Blocks whose names are known from the models of the official SDKs, and whose numbers nobody has told.
_UNNUMBERED = "project minutes meeting_notes_qa vc_tabs vc_summary_tab vc_transcript_tab"
KINDS = frozenset({*TYPES.values(), *_UNNUMBERED.split()})
STRUCTURE = frozenset({"block_id", "block_type", "parent_id", "children", "comment_ids"})  # members of every block

_LANGUAGES = (
    "abap ada apache apex assembly bash csharp cpp c cobol css coffeescript d dart delphi django dockerfile erlang"
    " fortran foxpro go groovy html htmlbars http haskell json java javascript julia kotlin latex lisp logo lua matlab"
    " makefile markdown nginx objectivec openedge-abl php perl postscript powershell prolog protobuf python r rpg ruby"
    " rust sas scss sql scala scheme scratch shell swift thrift typescript vbscript vbnet xml yaml cmake diff gherkin"
    " graphql glsl properties solidity toml"
)
LANGUAGES = dict(enumerate(_LANGUAGES.split(), start=2))  # style.language -> name of a fence; 1 is plain text

_ENCODED = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*%3A", re.IGNORECASE)


# --- blocks ---------------------------------------------------------------------------------------------------------


def blocks_by_id(blocks: Any) -> dict[str, Block]:
    """Return the blocks of a list that have an id."""
    return {
        block["block_id"]: block
        for block in read_list(blocks)
        if isinstance(block, Mapping) and isinstance(block.get("block_id"), str)
    }


def type_of(block: Block) -> str:
    """Return the name of a block's type; empty where nobody knows it."""
    return TYPES.get(read_number(block.get("block_type")), "")


def kind_of(block: Block) -> str:
    """Return the name of what a block is: by its number, and where nobody knows that, by the payload that it has."""
    member = type_of(block) or member_of(block)
    return member if member in KINDS else ""


def member_of(block: Block) -> str:
    """Return the name of the member that is the payload of a block whose number nobody knows, empty without one."""
    found = {name: value for name, value in block.items() if name not in STRUCTURE and isinstance(value, Mapping)}
    if not found.get("divider"):
        found.pop("divider", None)  # dumps have it on every block
    names = [*(name for name in found if name in KINDS), *(name for name in found if found[name]), *found]
    return next((name for name in names if name != "undefined" or found[name]), "")


def payload_of(block: Block) -> Mapping[str, Any]:
    """Return what a block carries: by its type, for dumps have stray keys; else whatever of it has text."""
    named = block.get(type_of(block) or member_of(block))
    if isinstance(named, Mapping):
        return named
    return next((value for value in block.values() if isinstance(value, Mapping) and "elements" in value), {})


def marks_of(element: Mapping[str, Any]) -> Marks:
    """Return the marks of a text element."""
    style = read_mapping(element.get("text_element_style"))
    names = ("bold", "italic", "strikethrough", "underline", "inline_code")
    bold, italic, strike, underline, code = (style.get(name) is True for name in names)
    return Marks(bold, italic, strike, underline, code, read_url(read_mapping(style.get("link")).get("url")))


def language_of(payload: Mapping[str, Any]) -> str:
    """Return the language of a code block as a fence names it; empty for plain text."""
    return LANGUAGES.get(read_number(read_mapping(payload.get("style")).get("language")), "")


def numbering_of(block: Block, last: int, direct: int) -> int:
    """Return the number of an ordered item: its own, the ``last`` one's plus one, or its place in the run."""
    sequence = str(read_mapping(payload_of(block).get("style")).get("sequence"))
    if re.fullmatch(r"[0-9]{1,9}", sequence):
        return int(sequence)
    return (last if sequence == "auto" else direct) + 1


def emoji_of(callout: Mapping[str, Any]) -> str:
    """Return the emoji of a callout; its name between colons where it is not known."""
    name = clean(callout.get("emoji_id"))
    return _emojis().get(name) or (f":{read_id(name)}:" if name else "")


@cache
def _emojis() -> Mapping[str, str]:
    found: dict[str, str] = orjson.loads(Path(__file__).with_name("emoji.json").read_bytes())
    return found


# --- values ---------------------------------------------------------------------------------------------------------


def read_mapping(value: Any) -> Mapping[str, Any]:
    """Return a mapping; empty if it is none."""
    return value if isinstance(value, Mapping) else {}


def read_list(value: Any) -> list[Any]:
    """Return a list; empty if it is none."""
    return value if isinstance(value, list) else []


def read_number(value: Any, default: int = 0) -> int:
    """Return a whole number; the server types some of them as strings."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < 2**63 else default
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value) else default


def read_url(value: Any) -> str:
    """Return an address; some are percent-encoded as a whole, others are not. A ``+`` is a plus."""
    url = clean(value).strip()
    return clean(unquote(url)) if _ENCODED.match(url) else url


def read_id(value: Any) -> str:
    """Return an id so that it can stand in an HTML comment."""
    return re.sub(r"[^\w-]|-(?=-)", "", clean(value), flags=re.ASCII)
