"""`larknb init`: questions that check their answers, or options alone; a folder that is whole whatever happens."""

from __future__ import annotations

import io
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from larknb.cli import main
from larknb.config.settings import load_settings
from larknb.errors import LoginRequired
from larknb.sandbox import Fault, Sandbox
from larknb.services.context import Context
from larknb.services.setup import Setup
from larknb.services.sources import url_source
from larknb.workspace import Workspace
from tests.conftest import sign_in
from tests.terminal import larknb

needs_terminal = pytest.mark.skipif(os.name == "nt", reason="pseudo terminals are POSIX")
LINK = r"http://127\.0\.0\.1:\d+/open-apis/authen/v1/authorize\S+"
BASE = "AppStaff000000000000000001"


@pytest.fixture
def box(live_box: Sandbox) -> Sandbox:
    """A stand-in with a base of one table."""
    live_box.tenant.add_base("人力盘点", app_token=BASE).add_table("人员", [])
    return live_box


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "功能安全 部"


@pytest.fixture
def url(box: Sandbox) -> str:
    return f"{box.url}/base/{BASE}"


def hosts(box: Sandbox) -> list[str]:
    return ["--open-base", box.url, "--accounts-base", box.url, "--redirect-uri", box.redirect_uris[0]]


def leaked(box: Sandbox, *texts: str) -> list[str]:
    """Return the secrets that one of the texts holds; a link to the accounts page carries a state of its own."""
    return [secret for secret in {*box.secrets(), box.app_secret} if any(secret in text for text in texts)]


class Script:
    """Somebody at a terminal whose answers are known beforehand; ``given`` are the options."""

    def __init__(self, root: Path, box: Sandbox, *answers: str, secrets: tuple[str, ...] = (), **given: Any) -> None:
        self.box, self.answers, self.secrets, self.told = box, [*answers], [*(secrets or (box.app_secret,))], ""
        app = {"open_base": box.url, "accounts_base": box.url, "redirect_uris": [*box.redirect_uris], **given}
        self.setup = Setup(
            Context(root), app, lambda text: url_source(Context(root), text, {}), there=True,
            ask=self._answer, ask_unseen=self._answer_unseen, tell=self._hear,
        )  # fmt: skip

    def _answer(self, question: str, choices: object = ()) -> str:
        self.told += question
        assert self.answers, self.told
        return self.answers.pop(0)

    def _answer_unseen(self, question: str) -> str:
        self.told += question
        return self.secrets.pop(0)

    def _hear(self, line: object) -> None:
        self.told += f"{line}\n"

    def play(self) -> str:
        with self.setup:
            self.setup.ask_all()
            self.setup.write()
            self.setup.advise()
        assert not self.answers
        return self.told


# --- at a terminal -----------------------------------------------------------------------------------------------


@needs_terminal
def test_from_nothing_to_a_logged_in_folder(
    root: Path, box: Sandbox, url: str, browser: Callable[[str], requests.Response]
) -> None:
    """Questions, the console's steps, the login, the first source with its tables; the secret is in one file alone."""
    terminal = larknb(root, "init", *hosts(box))
    answers = {
        "Platform.*: ": "",
        r"App ID \(.*: ": box.app_id,
        r"App Secret \(.*: ": box.app_secret,
        "Keep your login.*: ": "",
        "Address.*: ": url,
        "Press Enter to log in.*: ": "",
    }
    for question, answer in answers.items():
        terminal.wait_for(question)
        process = subprocess.check_output(["ps", "-o", "args=", "-p", str(terminal.process.pid)], text=True)
        assert not leaked(box, process)
        terminal.type(answer)
    browser(terminal.wait_for(LINK))
    terminal.wait_for("(?i)signed in as")
    terminal.type("")
    assert terminal.end() == 0, terminal.shown
    for text in ("App ID and App Secret are right", box.redirect_uris[0], "人力盘点", "人员", "larknb sync"):
        assert text in terminal.shown
    workspace = Workspace(root)
    assert workspace.whoami().name
    assert [source.name for source in workspace.sources()] == ["人力盘点"]
    assert (root / "notebooks" / "01_login.ipynb").exists()
    assert stat.S_IMODE((root / "work" / "app_secret.json").stat().st_mode) == 0o600
    shown = terminal.shown.replace(terminal.wait_for(LINK), "")
    assert not leaked(box, shown, (root / "larknb.toml").read_text(encoding="utf-8"))


