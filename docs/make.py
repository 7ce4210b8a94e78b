"""Write the references of docs/zh and docs/en from the code: settings, calls and commands.

Keys, defaults, variables, signatures, options and examples come from the code, English texts of calls from their
docstrings, helps of options from the messages. What the code does not say in Chinese, and what a setting is for, stands
in ``docs/texts.toml``. It is run by hand after one of them changed::

    python docs/make.py
"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import larknb
from larknb import env
from larknb.cli.commands import COMMANDS, Command, OneOf, Option
from larknb.config import settings, sources
from larknb.errors import ConfigError
from larknb.messages import CATALOGUE, language, say, speaking
from larknb.wire.codes import GROUPS, TROUBLES
from larknb.workspace import Workspace

DOCS = Path(__file__).parent
TEXTS: dict[str, Any] = tomllib.loads((DOCS / "texts.toml").read_text(encoding="utf-8"))
LANGUAGES = ("zh", "en")
SPANS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def pages() -> dict[Path, str]:
    """Return every reference by its file."""
    made = {}
    for lang in LANGUAGES:
        with speaking(lang):
            for name, write in PAGES.items():
                made[DOCS / lang / f"{name}.md"] = "\n".join(write(lang)).rstrip() + "\n"
    return made


def word(key: str, lang: str) -> str:
    """Return a text of the pages themselves, or of one setting, in a language."""
    english, chinese = TEXTS[key.partition(".")[0]][key.partition(".")[2]]
    return str(chinese if lang == "zh" else english)


# --- settings ---------------------------------------------------------------------------------------------------------


def settings_page(lang: str) -> Iterator[str]:
    """Yield the lines of the page of all keys of larknb.toml and all variables."""
    yield from (word("page.settings", lang), "")
    for section in dict.fromkeys(each.section for each in settings.setting_keys().values()):
        yield from (f"## [{section}]", "", *table(word("page.settings_head", lang)))
        for name, setting in settings.setting_keys().items():
            if setting.section == section:
                variables = setting.variables or (env.variable_for(name),)
                yield row(code(name), word(f"settings.{name}", lang), default_of(setting.default),
                          accepted_by(setting.rule), " ".join(map(code, variables)))  # fmt: skip
        yield ""
    yield from source_sections(lang)
    yield from (word("page.variables", lang), "", *table(word("page.variables_head", lang)))
    for name in variables_alone():
        yield row(code(name), word(f"variables.{name}", lang))


def source_sections(lang: str) -> Iterator[str]:
    """Yield the keys that every source has, and those of each kind."""
    yield from (word("page.sources", lang), "")
    for kind, keys in sources.source_keys().items():
        yield from (word(f"page.{kind}", lang), "", *table(word("page.options_head", lang)))
        for name, rule in keys.items():
            default = TEXTS["defaults"].get(name)
            yield row(code(name), word(f"options.{name}", lang), code(default) if default else "—", accepted_by(rule))
        yield ""
    yield from (word("page.checks", lang), "")


def variables_alone() -> list[str]:
    """Return the variables that go before no key of the file."""
    keys = {
        name for key, each in settings.setting_keys().items() for name in each.variables or (env.variable_for(key),)
    }
    names = [value for name, value in vars(env).items() if name in env.__all__ and isinstance(value, str)]
    return [name for name in names if name not in keys]


def accepted_by(rule: Any) -> str:
    """Return what a rule accepts, as its refusal says it."""
    try:
        rule(object())
    except ConfigError as error:
        head, _, tail = say("config.accepted", accepted="\0").partition("\0")
        return error.next.removeprefix(head).removesuffix(tail).replace("|", "\\|")
    raise AssertionError("a rule accepts everything")


def default_of(value: Any) -> str:
    """Return a default as the file would spell it."""
    if value in (None, ""):
        return "—"
    if isinstance(value, float):
        size, unit = next((size, unit) for size, unit in SPANS if value >= size and value % size == 0)
        return code(f'"{value / size:g}{unit}"')
    if isinstance(value, bool):
        return code(str(value).lower())
    if isinstance(value, tuple):
        return code("[" + ", ".join(f'"{each}"' for each in value) + "]")
    return code(f'"{value.as_posix() if isinstance(value, Path) else value}"')


# --- calls ------------------------------------------------------------------------------------------------------------


def calls_page(lang: str) -> Iterator[str]:
    """Yield the lines of the page of all public calls, in the order of the workspace."""
    methods = {name: each for name, each in vars(Workspace).items() if name[0] != "_" and inspect.isfunction(each)}
    short = {name: f"lk.{name}" for name in methods if name in larknb.__all__}
    long = {name: f"Workspace.{name}" for name in methods if name not in short}
    yield from (word("page.calls", lang), "", *table(word("page.calls_head", lang)))
    for name, title in (short | long).items():
        yield row(f"[`{title}`](#{anchor(title)})", first_sentence(about(name, methods[name], lang)))
    yield from ("", word("page.functions", lang))
    for name, title in short.items():
        yield from call(name, title, methods[name], lang)
    yield from ("", word("page.methods", lang))
    for name, title in long.items():
        yield from call(name, title, methods[name], lang)
    yield from ("", *errors(lang))


def call(name: str, title: str, method: Any, lang: str) -> Iterator[str]:
    """Yield one call: how it is called, what it does, its parameters, its example."""
    parts = sections_of(method)
    yield from ("", f"### {title}", "", "```text", f"{title}({arguments(method)})", "```", "")
    yield about(name, method, lang)
    entries = dict(entries_of(parts.get("Parameters", "")))
    if entries:
        yield ""
    for parameter, text in entries.items():
        text = TEXTS["calls"][name][parameter] if lang == "zh" else text
        yield f"- `{parameter}`{'：' if lang == 'zh' else ': '}{markdown(text)}"
    if lang == "en":
        for part in ("Returns", "Raises"):
            if part in parts:
                first, _, rest = parts[part].strip().partition("\n")
                yield from ("", f"{part} `{first.strip()}`: {markdown(inline(rest))}")
    if "Examples" in parts:
        before, mark, example = parts["Examples"].strip().partition(">>> ")
        yield from ("", *([before] if before and lang == "en" else []), "```pycon", mark + example, "```")


def about(name: str, method: Any, lang: str) -> str:
    """Return what a call does: in English the docstring's own text."""
    return str(TEXTS["calls"][name]["about"]) if lang == "zh" else markdown(sections_of(method)[""])


