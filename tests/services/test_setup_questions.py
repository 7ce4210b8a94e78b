"""The questions of a set-up one by one: what is asked, what counts as an answer, and how it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from larknb.config.settings import load_settings
from larknb.errors import ConfigError
from larknb.model import Source
from larknb.sandbox import Fault, Sandbox
from larknb.services.context import Context
from larknb.services.setup import Setup


def source_of(url: str) -> Source:
    """Return the source of an address, as far as it is one."""
    if "/" not in url:
        raise ConfigError(f"{url} is no address", next="paste one")
    return Source("", url, "bitable", "App1")


class Somebody:
    """At a terminal, with answers that are known beforehand (None: Ctrl-D); what is said to them is kept."""

    def __init__(
        self, root: Path, box: Sandbox, *answers: str | None, secrets: tuple[str, ...] = (), **given: Any
    ) -> None:
        self.box, self.answers, self.secrets, self.told = box, [*answers], [*secrets], list[str]()
        app = {"open_base": box.url, "accounts_base": box.url, "redirect_uris": box.redirect_uris,
               "token_file": "work/token.json", **given}  # fmt: skip
        self.setup = Setup(
            Context(root), app, source_of, there=True, ask=self.answer,
            ask_unseen=self.answer_unseen, tell=lambda line: self.told.append(str(line)),
        )  # fmt: skip

    def answer(self, question: str, choices: object = ()) -> str:
        self.told.append(question)
        answer = self.answers.pop(0)
        if answer is None:
            raise EOFError
        return answer

    def answer_unseen(self, question: str) -> str:
        self.told.append(question)
        return self.secrets.pop(0)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "ws"


@pytest.mark.parametrize("given", [{"app_id": "not an id!"}, {"brand": "other"}, {"redirect_uris": ["http://x.com/a"]}])
def test_what_was_given_is_checked_before_the_first_question(root: Path, box: Sandbox, given: dict[str, Any]) -> None:
    """Nobody answers four questions to hear that an option was wrong."""
    with pytest.raises(ConfigError):
        Somebody(root, box, **given)
    assert not root.exists()


@pytest.mark.parametrize("said", ["n", "N", "no", "NO", "否", "不"])
def test_a_login_can_be_put_off(root: Path, box: Sandbox, said: str) -> None:
    """In either language; anything else, Enter above all, is a yes."""
    assert not Somebody(root, box, said).setup.wants_login()
    for answer in ("", "y", "yes", "是", "now"):
        assert Somebody(root, box, answer).setup.wants_login()


def test_answers_are_taken_without_their_blanks(root: Path, box: Sandbox) -> None:
    """A pasted id or secret often brings one along."""
    person = Somebody(root, box, " feishu ", f"  {box.app_id}\t", "", secrets=(f" {box.app_secret} ",))
    person.setup.ask_all()
    person.setup.write()
    settings = load_settings(root)
    assert (settings.app_id, settings.app_secret) == (box.app_id, box.app_secret)


def test_a_refused_pair_asks_for_the_platform_again(root: Path, box: Sandbox) -> None:
    """Also if it was given as an option: the other platform may know the pair."""
    box.faults.add(Fault.reply(200, 99991543), endpoint="tenant_token")
    person = Somebody(root, box, "feishu", box.app_id, "", secrets=("wrong", box.app_secret), brand="feishu",
                      app_id=box.app_id)  # fmt: skip
    person.setup.ask_all()
    asked = [line for line in person.told if line.startswith(("Platform", "App ID ("))]
    assert asked == ["Platform: feishu or lark [feishu]: ", f"App ID (cli_…) [{box.app_id}]: "]


@pytest.mark.parametrize("code", [10015, 20002])
def test_a_wrong_secret_asks_for_the_secret_alone(root: Path, box: Sandbox, code: int) -> None:
    """The platform knows the App ID: neither it nor the platform is asked again, unless Enter says so."""
    box.faults.add(Fault.reply(200, code), endpoint="tenant_token", times=2)
    person = Somebody(root, box, "feishu", box.app_id, "feishu", "", "",
                      secrets=("wrong", "wrong too", "", box.app_secret))  # fmt: skip
    person.setup.ask_all()
    asked = [line.partition(" ")[0] for line in person.told if line.endswith(": ") and "Address" not in line]
    assert asked == ["Platform:", *["App"] * 4, "Platform:", "App", "App"]
    again = "App Secret again (not shown while you type; Enter starts again with the platform): "
    assert person.told.count(again) == 2
    assert not [line for line in person.told if box.app_secret in line]


@pytest.mark.parametrize("position", range(5))
def test_a_secret_in_another_field_is_not_repeated(root: Path, box: Sandbox, position: int) -> None:
    """Whatever the field: it is refused without being shown, and written nowhere."""
    answers = ["feishu", box.app_id, box.redirect_uris[0], "folder", ""]
    wrong = [*answers[:position], box.app_secret, *answers[position:]]
    person = Somebody(root, box, *wrong, secrets=(box.app_secret,), redirect_uris=None, token_file=None)
    person.setup.ask_all()
    assert not [line for line in person.told if box.app_secret in line]
    person.setup.write()
    assert box.app_secret not in (root / "larknb.toml").read_text(encoding="utf-8")


def test_a_known_secret_may_stay(root: Path, box: Sandbox) -> None:
    """The question says so, and Enter keeps it; where none is known, Enter is no answer."""
    first = Somebody(root, box, "", box.app_id, "", secrets=("", box.app_secret))
    first.setup.ask_all()
    first.setup.write()
    assert first.told.count("App Secret (not shown while you type): ") == 2
    second = Somebody(root, box, "", "", "", secrets=("",))
    second.setup.ask_all()
    second.setup.write()
    assert "App Secret (not shown while you type; Enter keeps the present one): " in second.told
    assert not [line for line in second.told if "is kept in" in line]
    assert load_settings(root).app_secret == box.app_secret


def test_the_place_of_the_login_that_a_variable_names_is_not_asked(
    root: Path, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes before the file whatever would be answered."""
    answers = ("", box.app_id, "", "")
    asked = Somebody(root, box, *answers, secrets=(box.app_secret,), token_file=None)
    asked.setup.ask_all()
    monkeypatch.setenv("LARKNB_TOKEN_FILE", "user")
    silent = Somebody(root, box, *answers, secrets=(box.app_secret,), token_file=None)
    silent.setup.ask_all()
    questions = [[line for line in person.told if "Keep your login" in line] for person in (asked, silent)]
    assert [len(lines) for lines in questions] == [1, 0]