@needs_terminal
def test_ctrl_c_changes_nothing_before_the_last_answer(root: Path, box: Sandbox) -> None:
    """Stopped at a question: exit code 130, a word about it, and not even a folder."""
    terminal = larknb(root, "init", *hosts(box), "--app-id", box.app_id)
    terminal.wait_for("Platform.*: ")
    terminal.type("")
    terminal.wait_for(r"App Secret \(.*: ")
    terminal.interrupt()
    assert terminal.end() == 130, terminal.shown
    assert "nothing was changed" in terminal.shown
    assert not root.exists()


@needs_terminal
def test_ctrl_c_after_the_last_answer_keeps_the_folder(root: Path, box: Sandbox, url: str) -> None:
    """Stopped at the login: what was answered is kept, and the next init begins with it."""
    terminal = larknb(root, "init", *hosts(box), "--app-id", box.app_id, "--brand", "feishu", "--source", url)
    terminal.wait_for(r"App Secret \(.*: ")
    terminal.type(box.app_secret)
    terminal.wait_for("Keep your login.*: ")
    terminal.type("")
    terminal.wait_for("Press Enter to log in.*: ")
    terminal.interrupt()
    assert terminal.end() == 130, terminal.shown
    assert "is kept" in terminal.shown
    settings = load_settings(root)
    assert (settings.app_id, settings.app_secret, settings.sources) == (box.app_id, box.app_secret, ())


@needs_terminal
def test_a_source_that_cannot_be_read_is_asked_again(root: Path, box: Sandbox, url: str) -> None:
    """Whoever is logged in hears at once that an address is wrong, and may give another one."""
    options = [*hosts(box), "--app-id", box.app_id, "--brand", "feishu", "--token-file", "work/token.json"]
    Script(root, box, "", "", "", app_id=box.app_id).play()
    main(["--home", str(root), "init", *options])
    sign_in(Workspace(root), box)
    terminal = larknb(root, "init", *options, "--source", f"{box.url}/base/AppNone000000000000000001")
    terminal.wait_for(r"App Secret \(.*: ")
    terminal.type("")
    terminal.wait_for("(?s)not found.*Address.*: ")
    terminal.type(url)
    assert terminal.end() == 0, terminal.shown
    assert [source.name for source in Workspace(root).sources()] == ["人力盘点"]


@needs_terminal
def test_a_refused_login_leaves_a_folder_that_is_set_up(
    root: Path, box: Sandbox, url: str, browser: Callable[[str], requests.Response]
) -> None:
    """The login may be had later: the refusal is told, and the source is added unseen."""
    box.approve = "deny"
    Script(root, box, "", box.app_id, "", "").play()
    terminal = larknb(root, "init", "--brand", "feishu", "--token-file", "work/token.json", "--source", url)
    for question in (r"App ID \(.*: ", r"App Secret \(.*: ", "Redirect.*: ", "Press Enter to log in.*: "):
        terminal.wait_for(question)
        terminal.type("")
    browser(terminal.wait_for(LINK))
    terminal.wait_for("sign-in was refused")
    terminal.type("")
    assert terminal.end() == 0, terminal.shown
    assert [source.url for source in load_settings(root).sources] == [url]


# --- the questions -----------------------------------------------------------------------------------------------


