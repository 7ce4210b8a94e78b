"""Secrets out of texts, wherever they hide in them."""

from __future__ import annotations

import base64
import json
import os
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.headless.redaction import Redactor
from larknb.logs import redactor

SECRET = "k3y-Of_the.App/2026+z"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def clean(text: str) -> str:
    return Redactor(lambda text: text.replace(SECRET, "****"))(text)


def b64(data: bytes | str) -> str:
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def wrapped(data: str, end: str = "\n", width: int = 76) -> str:
    whole = b64(data)
    return end.join(whole[at : at + width] for at in range(0, len(whole), width))


HIDING = {
    "plain": SECRET,
    "among words": f"token={SECRET}; done",
    "base64": b64(SECRET),
    "at the first offset": b64(f"a{SECRET}"),
    "at the second offset": b64(f"ab{SECRET}"),
    "at the third offset": b64(f"abc{SECRET}"),
    "with a tail": b64(f"{SECRET} and more"),
    "without padding": b64(f"a{SECRET}").rstrip("="),
    "for addresses": base64.urlsafe_b64encode(f"?>{SECRET}??>>".encode()).decode(),
    "for addresses without padding": base64.urlsafe_b64encode(f"?>{SECRET}".encode()).decode().rstrip("="),
    "over line breaks": wrapped(f"{'x' * 50}{SECRET}{'y' * 90}"),
    "over short lines": wrapped(f"{'x' * 50}{SECRET}", width=10),
    "over windows lines": wrapped(f"{'x' * 50}{SECRET}", "\r\n"),
    "over folded lines": wrapped(f"{'x' * 50}{SECRET}", "\n  "),
    "as Python shows it": repr(base64.encodebytes(f"{'x' * 50}{SECRET}".encode())),
    "as JSON spells it": json.dumps(base64.encodebytes(f"{'x' * 50}{SECRET}".encode()).decode()),
    "a header": f"Authorization: Basic {b64(f'cli_a:{SECRET}')}",
    "an address": f"https://x/?t={b64(SECRET)}&u=1",
    "a data address": f'<img src="data:image/png;base64,{b64(PNG + SECRET.encode())}">',
    "a data address of text": f"data:text/plain;base64,{b64(SECRET)}",
    "a drawing": f"data:image/svg+xml;base64,{b64(f'<svg><text>{SECRET}</text></svg>')}",
    "behind letters": f"id{b64(SECRET)}",
    "behind a dash": f"key-{b64(SECRET)}",
    "in a tag": f"<p>{b64(SECRET)}</p>",
    "in quotes": f"'{b64(SECRET)}'",
    "in many words": " ".join([b64("harmless words")] * 50 + [b64(SECRET)]),
    "in a large text": "x\n" * 50_000 + b64(f"ab{SECRET}"),
    "in JSON": json.dumps({"a": [b64(SECRET)]}),
    "bytes around": b64(b"\xff\x00" + SECRET.encode() + b"\xfe"),
    "a picture": b64(PNG + SECRET.encode()),
}


@pytest.mark.parametrize("text", HIDING.values(), ids=HIDING.keys())
def test_a_secret_is_found(text: str) -> None:
    """Neither it nor its base64 is left, in whatever way it is written."""
    assert not finds(clean(text))


def finds(text: str) -> bool:
    """Say whether somebody who looks would find the secret, decoding all that looks like base64."""
    flat = re.sub(r"(\\n|\\r|\s)+", "", text)
    runs = [*re.findall(r"[A-Za-z0-9+/_-]+", text), *re.findall(r"[A-Za-z0-9+/_-]+", flat)]
    meant = (base64.b64decode(f"{run[at:].translate(str.maketrans('-_', '+/'))}====") for run in runs for at in range(4)
             if len(run[at:]) % 4 != 1)  # fmt: skip
    return SECRET in text or any(SECRET.encode() in data for data in meant)


HARMLESS = {
    "words": "The quick brown fox jumps over internationalization-friendly lazy_dogs",
    "Chinese": "功能安全部人力盘点\n第二行",
    "base64": b64("nothing to hide here, really nothing"),
    "a picture": b64(PNG),
    "a data address": f'<img src="data:image/png;base64,{b64(PNG)}">',
    "hex": "deadbeef" * 20,
    "an id": "tblDemo000000001 recDemo000000001",
    "empty": "",
    "a path": "/home/ana/work/runs/scheduled_sync/20260116T103000Z.ipynb",
    "code": "from larknb.headless.redaction import Redactor\nprint(Redactor(str)('x'))\n",
}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_is_harmless_stays(text: str) -> None:
    """To the letter, with a real redactor, which looks for whatever resembles a token."""
    assert Redactor(redactor([SECRET]))(text) == text


