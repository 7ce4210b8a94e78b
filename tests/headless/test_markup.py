"""HTML of outputs: it looks the same, and does nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.headless.markup import clean, clean_css

EVIL = "https://evil.example"
DOING = {
    "a refresh": f'<meta http-equiv="refresh" content="0; url={EVIL}">',
    "a refresh in capitals": f"<META HTTP-EQUIV=Refresh CONTENT='0;URL={EVIL}'>",
    "a form": f'<form action="{EVIL}"><input name=a><button formaction="{EVIL}">go</button></form>',
    "a form around": f'<form action="{EVIL}" target=_top>',
    "a base": f'<base href="{EVIL}/" target="_top">',
    "a frame": f'<iframe src="{EVIL}"></iframe>',
    "a frame with a page": f'<iframe srcdoc="<script src={EVIL}></script>"></iframe>',
    "frames": f'<frameset><frame src="{EVIL}"></frameset>',
    "an object": f'<object data="{EVIL}"><param name=a value="{EVIL}"></object>',
    "an embed": f'<embed src="{EVIL}">',
    "an applet": f'<applet codebase="{EVIL}" code=a></applet>',
    "a style sheet": f'<link rel="stylesheet" href="{EVIL}/a.css">',
    "a prefetch": f'<link rel=prefetch href="{EVIL}"><link rel=dns-prefetch href="//evil.example">',
    "a manifest": f'<link rel=manifest href="{EVIL}">',
    "a script": f'<script src="{EVIL}"></script>',
    "a script inside": f"<script>location = '{EVIL}'</script>",
    "a script without end": f"<script>location = '{EVIL}'",
    "a script link": "<a href=\"javascript:alert('evil.example')\">x</a>",
    "a script link with a break": '<a href="java\nscript:evil.example">x</a>',
    "a script link in letters": '<a href="&#106;avascript:evil.example">x</a>',
    "a script link behind a blank": '<a href=" \x01javascript:evil.example">x</a>',
    "a data link": '<a href="data:text/html,<script>evil.example</script>">x</a>',
    "a vbscript link": '<a href="vbscript:evil.example">x</a>',
    "a file link": '<a href="file:///etc/evil.example">x</a>',
    "a ping": f'<a href="#x" ping="{EVIL}">x</a>',
    "a handler": f"<img src=x onerror=\"location='{EVIL}'\">",
    "a handler on a body": f"<body onload=\"location='{EVIL}'\">",
    "a handler in capitals": f"<p ONMOUSEOVER=\"location='{EVIL}'\">x</p>",
    "a handler of details": f"<details open ontoggle=\"location='{EVIL}'\">x</details>",
    "a picture": f'<img src="{EVIL}/a.png">',
    "a picture of no scheme": '<img src="//evil.example/a.png">',
    "pictures": f'<img srcset="{EVIL}/a.png 1x, {EVIL}/b.png 2x">',
    "a picture to choose": f'<picture><source srcset="{EVIL}/a.png"><img src="{EVIL}"></picture>',
    "a lazy picture": f'<img data-src="{EVIL}" lowsrc="{EVIL}" dynsrc="{EVIL}">',
    "a background": f'<table background="{EVIL}"><td background="{EVIL}">x</td></table>',
    "a film": f'<video src="{EVIL}" poster="{EVIL}"><track src="{EVIL}"></video>',
    "a sound": f'<audio src="{EVIL}"><source src="{EVIL}"></audio>',
    "an input": f'<input type=image src="{EVIL}">',
    "a drawing": f'<svg><image href="{EVIL}"/><use href="{EVIL}#a"/><script>{EVIL}</script></svg>',
    "a page in a drawing": f'<svg><foreignObject><iframe src="{EVIL}"></iframe></foreignObject></svg>',
    "a link in a drawing": f'<svg><a xlink:href="{EVIL}"><text>x</text></a></svg>',
    "an animation": f'<svg><animate attributeName=href values="{EVIL}"/></svg>',
    "mathematics": f'<math><maction actiontype="statusline#{EVIL}" xlink:href="{EVIL}">x</maction></math>',
    "an import": f'<style>@import "{EVIL}/a.css"; p {{ color: red }}</style>',
    "an import by address": f"<style>@import url({EVIL}/a.css);</style>",
    "an import behind a comment": f"<style>@im/**/port '{EVIL}';</style>",
    "an import in escapes": f"<style>@\\69mport '{EVIL}';</style>",
    "an import twice": f"<style>@im@import x;port '{EVIL}';</style>",
    "an address in a style": f"<p style=\"background: url('{EVIL}')\">x</p>",
    "an address in capitals": f'<p style="background: URL({EVIL})">x</p>',
    "an address in escapes": f'<p style="background: \\75rl({EVIL})">x</p>',
    "an address behind a comment": f'<p style="background: u/**/rl({EVIL})">x</p>',
    "an address in pieces": f"<style>p {{ background: u</rl({EVIL}) }}</style>",
    "a set of pictures": f"<style>p {{ background: image-set('{EVIL}' 1x) }}</style>",
    "a set of old": f"<style>p {{ background: -webkit-image-set(url({EVIL}) 1x) }}</style>",
    "a font": f"<style>@font-face {{ font-family: x; src: url({EVIL}) }}</style>",
    "a cursor": f'<p style="cursor: url({EVIL}), auto">x</p>',
    "a list sign": f'<ul style="list-style: url({EVIL})"><li>x</ul>',
    "content": f"<style>p::after {{ content: url({EVIL}) }}</style>",
    "a variable": f"<style>:root {{ --a: url({EVIL}) }} p {{ background: var(--a) }}</style>",
    "an expression": f"<p style=\"width: expression(location='{EVIL}')\">x</p>",
    "a binding": f'<p style="-moz-binding: url({EVIL}#x)">x</p>',
    "a style that ends early": f'<style></style><img src="{EVIL}"></style>',
    "a template": f'<template><img src="{EVIL}"></template>',
    "without scripts": f'<noscript><img src="{EVIL}"></noscript>',
    "a text area": f'<textarea><img src="{EVIL}"></textarea>',
    "plain text": f'<plaintext><img src="{EVIL}">',
    "a comment that ends early": f'<!--><img src="{EVIL}">-->',
    "a comment of a browser": f'<!--[if IE]><img src="{EVIL}"><![endif]-->',
    "a declaration": f'<!DOCTYPE html SYSTEM "{EVIL}"><?xml-stylesheet href="{EVIL}"?>',
    "a broken tag": f'<img src="{EVIL}"',
    "a tag in a tag": f'<<img src="{EVIL}">',
    "a slash": f'<img/src="{EVIL}"/onerror=alert(1)>',
    "a quote that is not closed": f"<a title='x href={EVIL}>y</a>",
    "a namespace": f'<svg><style><img src="{EVIL}"></style></svg>',
    "mutation": f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src={EVIL}&gt;">',
    "a portal": f'<portal src="{EVIL}"></portal>',
    "an element of its own": f'<x-y src="{EVIL}" href="{EVIL}">x</x-y>',
    "a dialog": f'<dialog open><form method=dialog action="{EVIL}">x</form></dialog>',
    "a label of a map": f'<map name=m><area href="{EVIL}"></map><img usemap="#m" src=x>',
    "a quotation": f'<q cite="{EVIL}">x</q><blockquote cite="{EVIL}">x</blockquote><ins cite="{EVIL}">x</ins>',
}  # fmt: skip


class Seen(HTMLParser):
    """What a browser would act on."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.values: list[tuple[str, str]] = []
        self.text, self.css = "", ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.values += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text, self.css = (
            (self.text, self.css + data) if self.cdata_elem == "style" else (self.text + data, self.css)
        )


