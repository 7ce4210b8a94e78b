"""Names, folders and interpreters that would break out of a unit, and what else lies where units are kept."""

from __future__ import annotations

import os
import plistlib
import re
import shutil
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from larknb.cli import main
from larknb.cli.parsing import parse
from larknb.errors import ConfigError
from larknb.headless.units import System, commands, install, text, uninstall
from tests.headless.units.conftest import SYSTEMS, Machine, job, posix, quiet


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


# --- how each system reads a unit -------------------------------------------------------------------------------------


def read_by_cron(line: bytes) -> bytes:
    r"""Return what cron gives to the shell, by the steps of its do_command: one \ off before % and \, to a bare %."""
    entry = line.lstrip(b" \t").split(maxsplit=5)[5]
    command, escaped = bytearray(), False
    for byte in entry.rstrip(b"\n"):
        if escaped:
            if byte in b"%\\":
                command.pop()
            escaped = False
        elif byte == ord("\\"):
            escaped = True
        elif byte == ord("%"):
            break
        command.append(byte)
    return bytes(command)


def split_by_shell(command: bytes) -> list[str]:
    """Return the words that a real shell makes of a command; the interpreter is /usr/bin/env here, which lists them."""
    script = b"set -f; show() { printf '%s\\0' \"$@\"; }; " + re.sub(rb"^LARKNB_LANG=\w+ ", b"show ", command)
    script = re.sub(rb" >> (?:[^ '\\]|'[^']*'|\"'\")+ 2>&1 # [\w-]+$", b"", script)
    done = subprocess.run(["/bin/sh", "-c", script], check=True, capture_output=True, env={})
    return done.stdout.decode().split("\0")[:-1]


def split_by_systemd(value: str) -> list[str]:
    """Split an ExecStart= as systemd.syntax(7) and systemd.service(5) tell it: quotes, escapes, specifiers, $."""
    words, at = list[str](), 0
    while at < len(value):
        assert value[at] == '"', "a word outside of quotes"
        at, word = at + 1, ""
        while value[at] != '"':
            if value[at] == "\\":
                assert value[at + 1] in '\\"', "another escape"
                at += 1
            word, at = word + value[at], at + 1
        words.append(word)
        assert value[at + 1 : at + 2] in ("", " "), "a word that goes on after its quotes"
        at += 2
    assert not [word for word in words if "%" in word.replace("%%", "")], "a specifier"
    words = [word.replace("%%", "%") for word in words]
    assert not [word for word in words[1:] if "$" in word.replace("$$", "")], "a variable"
    return [words[0], *(word.replace("$$", "$") for word in words[1:])]