def arguments(method: Any) -> str:
    """Return the arguments of a call without their types."""
    parameters = [*inspect.signature(method).parameters.values()][1:]
    bare = [each.replace(annotation=inspect.Parameter.empty) for each in parameters]
    return re.sub(r"<(?:built-in )?function (\w+)[^>]*>", r"\1", str(inspect.Signature(bare))[1:-1])


def sections_of(method: Any) -> dict[str, str]:
    """Return the parts of a numpy docstring by their titles; the text above the first one has none."""
    parts = re.split(r"(?m)^([A-Z]\w+)\n-{3,}\n", inspect.cleandoc(method.__doc__ or ""))
    return {"": parts[0].strip(), **dict(zip(parts[1::2], parts[2::2], strict=True))}


def entries_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield each parameter of such a part with what is said of it."""
    for match in re.finditer(r"(?m)^([\w*, ]+) : .*\n((?:    .*\n?|\n)+)|^(\*\*\w+)\n((?:    .*\n?)+)", text + "\n"):
        names, told = match[1] or match[3], match[2] or match[4]
        yield names, " ".join(told.split())


def errors(lang: str) -> Iterator[str]:
    """Yield the exceptions and what heals each."""
    yield from (word("page.errors", lang), "", *table(word("page.errors_head", lang)))
    for name in larknb.__all__:
        if name[0].isupper() and name != "Workspace":
            yield row(code(name), word(f"errors.{name}", lang))


# --- commands ---------------------------------------------------------------------------------------------------------


def commands_page(lang: str) -> Iterator[str]:
    """Yield the lines of the page of the command line."""
    yield from (word("page.commands", lang), "", *table(word("page.commands_head", lang)))
    for each in COMMANDS:
        yield row(f"[`larknb {each.name}`](#larknb-{each.name})", say(f"cli.{each.name}"))
    for each in COMMANDS:
        yield from ("", f"## larknb {each.name}", "", sentence(say(f"cli.{each.name}")))
        options = options_of(each)
        if options:
            yield from ("", *table(word("page.flags_head", lang)))
            yield from (row(code(spelled(option)), say(option.about) if option.about else "") for option in options)
    yield from ("", word("page.exit_codes", lang))


def options_of(command: Command) -> list[Option]:
    """Return the options of a command, those of which only one may be given among them."""
    return [each for part in command.options for each in (part.options if isinstance(part, OneOf) else (part,))]


def spelled(option: Option) -> str:
    """Return an option as one types it, with what stands for its value."""
    given = option.settings
    if given.get("action") == "store_true":
        return " ".join(option.flags)
    name = str(given.get("metavar") or option.flags[-1].lstrip("-").replace("-", "_").upper())
    value = "|".join(map(str, given["choices"])) if "choices" in given else name
    many = given.get("nargs")
    value = f"[{value}]" if many in ("?", "*") else value
    value += " …" if many in ("*", "+") else ""
    return value if not option.flags[0].startswith("-") else f"{', '.join(option.flags)} {value}"


# --- codes ------------------------------------------------------------------------------------------------------------


def codes_page(lang: str) -> Iterator[str]:
    """Yield the lines of the page of the platform's error codes: what each means, and what heals it."""
    yield from (word("page.codes", lang), "", *table(word("page.codes_head", lang)))
    for remedy, numbers in GROUPS:
        what, advice = (said(f"trouble.{remedy.text}.{part}") for part in ("what", "next"))
        yield row(numbers.replace("-", "–"), code(remedy.error.__name__), what, advice)
    yield from ("", word("page.troubles", lang), "", *table(word("page.troubles_head", lang)))
    for trouble, remedy in TROUBLES.items():
        yield row(code(remedy.error.__name__), *(said(f"trouble.{trouble}.{part}") for part in ("what", "next")))