FORBIDDEN = {
    "meta", "form", "input", "button", "base", "iframe", "frame", "object", "embed", "applet", "link", "script",
    "svg", "math", "template", "noscript", "portal", "area", "map", "track", "image", "use", "textarea",
}  # fmt: skip


def assert_harmless(html: str) -> None:
    seen = Seen(html)
    assert not seen.tags & FORBIDDEN
    assert not [
        name for name, _ in seen.values if name.startswith("on") or name in ("srcset", "srcdoc", "action", "ping")
    ]
    assert not [value for name, value in seen.values if name == "src" and not value.startswith("data:")]
    assert not [value for name, value in seen.values if name == "href" and not re.match("https?:|mailto:|#", value)]
    css = seen.css + " ".join(value for name, value in seen.values if name == "style")
    assert not re.search(r"@import|url\(|image-set\(|expression|binding|\\", css, re.IGNORECASE)
    assert "<" not in seen.css


@pytest.mark.parametrize("html", DOING.values(), ids=DOING.keys())
def test_what_does_something_is_taken_out(html: str) -> None:
    """Whatever it is, what comes after it is there, and the address stands in no place where it acts."""
    page = clean(f"<p>before</p>{html}")
    assert_harmless(page)
    seen = Seen(page)
    assert "before" in seen.text
    assert not [value for _, value in seen.values if "evil.example" in value]
    assert "evil.example" not in seen.css


