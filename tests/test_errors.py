import copy
import pickle
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from larknb import errors
from larknb.errors import AccessDenied, Asker, ChooseTable, LarkError
from larknb.wire.codes import from_answer

PERSON = Asker("user", "王敏 (ou_1)", "https://open.feishu.cn/app/cli_x")


def test_an_error_says_what_where_and_what_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text reads as one line of sentences, in English and in Chinese."""
    error = from_answer(200, {"code": "1254041", "msg": "TableIdNotFound"}, log_id="L2", api="a/b", source="hr")
    monkeypatch.setenv("LARKNB_LANG", "en")
    assert str(error).startswith("It was not found (code 1254041). Source: hr, a/b. Next: check")
    assert str(error).endswith(". Log id: L2.")
    assert ".." not in str(error).replace("...", "")
    monkeypatch.setenv("LARKNB_LANG", "zh")
    assert "位置：hr, a/b。" in str(from_answer(200, {"code": 1254041}, api="a/b", source="hr"))


def test_an_error_survives_a_process_border() -> None:
    """A worker process can hand an error to its parent."""
    answer = from_answer(200, {"code": 91403, "msg": "Forbidden"}, source="hr", asker=PERSON)
    error = pickle.loads(pickle.dumps(answer))
    assert (type(error), error.code, error.source, error.asker) == (AccessDenied, 91403, "hr", PERSON)


EVERY = [getattr(errors, name) for name in errors.__all__ if name != "Asker"]


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_can_be_kept(kind: type[LarkError]) -> None:
    """With the platform's code, who was refused, and the note that somebody added: as a pickle, or a copy."""
    more: dict[str, Any] = {"tables": ("a", "b")} if kind is ChooseTable else {}
    error = kind(
        "it broke", source="hr", next="look", code=1254041, msg="m", log_id="L", scopes=["a:b"], asker=PERSON, **more
    ).at("outer")
    error.add_note("seen at night")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert (type(again), str(again), again.brief()) == (kind, str(error), error.brief())
        assert vars(again) == vars(error)


def test_a_notebook_shows_the_message_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What IPython shows has no frames of ours, unless somebody asks for them; nothing in it acts."""
    shell: Any = InteractiveShell.instance()
    try:
        shell.run_cell("from larknb.errors import NotFound\nraise NotFound('no \x1b[2J table')")
        for setting, framed in (("", False), ("1", True)):
            monkeypatch.setenv("LARKNB_DEBUG", setting)
            capsys.readouterr()
            shell.run_line_magic("tb", "")
            shown = capsys.readouterr().out
            assert "no \\x1b[2J table" in shown
            assert ("Traceback" in shown) is framed
    finally:
        InteractiveShell.clear_instance()