def test_a_wrong_answer_is_asked_again_with_its_reason(root: Path, box: Sandbox, url: str) -> None:
    """Brand, App ID, redirect URL, place of the login and address: each is checked before the next question."""
    ours = box.redirect_uris[0]
    told = Script(
        root, box, "feichu", "feishu", "cli x", box.app_id, "http://example.com:8765/a", ours, "both", "folder",
        "https://example.com/x", url, redirect_uris=None,
    ).play()  # fmt: skip
    for reason in ("did you mean feishu", "developer console, ", "http on this machine", "folder, user", "/base/"):
        assert reason.lower() in told.lower()
    assert load_settings(root).redirect_uris == (ours,)


def test_a_wrong_secret_is_asked_again(root: Path, box: Sandbox) -> None:
    """The platform proves App ID and secret: it knows the App ID, so the secret alone is asked again."""
    script = Script(root, box, "", box.app_id, "", "", secrets=("", "wrong", box.app_secret))
    told = script.play()
    assert "10015" in told
    assert load_settings(root).app_secret == box.app_secret
    assert not leaked(box, told)


def test_no_network_is_no_obstacle(root: Path, box: Sandbox) -> None:
    """What cannot be checked now is said, and taken as it is."""
    box.faults.add(Fault.drop(), endpoint="tenant_token", times=None)
    told = Script(root, box, "", box.app_id, "", "").play()
    assert "could not be checked" in told
    assert load_settings(root).app_secret == box.app_secret


def test_missing_scopes_are_named_with_their_link(root: Path, box: Sandbox, url: str) -> None:
    """Of what a base needs the app has one scope less: it is named, with the console's page and the import."""
    box.scopes.discard("base:field:read")
    box.scopes.discard("bitable:app:readonly")
    box.scopes.discard("bitable:app")
    told = Script(root, box, "", box.app_id, "", url).play()
    assert f"{box.url}/app/{box.app_id}/auth?q=base:field:read\n" in told
    assert '"base:field:read"' in told
    assert '"base:record:retrieve"' not in told


def test_unseen_scopes_are_all_named(root: Path, box: Sandbox) -> None:
    """Where the platform does not tell, and no source is known, the import holds what any kind of source needs."""
    box.faults.add(Fault.reply(403, 99991672), endpoint="scopes")
    told = Script(root, box, "", box.app_id, "", "").play()
    for scope in ("offline_access", "base:record:retrieve", "sheets:spreadsheet:readonly", "docx:document:readonly"):
        assert f'"{scope}"' in told


def test_a_busy_port_is_named(root: Path, box: Sandbox) -> None:
    """A redirect address that another program holds is said before the login stumbles over it."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"http://127.0.0.1:{other.getsockname()[1]}/callback"
        told = Script(root, box, "", box.app_id, "", "", redirect_uris=[taken, box.redirect_uris[0]]).play()
        assert f"use {taken} at the moment; as long" in told
        told = Script(root, box, "", "", "", "", redirect_uris=[taken], secrets=("",)).play()
        assert "before you log in" in told


def test_one_login_for_all_folders_is_offered(root: Path, box: Sandbox) -> None:
    """The answer user keeps the login with the person; folder, asked later, brings it back."""
    Script(root, box, "", box.app_id, "user", "").play()
    assert root not in load_settings(root).token_file.parents
    Script(root, box, "", "", "folder", "", secrets=("",)).play()
    assert root in load_settings(root).token_file.parents


def test_what_a_variable_says_is_not_asked(root: Path, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable goes before the file, so it is shown instead of a question, and stays a variable."""
    monkeypatch.setenv("LARKNB_APP_ID", box.app_id)
    monkeypatch.setenv("LARKNB_APP_SECRET", box.app_secret)
    told = Script(root, box, "", "", "", secrets=("",)).play()
    assert f"app_id: {box.app_id}, from the environment variable LARKNB_APP_ID" in told
    assert not (root / "work" / "app_secret.json").exists()
    assert load_settings(root, {}).app_id == ""
    monkeypatch.setenv("LARKNB_APP_SECRET", "another one")
    assert "holds another secret" in Script(root, box, "", "", "").play()