@pytest.mark.parametrize("html", DOING.values(), ids=DOING.keys())
def test_each_piece_is_closed(html: str) -> None:
    """What an output leaves open does not swallow or close what comes after it."""
    page = f"<div><p>{clean(html)}</p>after</div>"
    assert Seen(clean(page)).text.endswith("after")
    assert page.count("<div>") == page.count("</div>")


LOOKING = {
    "a link": '<a href="https://example.feishu.cn/base/x" rel="noopener noreferrer">x</a>',
    "a place": '<a href="#top" rel="noopener noreferrer">x</a>',
    "a table": '<table border="1" class="dataframe"><thead><tr><th colspan="2">x</th></tr></thead></table>',
    "a picture": '<img src="data:image/png;base64,iVBORw0KGgo=" alt="x" width="10">',
    "colours": '<p style="color: red; background: linear-gradient(90deg, red 50%, transparent 50%)">x</p>',
    "a sheet": "<style>#T_1 td:hover > b { width: calc(1px + 2%); color: #f00 }</style>",
    "media": "<style>@media print { p { display: none } }</style>",
    "words": "<p>a &lt; b &amp; c &gt; d 表格</p>",
    "a bar": '<div style="width: 30%; height: 8px"></div><progress value="3" max="10"></progress>',
    "details": '<details open=""><summary>x</summary>y</details>',
    "lists": '<ol start="3" type="a"><li value="5">x</li></ol>',
    "a sound": '<audio controls=""><source src="data:audio/wav;base64,UklGRg==" type="audio/wav"></audio>',
    "a word for readers": '<span aria-label="x" role="img" title="y &quot;z&quot;">x</span>',
}


@pytest.mark.parametrize("html", LOOKING.values(), ids=LOOKING.keys())
def test_what_only_looks_stays(html: str) -> None:
    """To the letter."""
    assert clean(html) == html


def test_a_frame_of_pandas_looks_the_same() -> None:
    """Plain, and with the colours and bars of its styler."""
    frame = pd.DataFrame({"a": [1, 2], "名": ["<b>", "x & y"]})
    for html in (frame.to_html(), f"<style scoped>td {{ top: 0 }}</style>{frame.to_html(notebook=True)}"):
        before, after = Seen(html), Seen(clean(html))
        assert (after.text, after.css.split()) == (before.text, before.css.split())
        assert after.tags == before.tags
    pytest.importorskip("jinja2")
    html = frame.style.bar(subset=["a"], color="#d65f5f").highlight_max(subset=["a"]).to_html()
    before, after = Seen(html), Seen(clean(html))
    assert (after.text, after.css.split(), after.tags) == (before.text, before.css.split(), before.tags)
    assert "linear-gradient" in after.css


def test_what_is_cleaned_is_clean() -> None:
    """A second time changes nothing: the report cleans each output, and then the page."""
    for html in [*DOING.values(), *LOOKING.values()]:
        assert clean(clean(html)) == clean(html)


PIECES = [
    "<", ">", "</", "<!--", "-->", "<style>", "</style>", "<script>", "</script>", "<svg>", "</svg>", "<a href=",
    "<img src=", '"', "'", "javascript:x", EVIL, "url(", ")", "@import ", ";", "{", "}", "\\", "/*", "*/",
    " onload=", "x", "&lt;", "&#60;", "<table>", "</table>", "<p style=", "<title>", "<meta ", "http-equiv=refresh",
    "<![CDATA[", "]]>", "\0", "<form>",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_whatever_is_put_together(pieces: list[str]) -> None:
    """Nothing of it acts, and a second cleaning changes nothing."""
    page = clean("".join(pieces))
    assert_harmless(page)
    assert clean(page) == page


@pytest.mark.parametrize(
    "css", ["p { color: red }", "", "a::before { content: '→' }", "@media (width > 9px) { p { top: 0 } }"]
)
def test_css_that_fetches_nothing_stays(css: str) -> None:
    """To the letter."""
    assert clean_css(css) == css


def test_nesting_without_end_ends() -> None:
    """Neither depth nor length is anybody's undoing."""
    assert clean("<div>" * 20_000).count("</div>") == 20_000
    assert clean("<" * 20_000) == "&lt;" * 20_000