def split_by_windows(line: str) -> list[str]:
    """Split a command line as the C runtime of Windows documents it: backslashes count only before a quote."""
    words: list[str] = []
    word: str | None = None
    at, quoted = 0, False
    while at < len(line):
        slashes = len(line) - at - len(line[at:].lstrip("\\"))
        at += slashes
        is_quote = line[at : at + 1] == '"'
        if slashes:
            word = (word or "") + "\\" * (slashes // 2 if is_quote else slashes)
        if is_quote and slashes % 2:
            word, at = (word or "") + '"', at + 1
        elif is_quote and quoted and line[at + 1 : at + 2] == '"':
            word, at = (word or "") + '"', at + 2
        elif is_quote:
            word, quoted, at = word or "", not quoted, at + 1
        elif line[at : at + 1] in (" ", "\t") and not quoted:
            words, word, at = [*words, *([word] if word is not None else [])], None, at + 1
        elif at < len(line):
            word, at = (word or "") + line[at], at + 1
    return [*words, *([word] if word is not None else [])]


def settings_of(unit: str) -> dict[str, list[str]]:
    """Return what a unit file of systemd sets, by key."""
    found: dict[str, list[str]] = {}
    for line in unit.splitlines():
        assert not line.endswith("\\"), "a line that goes on"
        key, sign, value = line.partition("=")
        if sign:
            found.setdefault(key, []).append(value)
    return found


def command_of(system: System, unit: str) -> list[str]:
    """Return the command that a system makes of a unit, with the folder that it starts in first."""
    if system == "systemd":
        found = settings_of(unit)
        assert {*found} == {
            "Description", "WorkingDirectory", "Environment", "ExecStart", "Restart", "RestartSec",
            "RestartPreventExitStatus", "SuccessExitStatus", "KillMode", "WantedBy",
        }  # fmt: skip
        assert all(len(values) == 1 for values in found.values())
        return [found["WorkingDirectory"][0].replace("%%", "%"), *split_by_systemd(found["ExecStart"][0])]
    if system == "cron":
        (line,) = unit.encode().removesuffix(b"\n").split(b"\n")
        words = split_by_shell(read_by_cron(line))
        return [words[words.index("--home") + 1], *words]
    if system == "launchd":
        agent = plistlib.loads(unit.encode())
        return [agent["WorkingDirectory"], *agent["ProgramArguments"]]
    found_ = ET.fromstring(unit.encode("utf-16"))
    ns = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    texts = {each.tag.removeprefix(ns): each.text or "" for each in found_.iter() if isinstance(each.tag, str)}
    return [texts["WorkingDirectory"], texts["Command"], *split_by_windows(texts["Arguments"])]


# --- words that every unit holds --------------------------------------------------------------------------------------

ROOTS: dict[System, PurePath] = {"windows": PureWindowsPath(r"\\server\share"), **dict.fromkeys(
    ("systemd", "cron", "launchd"), PurePosixPath("/data")
)}  # fmt: skip
WORDS = [
    "plain", "人力 盘点", "a b", " a", "a ", "", "''", '"', "'", '"""', "a'b\"c", "100%", "%", "%%", "%h", "%n %i",
    "50% 60%", "\\%", "\\\\", "a\\", "\\x00", "\\n", "\\x0a", "\\u2028", "\\", "\\\\\"", '\\"', "$HOME", "${HOME}",
    "$$", "$(id)", "`id`", "$", ";", "\\;", "a;b", "; id", "&", "&&", "|", ">", ">>x", "<x", "2>&1", "#", "# x",
    "a#b", "~", "*", "?", "[a]", "{a,b}", "!", "!!", "^", "(", ")", "-", "--", "-x", "--force", "--once",
    "--interval=1min", "--print", "=", "a=b", "@", ":", "+x", "!x", "|x", "/dev/null", "</string>", "<!-- -->", "]]>",
    "&amp;", "&#10;", "\u200b", "\ufeff", "\u202e", "é", "e\u0301", "😀", "\u3000", "\xa0", "{connection_file}",
    "$(Arg0)", "x" * 500, "ExecStartPre=/bin/false", "* * * * * id",
]  # fmt: skip
CONTROLS = ["\n", "\r", "\r\n", "\0", "\t", "\v", "\f", "\b", "\x1b", "\x1c", "\x1d", "\x1e", "\x7f", "\x85", "\x9b",
            "\u2028", "\u2029", "\ud800", "\udcff", "\ufffe", "\uffff"]  # fmt: skip


@posix
@pytest.mark.parametrize("word", WORDS)
def test_a_word_comes_back_as_it_went_in(word: str) -> None:
    """As a source, a notebook and a kind: read by each system's rules, the command is the one that was asked for."""
    for system in SYSTEMS:
        asked = job(ROOTS[system], names=[word, "b"], notebook=word, kind=word)
        assert command_of(system, text(system, asked)) == [str(ROOTS[system]), *command(system, asked.command)]


@posix
@pytest.mark.parametrize("word", [word for word in WORDS if word.strip() and word[-1] not in " \\"])
def test_a_folder_comes_back_as_it_went_in(word: str) -> None:
    """The workspace and the interpreter, whatever they are called; systemd takes few names of programs."""
    for system in SYSTEMS:
        is_odd = system == "systemd" and {*word} & {*"'\"\\"}
        asked = job(ROOTS[system] / word, str(ROOTS[system] / ("x" if is_odd else word) / "python"))
        assert command_of(system, text(system, asked)) == [str(asked.root), *command(system, asked.command)]


@pytest.mark.parametrize("name", ["a'b", 'a"b', "a\\b"])
def test_a_program_that_systemd_refuses(name: str) -> None:
    """However it is quoted: its own verifier says "executable name contains special characters"."""
    with pytest.raises(ConfigError, match="interpreter"):
        text("systemd", job(ROOTS["systemd"], f"/opt/{name}/python"))


def command(system: System, of: Callable[..., list[str]]) -> list[str]:
    return of() if system == "systemd" else of("--once")


@pytest.mark.parametrize("place", ["names", "notebook", "kind", "root", "python", "at", "interval"])
@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
def test_what_would_end_a_line_is_refused(place: str, control: str) -> None:
    """Wherever it stands, and before anything is written: the error shows it, and says what to do."""
    word = f"a{control}ExecStartPre=/bin/touch x"
    for system in SYSTEMS:
        root = ROOTS[system]
        with pytest.raises(ConfigError) as caught:
            if place == "root":
                job(root / word)
            elif place == "python":
                job(root, str(root / word))
            else:
                options: dict[str, Any] = {place: [word] if place in ("names", "at") else word}
                text(system, job(root, **options))
        assert control not in str(caught.value)
        assert caught.value.next


@posix
@pytest.mark.parametrize("system", SYSTEMS)
@settings(max_examples=60)
@given(words=st.lists(st.text(), min_size=1, max_size=3))
@example(["%PATH%", '\\\\\\"', "a\\ b\\"])
def test_any_word_comes_back_or_is_refused(system: System, words: list[str]) -> None:
    """There is no third way."""
    try:
        asked = job(ROOTS[system], names=words, notebook=words[0])
        unit = text(system, asked)
    except ConfigError:
        return
    assert command_of(system, unit)[1:] == command(system, asked.command)


@pytest.mark.parametrize("word", ["%PATH%", "a%USERPROFILE%b", "%ProgramFiles%", "%_%"])
@pytest.mark.parametrize("place", ["names", "notebook", "root", "python"])
def test_what_windows_would_replace_is_refused(word: str, place: str) -> None:
    """The Task Scheduler puts the value of a variable in its place, and knows no way to quote it."""
    root = ROOTS["windows"] / word if place == "root" else ROOTS["windows"]
    python = str(root / word / "python.exe") if place == "python" else r"C:\python.exe"
    named: dict[str, dict[str, Any]] = {"names": {"names": [word]}, "notebook": {"notebook": word}}
    with pytest.raises(ConfigError, match="Windows"):
        text("windows", job(root, python, **named.get(place, {})))


@pytest.mark.parametrize("name", ["a\nb", "a\x1bb", "\ud800"])
def test_a_person_of_a_strange_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task names the person, who comes from the environment."""
    monkeypatch.setattr("getpass.getuser", lambda: name)
    with pytest.raises(ConfigError):
        text("windows", job(ROOTS["windows"]))


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("name", ["a\n* * * * * id", "a\rb", "a\u2028b", "\x1b[2J", "a\x85b"])
def test_print_refuses_it_too(system: System, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On the command line: exit code 2, a sentence, and nothing on stdout."""
    for argv in ([name], ["--notebook", name]):
        code = main(["--home", str(tmp_path), "schedule", "--install", system, "--print", *argv])
        out, err = capsys.readouterr()
        assert (code, out) == (2, "")
        assert name not in err


@pytest.mark.parametrize("name", ["-x", "--force", "--once", "--", "--install=cron", "a"])
def test_a_source_that_looks_like_an_option_is_a_source(name: str, tmp_path: Path) -> None:
    """The command of the unit means to our own parser what was asked for."""
    words = job(tmp_path, names=["b", name]).command("--once")
    args = parse(words[4:])
    assert args is not None
    assert (args.names, args.force, args.once) == (["b", name], False, True)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
def test_systemd_itself_reads_every_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own verifier has nothing to say about a unit that holds all of them, and finds the program by its name."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    root, python = tmp_path / "共享 100% $HOME %h 'q' \"x\" b\\c ; #", tmp_path / "100% $HOME %h ; #"
    root.mkdir()
    shutil.copy("/bin/true", python)
    file = tmp_path / "larknb-test.service"
    file.write_text(text("systemd", job(root, str(python), names=WORDS)), encoding="utf-8")
    verify = ["systemd-analyze", "verify", "--user", str(file)]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    python.unlink()
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert f"{python} is not executable" in done.stderr


# --- crontabs of others -----------------------------------------------------------------------------------------------

CRONTABS = {
    "empty": b"",
    "a line": b"0 3 * * * echo\n",
    "no last newline": b"0 3 * * * echo",
    "a comment without newline": b"0 3 * * * echo\n# the end",
    "not utf-8": b"0 3 * * * echo \xff\xfe \xe4\xf6\n",
    "not utf-8 without newline": b"# \xd0\xc2 gb18030",
    "latin-1": "# für später\n".encode("latin-1"),
    "zeros": b"# a\0b\n\0\n",
    "blank lines": b"\n\n0 3 * * * echo\n\n\n",
    "blanks at the end": b"0 3 * * * echo\n   ",
    "windows lines": b"0 3 * * * echo\r\n# x\r\n",
    "a lone return": b"0 3 * * * echo a\rb\n",
    "form feeds": b"# a\x0cb\x0bc\x1cd\n\x0c\n",
    "other line ends": "# a\u2028b\u2029c\x85d\n".encode(),
    "settings": b'MAILTO=""\nSHELL=/bin/bash\nPATH=/a:/b\n\n*/5 * * * * x % y\n',
    "a line that names us": b"0 3 * * * larknb sync # larknb-mine\n",
    "a line switched off": b"#0 3 * * * x -m larknb --home /x schedule # NAME\n",
    "our mark on a line of others": b"0 3 * * * backup # NAME\n",
    "our mark without newline": b"0 3 * * * backup # NAME",
    "half a megabyte": b"# " + b"x" * 500_000 + b"\n",
    "ten thousand lines": b"0 3 * * * echo\n" * 10_000,
    "a byte order mark": b"\xef\xbb\xbf# x\n",
}


@posix
@pytest.mark.parametrize("others", CRONTABS.values(), ids=CRONTABS.keys())
@pytest.mark.parametrize("interval", ["1h", "90min"])
def test_a_crontab_of_any_bytes_comes_through(machine: Machine, others: bytes, interval: str) -> None:
    """Installed, installed again, taken away, and a second notebook in between: what was there is there to the byte."""
    first, second = machine.job(interval=interval), machine.job(notebook="other")
    others = others.replace(b"NAME", first.name.encode())
    machine.table.write_bytes(others)
    for _ in range(2):
        assert install("cron", first, quiet)
        table = machine.table.read_bytes()
        assert table.startswith(others)
        assert table.count(b"--interval " + interval.encode()) == (1 if interval == "1h" else 2)
        assert table.endswith(b"\n")
    assert install("cron", second, quiet)
    assert uninstall("cron", first)
    assert machine.table.read_bytes().startswith(others)
    assert uninstall("cron", second)
    assert machine.table.read_bytes() == others
    assert not uninstall("cron", first)


@posix
def test_a_line_added_below_ours_keeps_its_neighbours(machine: Machine) -> None:
    """The newline that we gave to the last line is needed by then."""
    machine.table.write_bytes(b"0 3 * * * echo")
    install("cron", machine.job(), quiet)
    with machine.table.open("ab") as table:
        table.write(b"0 4 * * * mine\n")
    uninstall("cron", machine.job())
    assert machine.table.read_bytes() == b"0 3 * * * echo\n0 4 * * * mine\n"


STRICT = """\
#!/bin/sh
case "$1" in
-l) cat "$TABLE" ;;
-) cat > "$TABLE.new"; test -z "$(tail -c 1 "$TABLE.new")" || { echo "missing newline before EOF" >&2; exit 1; }
   mv "$TABLE.new" "$TABLE" ;;
esac
"""


@posix
def test_a_cron_that_insists_on_the_last_newline(machine: Machine) -> None:
    """It would not take back what was there; with the newline it does."""
    machine.add("crontab", STRICT)
    machine.table.write_bytes(b"0 3 * * * echo")
    assert install("cron", machine.job(), quiet)
    assert uninstall("cron", machine.job())
    assert machine.table.read_bytes() == b"0 3 * * * echo\n"


HANGING = {
    "reading": 'case "$1" in -l) sleep 600 ;; -) cat > "$TABLE" ;; esac',
    "writing": 'case "$1" in -l) exit 0 ;; -) sleep 600 ;; esac',
    "a child that holds the pipes": 'case "$1" in -l) sleep 600 & wait ;; esac',
    "after its answer": 'echo "# x"; sleep 600',
    "deaf": "trap '' TERM INT HUP; sleep 600; sleep 600",
    "endless": "while :; do echo; sleep 1; done",
}


@posix
@pytest.mark.parametrize("script", HANGING.values(), ids=HANGING.keys())
def test_a_crontab_that_hangs_is_ended(machine: Machine, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """With all that it started, and the error says how long was waited."""
    monkeypatch.setattr(commands, "PATIENCE", 0.2)
    machine.add("crontab", f"#!/bin/sh\n{script}\n")
    began = time.monotonic()
    with pytest.raises(ConfigError, match=r"0\.2 s"):
        install("cron", machine.job(), quiet)
    assert time.monotonic() - began < 10


FAILING = {
    "words": ('echo "you are not allowed" >&2; exit 1', "not allowed"),
    "no words": ("exit 3", "exit 3"),
    "many words": ("yes word | head -c 100000 >&2; exit 1", "word word"),
    "strange bytes": ("printf '\\377 no \\033[2J' >&2; exit 1", "no"),
    "several lines": ("printf 'errors in\\n  crontab file' >&2; exit 1", "errors in crontab file"),
    "killed": ("kill -9 $$", "exit -9"),
    "only when it writes": ('test "$1" = -l || { echo "disk full" >&2; exit 1; }', "disk full"),
}


@posix
@pytest.mark.parametrize(("script", "words"), FAILING.values(), ids=FAILING.keys())
def test_a_crontab_that_fails_is_told_in_its_words(machine: Machine, script: str, words: str) -> None:
    """In a line of bounded length; nothing was written."""
    machine.add("crontab", f"#!/bin/sh\n{script}\n")
    with pytest.raises(ConfigError) as caught:
        install("cron", machine.job(), quiet)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 500
    assert not machine.table.exists()


# --- what others put where a unit belongs -----------------------------------------------------------------------------

FOREIGN = {
    "a unit of somebody": b"[Service]\nExecStart=/bin/true\n",
    "a plist": b'<?xml version="1.0"?><plist><dict/></plist>',
    "notes": "我的笔记".encode(),
    "bytes": bytes(range(256)),
    "one byte": b"x",
    "a key": b"-----BEGIN OPENSSH PRIVATE KEY-----",
    "a link to a file": "link",
    "a link to a device": "device",
    "a link to itself": "loop",
    "a link to a folder": "linked folder",
    "a pipe": "pipe",
    "a folder": "folder",
    "a full folder": "full folder",
}
FILED: list[System] = ["systemd", "launchd", "windows"]


def unit_file(machine: Machine, system: System) -> Path:
    """Return where the file of a unit lies, which is not there yet."""
    install(system, machine.job(), quiet)
    (file,) = [path for path in machine.home.parent.rglob(f"{machine.job().name}.*") if path.is_file()]
    uninstall(system, machine.job())
    machine.told()
    return file


def put(file: Path, content: bytes | str) -> None:
    other = file.with_name("other")
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content == "link":
        other.write_bytes(b"mine")
        file.symlink_to(other)
    elif content == "linked folder":
        other.mkdir()
        file.symlink_to(other)
    elif content in ("device", "loop"):
        file.symlink_to("/dev/null" if content == "device" else file)
    elif content == "pipe":
        os.mkfifo(file)
    else:
        file.mkdir()
        if content == "full folder":
            (file / "mine").touch()


def seen(folder: Path) -> dict[str, object]:
    """Return all that lies in a folder: kind, target and content."""
    found: dict[str, object] = {}
    for path in folder.rglob("*"):
        mode = path.lstat().st_mode
        content = path.read_bytes() if stat.S_ISREG(mode) else path.readlink() if path.is_symlink() else b""
        found[str(path)] = (stat.S_IFMT(mode), content)
    return found


@posix
@pytest.mark.parametrize("system", FILED)
@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN.keys())
def test_what_others_put_there_is_left_alone(machine: Machine, system: System, content: bytes | str) -> None:
    """Neither installed over nor taken away nor switched off; the error names it."""
    file = unit_file(machine, system)
    put(file, content)
    before = seen(file.parent)
    with pytest.raises(ConfigError, match=re.escape(str(file))):
        install(system, machine.job(), quiet)
    with pytest.raises(ConfigError, match=re.escape(str(file))):
        uninstall(system, machine.job())
    assert seen(file.parent) == before
    assert machine.told() == []


@posix
@pytest.mark.parametrize("system", FILED)
def test_a_link_to_our_unit_stays_a_link(machine: Machine, system: System) -> None:
    """A person keeps it with other settings: the file behind it is written, and taking it away removes the link."""
    file = unit_file(machine, system)
    kept = machine.root / "kept"
    file.symlink_to(kept)
    assert install(system, machine.job(), quiet)
    assert file.is_symlink()
    assert install(system, machine.job(force=True), quiet)
    assert "--force" in kept.read_text(encoding="utf-16" if system == "windows" else "utf-8")
    assert uninstall(system, machine.job())
    assert (file.is_symlink(), kept.exists()) == (False, True)


@posix
@pytest.mark.parametrize("system", FILED)
def test_an_empty_file_is_as_good_as_none(machine: Machine, system: System) -> None:
    """Nothing is lost with it."""
    file = unit_file(machine, system)
    file.touch()
    assert install(system, machine.job(), quiet)


@posix
@pytest.mark.parametrize(
    ("answer", "code", "is_left_alone"),
    [
        ("<Task><Description>of somebody</Description></Task>", 0, True),
        ("<Task/>", 0, True),
        ("<Description>larknb schedule, x</Description>", 0, False),
        ("", 0, False),
        ("ERROR: The system cannot find the file specified.", 1, False),
    ],
)
def test_a_task_of_others_is_left_alone(machine: Machine, answer: str, code: int, is_left_alone: bool) -> None:
    """A task of our name that we did not make is named, and neither replaced nor deleted."""
    asked = f"test \"$1\" != /Query || {{ printf %s '{answer}'; exit {code}; }}"
    machine.add("schtasks", f'#!/bin/sh\necho "schtasks $1" >> "$CALLS"\n{asked}\n')
    if is_left_alone:
        with pytest.raises(ConfigError, match="schtasks /Query /TN larknb-"):
            install("windows", machine.job(), quiet)
        assert machine.told() == ["schtasks /Query"]
    else:
        assert install("windows", machine.job(), quiet)
        assert machine.told() == ["schtasks /Query", "schtasks /Create"]


@posix
@pytest.mark.parametrize("system", FILED)
def test_a_scheduler_that_hangs_is_left_to_the_user(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, system: System
) -> None:
    """The file is written, and what is left to do is told with the reason."""
    monkeypatch.setattr(commands, "PATIENCE", 0.1)
    for name in ("systemctl", "launchctl", "schtasks"):
        machine.add(name, "#!/bin/sh\nsleep 600\n")
    lines: list[str] = []
    assert not install(system, machine.job(), lines.append)
    assert "0.1 s" in lines[1]