def test_a_second_run_changes_only_what_is_answered_otherwise(root: Path, box: Sandbox, url: str) -> None:
    """Own comments, spelling and sources stay; Enter keeps what stands there, and one answer changes one line."""
    root.mkdir()
    file = root / "larknb.toml"
    text = (
        f"# ours\n[app]\napp_id = 'cli_old'  # ask Wang\nbrand='feishu'\n# end\n\n[[sources]]\nurl = '{url}' # staff\n"
    )
    file.write_text(text, encoding="utf-8")
    before = text.replace("[app]", f"[app]\nopen_base = '{box.url}'\naccounts_base = '{box.url}'")
    file.write_text(before, encoding="utf-8")
    given: dict[str, Any] = {"open_base": None, "accounts_base": None, "redirect_uris": None}
    Script(root, box, "", box.app_id, "", "", **given).play()
    assert file.read_text(encoding="utf-8") == before.replace("app_id = 'cli_old'", f'app_id = "{box.app_id}"')
    after = file.read_bytes()
    Script(root, box, "", "", "", "", secrets=("",), **given).play()
    assert file.read_bytes() == after


def test_the_app_itself_needs_no_login(root: Path, box: Sandbox) -> None:
    """With the tenant's identity neither redirect URLs nor the place of a login are asked."""
    told = Script(root, box, "", box.app_id, "", identity="tenant").play()
    assert "edirect" not in told


# --- with nobody there -------------------------------------------------------------------------------------------