def said(key: str) -> str:
    """Return a message, with … for what is filled in; what is in angles is no tag."""
    text = re.sub(r"\{[^{}]*\}", "…", CATALOGUE[key][language() == "zh"].replace("{{", "(").replace("}}", ")"))
    return inline(text).replace("<", "&lt;")


# --- Markdown ---------------------------------------------------------------------------------------------------------


def table(head: str) -> list[str]:
    """Return the two lines that begin a table; ``head`` has its titles, apart by ``|``."""
    titles = head.split("|")
    return [row(*titles), "|---" * len(titles) + "|"]


def row(*cells: str) -> str:
    """Return one line of a table."""
    return "| " + " | ".join(re.sub(r"(?<!\\)\|", r"\\|", cell) for cell in cells) + " |"


def code(text: object) -> str:
    """Return a text as code."""
    return f"`{text}`"


def markdown(text: str) -> str:
    """Return the text of a docstring as Markdown: its names in code."""
    text = re.sub(r"``(.+?)``", r"`\1`", text)
    return re.sub(r"(?<!`)`(Workspace|larknb)?\.?(\w+)`(?!`)", r"`\2`", text)


def inline(text: str) -> str:
    """Return some lines as one."""
    return " ".join(text.split())


def sentence(text: str) -> str:
    """Return the text of a help with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, on one line."""
    line = inline(text.split("\n\n")[0])
    return re.split(r"(?<=。)|(?<=\.)\s(?=[A-Z])", line)[0].strip()


def anchor(title: str) -> str:
    """Return the address of a heading within its page, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def missing() -> list[str]:
    """Return the texts that ``texts.toml`` lacks: Chinese ones of calls and their parameters."""
    methods: Mapping[str, Any] = {name: each for name, each in vars(Workspace).items() if inspect.isfunction(each)}
    wanted = [
        f"{name}.{key}"
        for name, method in methods.items()
        if name[0] != "_"
        for key in ("about", *dict(entries_of(sections_of(method).get("Parameters", ""))))
    ]
    return [each for each in wanted if not TEXTS["calls"].get(each.split(".")[0], {}).get(each.partition(".")[2])]


PAGES = {"settings": settings_page, "calls": calls_page, "commands": commands_page, "codes": codes_page}

if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