def test_a_picture_stays_whole_however_its_letters_look() -> None:
    """Its base64 may hold by chance what begins like a token."""
    picture = b64(PNG + b"xx" + base64.b64decode("eyJhbGciOiJub25l" * 3))
    assert "eyJ" in picture
    assert Redactor(redactor())(picture) == picture
    assert Redactor(redactor())(f"data:image/png;base64,{picture}") == f"data:image/png;base64,{picture}"


@pytest.mark.parametrize(
    "token",
    ["u-7f1bcd13fc57d46bac21793a18e5ab", "t-g1044qeGEDXTB6NDJOGV4JQCYDGHRBARFTGT1234", "eyJhbGciOiJFUzI1NiIsIn.x.y"],
)
@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_what_looks_like_a_token_is_found_too(token: str, before: str) -> None:
    """Also one that nobody told us of."""
    assert Redactor(redactor())(f"x {b64(f'{before} {token} ')} y") == "x **** y"


@given(before=st.binary(max_size=9), after=st.binary(max_size=9))
def test_any_neighbours(before: bytes, after: bytes) -> None:
    """The bytes around a secret decide how its base64 looks, and nothing else."""
    data = before + SECRET.encode() + after
    for text in (base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode()):
        assert not finds(clean(text))


# --- documents --------------------------------------------------------------------------------------------------------

DOCUMENTS: dict[str, Any] = {
    "a value": {"text/html": f"<b>{SECRET}</b>"},
    "a key": {SECRET: 1},
    "deep": {"application/json": [{"a": [{"b": SECRET}]}]},
    "lines": {"text/html": ["<b>", SECRET[:5], SECRET[5:]]},
    "lines of base64": {"image/png": [b64(SECRET)[:7], b64(SECRET)[7:]]},
    "a picture": {"image/png": b64(PNG + SECRET.encode())},
    "a film": {"video/mp4": b64(b"\x00\x00\x00\x18ftypmp42" + SECRET.encode())},
    "no picture": {"image/png": SECRET},
    "widget state": {"application/vnd.jupyter.widget-state+json": {"state": {"m": {"state": {"value": SECRET}}}}},
    "a script": {"application/javascript": f"alert('{SECRET}')"},
    "a source": {"cell_type": "code", "source": f"x = {SECRET!r}"},
    "source lines": {"source": ["x = '", *SECRET, "'"]},
    "an attachment": {"attachments": {"a.png": {"image/png": b64(PNG + SECRET.encode())}}},
    "metadata": {"metadata": {"note": SECRET}},
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_document_has_no_secret(document: Any) -> None:
    """The one that was given is not changed."""
    before = json.dumps(document)
    found = Redactor(lambda text: text.replace(SECRET, "****")).document(document)
    assert not finds(json.dumps(found).replace('", "', ""))
    assert json.dumps(document) == before


def test_what_is_no_text_stays() -> None:
    """Numbers, switches and nothing; and lists of JSON are no lines."""
    document = {"application/json": ["a", "b", 1, 2.5, None, True], "n": [[]]}
    assert Redactor(str).document(document) == document


def test_a_long_text_is_looked_at_once() -> None:
    """A notebook is saved every few seconds, and most of it has not changed."""
    asked: list[str] = []
    redact = Redactor(lambda text: asked.append(text[:5]) or text)  # type: ignore[func-returns-value]
    long = "words " * 1000
    for _ in range(3):
        redact.document({"text": long})
    assert asked.count("words") == 1


@pytest.mark.soak
def test_a_large_notebook_is_redacted_in_seconds() -> None:
    """Five megabytes of a table and of a picture, and the most that a cell may print."""
    table = "".join(f"<tr><td>{n}</td><td>internationalization</td></tr>\n" for n in range(100_000))
    picture, printed = b64(PNG[:8] + os.urandom(4_000_000)), "a line of words that are longer than some\n" * 20_000
    started = os.times().user
    Redactor(redactor([SECRET])).document({"text/html": table, "image/png": picture, "text": printed})
    assert os.times().user - started < 15