@pytest.fixture
def run(root: Path, box: Sandbox, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run larknb init on a pipe and return its exit code and what it showed."""

    def run(*options: str) -> tuple[int, str]:
        code = main(["--home", str(root), "init", *hosts(box), *options])
        return code, "".join(capsys.readouterr())

    return run


def test_options_alone_do(
    run: Callable[..., tuple[int, str]], root: Path, box: Sandbox, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The secret comes through a pipe, the rest as options; the source is added unseen, for nobody is logged in."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{box.app_secret}\n"))
    code, shown = run("--app-id", box.app_id, "--secret-stdin", "--token-file", "user", "--source", url)
    assert code == 0, shown
    settings = load_settings(root)
    assert (settings.app_secret, settings.sources[0].url) == (box.app_secret, url)
    assert "larknb login" in shown
    assert not leaked(box, shown)
    with pytest.raises(LoginRequired):
        Workspace(root).whoami()


@pytest.mark.parametrize(
    ("options", "named"), [((), "--app-id"), (("--app-id", "cli_a"), "--secret-stdin"), (("--app-id", "a b"), "cli_…")]
)
def test_what_is_missing_is_named(run: Callable[..., tuple[int, str]], root: Path, options: Any, named: str) -> None:
    """On a pipe nothing is asked: exit code 2, the option that is missing or wrong, and an untouched folder."""
    code, shown = run(*options)
    assert code == 2
    assert named in shown
    assert not root.exists()


def test_a_wrong_secret_is_refused(
    run: Callable[..., tuple[int, str]], root: Path, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a pipe a wrong pair is a usage error, and nothing is kept of it."""
    monkeypatch.setenv("LARKNB_APP_SECRET", "not the secret")
    code, shown = run("--app-id", box.app_id)
    assert (code, "App Secret is wrong" in shown) == (2, True)
    assert "not the secret" not in shown
    assert not root.exists()


def test_a_strange_host_gets_nothing(root: Path, box: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """A host that is not trusted is refused before any request, and before any question."""
    strange = ["--open-base", "https://a.example", "--accounts-base", "https://a.example"]
    assert (
        main(["--home", str(root), "init", *strange, "--app-id", box.app_id, "--source", f"{box.url}/base/{BASE}"]) == 2
    )
    assert "LARKNB_TRUSTED_HOSTS" in capsys.readouterr().err
    assert not root.exists()


# --- an app by one scan ------------------------------------------------------------------------------------------


@needs_terminal
def test_from_an_empty_folder_by_scan_alone(
    root: Path, box: Sandbox, url: str, browser: Callable[[str], requests.Response]
) -> None:
    """A typed word chooses it: the page has the source's scopes, a device login follows, the source can be read."""
    box.device_interval = box.registration_interval = 1
    terminal = larknb(root, "init", *hosts(box)[:4])
    for question, answer in {"Platform.*: ": "", r"App ID \(.*: ": "scan", "Address.*: ": url}.items():
        terminal.wait_for(question)
        terminal.type(answer)
    page = terminal.wait_for(r"http://127\.0\.0\.1:\d+/page/launcher\S+")
    terminal.wait_for("Waiting for the confirmation")
    browser(page)
    terminal.wait_for("Keep your login.*: ")
    terminal.type("")
    browser(terminal.wait_for(r"http://127\.0\.0\.1:\d+/oauth/v1/device/verify\S+"))
    assert terminal.end() == 0, terminal.shown
    for text in ("App ID and App Secret are right", "人力盘点", "Logged in as", f"/app/{box.app_id}"):
        assert text in terminal.shown
    settings = load_settings(root)
    assert (settings.app_id, settings.app_secret, settings.login) == (box.app_id, box.app_secret, "device")
    assert [source.name for source in Workspace(root).sources()] == ["人力盘点"]
    assert stat.S_IMODE((root / "work" / "app_secret.json").stat().st_mode) == 0o600
    assert not [*root.rglob("app_registration*")]
    assert not leaked(box, terminal.shown, (root / "larknb.toml").read_text(encoding="utf-8"))


@needs_terminal
@pytest.mark.soak
def test_a_stopped_scan_goes_on_with_the_next_init(
    root: Path, box: Sandbox, url: str, browser: Callable[[str], requests.Response]
) -> None:
    """Ctrl-C while it waits: the next one shows the same code, and what was confirmed meanwhile counts."""
    options = [*hosts(box)[:4], "--brand", "feishu", "--token-file", "work/token.json", "--source", url]
    box.registration_interval = 1
    first = larknb(root, "init", *options)
    first.wait_for(r"App ID \(.*: ")
    first.type("scan")
    page = first.wait_for(r"http://127\.0\.0\.1:\d+/page/launcher\S+")
    first.wait_for("Waiting for the confirmation")
    first.interrupt()
    assert first.end() == 130
    assert "can still be confirmed" in first.shown
    browser(page)
    box.approve = "deny"
    second = larknb(root, "init", *options)
    second.wait_for(r"App ID \(.*: ")
    second.type("扫码")
    second.wait_for("was made and is yours")
    browser(second.wait_for(r"http://127\.0\.0\.1:\d+/oauth/v1/device/verify\S+"))
    second.end()
    assert load_settings(root).app_secret == box.app_secret


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault.html(404), "Cannot create an app"),
        (Fault.reply(400, {"error": "x", "error_description": "not in your company"}), "not in your company"),
    ],
)
def test_a_scan_that_is_not_offered(root: Path, box: Sandbox, fault: Fault, says: str) -> None:
    """The questions for an app by hand go on with what was learned; nothing is left behind of the scan."""
    box.faults.add(fault, endpoint="registration", times=None)
    told = Script(root, box, "", "scan", "", "", box.app_id, "").play()
    assert says in told
    assert load_settings(root).app_secret == box.app_secret
    assert not [*root.rglob("app_registration*")]


def test_no_scan_where_the_folder_has_an_app(root: Path, box: Sandbox) -> None:
    """It is neither offered nor taken for an App ID."""
    Script(root, box, "", box.app_id, "", "").play()
    told = Script(root, box, "", "scan", "", "", "", secrets=("",)).play()
    assert "type scan" not in told
    assert "This is not an App ID" in told