def test_a_wrong_answer_is_answered_in_sentences(root: Path, box: Sandbox) -> None:
    """What is wrong, and then what would do, with a capital and a stop."""
    person = Somebody(root, box, "feichu", "feishu", box.app_id, "", secrets=(box.app_secret,))
    person.setup.ask_all()
    (told,) = [line for line in person.told if "feichu" in line]
    _, _, following = told.partition(". ")
    assert following[0].isupper()
    assert following.endswith(".")


def test_no_more_answers_means_stop(root: Path, box: Sandbox) -> None:
    """Ctrl-D ends it as Ctrl-C does, and nothing was changed."""
    person = Somebody(root, box, None)
    with pytest.raises(KeyboardInterrupt), person.setup:
        person.setup.ask_all()
    assert person.told[-1].strip() == "Stopped; nothing was changed."
    assert not root.exists()


def test_a_stop_after_the_writing_says_what_is_kept(root: Path, box: Sandbox) -> None:
    """Whoever stops there has a folder to go on from; another problem is told by itself."""
    person = Somebody(root, box, "", box.app_id, "", secrets=(box.app_secret,))
    with pytest.raises(KeyboardInterrupt), person.setup:
        person.setup.ask_all()
        person.setup.write()
        raise KeyboardInterrupt
    assert "What was written is kept" in person.told[-1]
    with pytest.raises(ZeroDivisionError), person.setup:
        raise ZeroDivisionError
    assert "Stopped" not in "".join(person.told[:-1])
    assert person.told[-1].count("Stopped") == 1


def test_with_nobody_there_what_is_configured_does(root: Path, box: Sandbox) -> None:
    """A second set-up in a script needs no option; nobody is asked, and nobody logs in."""
    first = Somebody(root, box, "", box.app_id, "", secrets=(box.app_secret,))
    first.setup.ask_all()
    first.setup.write()

    def never(question: str, choices: object = ()) -> str:
        raise AssertionError(question)

    told: list[object] = []
    second = Setup(Context(root), {}, lambda url: Source("", url, "bitable", "App1"), there=False, ask=never,
                   ask_unseen=never, tell=told.append)  # fmt: skip
    second.ask_all()
    assert (second.wants_login(), second.source) == (False, None)
    assert "App ID and App Secret are right." in told
