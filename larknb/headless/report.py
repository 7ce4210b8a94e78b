"""The report of a run: the executed notebook without its code, as one HTML file that anybody can read.

What could run, fetch or lead elsewhere is taken out of the outputs, and the page forbids it besides.
"""

from __future__ import annotations

import importlib.util
import warnings
from html import escape
from pathlib import Path

from larknb.errors import ConfigError
from larknb.files import write_atomically
from larknb.headless.markup import clean
from larknb.headless.notebook import nbformat
from larknb.headless.ours import foreign, place_for
from larknb.headless.redaction import Redact, Redactor
from larknb.messages import language, say

__all__ = ["require", "write_report"]

_MARK = b"default-src 'none'; style-src 'unsafe-inline'"  # stands in every report
_PAGE = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; media-src data:">
<style>
body {{ max-width: 960px; margin: 24px auto; padding: 0 16px; font: 15px/1.6 system-ui, "PingFang SC",
 "Microsoft YaHei", sans-serif; color: #222; background: #fff }}
table {{ border-collapse: collapse; font-size: 13px }} th, td {{ padding: 2px 10px 2px 0; text-align: left }}
pre {{ overflow-x: auto; font-size: 13px }} img {{ max-width: 100% }} .jp-RenderedHTMLCommon {{ overflow-x: auto }}
</style></head><body>
{body}
</body></html>
"""


def require() -> None:
    """Raise ConfigError if reports cannot be made here; asked before a run, not after it."""
    if importlib.util.find_spec("nbconvert") is None:
        raise ConfigError(say("html.missing.what"), next=say("html.missing.next"))


def write_report(notebook: Path, redact: Redact) -> Path:
    """Write the report of an executed notebook beside it and return its path.

    Raises
    ------
    ConfigError
        Something that is no report lies there.
    """
    from nbconvert.exporters.html import HTMLExporter

    path = notebook.with_suffix(".html")
    if place_for(path, lambda content: _MARK in content) != path:
        raise foreign(path)
    clean_text, content = Redactor(redact), nbformat().reads(notebook.read_text(encoding="utf-8"), as_version=4)
    made = HTMLExporter(
        template_name="basic", exclude_input=True, exclude_input_prompt=True, exclude_output_prompt=True,
        exclude_anchor_links=True, embed_images=True, sanitize_html=True,
    )  # fmt: skip
    made.register_filter("clean_html", clean)  # each output by itself: what it leaves open ends with it
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about outputs of kinds that no page can show
        body, _ = made.from_notebook_node(clean_text.document(content), {"metadata": {"path": str(notebook.parent)}})
    page = _PAGE.format(lang=language(), title=escape(notebook.parent.name), body=clean_text(clean(body)))
    write_atomically(path, page.encode("utf-8", "replace"))
    return path
