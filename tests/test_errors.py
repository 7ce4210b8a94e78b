import pickle
import re

import pytest

from larknb import errors
from larknb.errors import AccessDenied, ApiError, Asker, BudgetSpent, ConfigError, LarkError, LoginRequired, NotFound

PERSON = Asker("user", "王敏 (ou_1)", "https://open.feishu.cn/app/cli_x")
ROBOT = Asker("tenant", "cli_x", "https://open.feishu.cn/app/cli_x")


@pytest.mark.parametrize(
    ("code", "error", "heal"),
    [
        (99991677, LoginRequired, "renew"),
        (99991663, LoginRequired, "renew"),
        (99991672, AccessDenied, "stop"),
        (99991679, LoginRequired, "stop"),
        (99991400, ApiError, "retry"),
        (99991403, BudgetSpent, "stop"),
        (1254290, ApiError, "retry"),
        (1254291, ApiError, "retry"),
        (1254607, ApiError, "retry"),
        (1254302, AccessDenied, "stop"),
        (1254030, ApiError, "shrink"),
        (1254045, ConfigError, "fields"),
        (1254040, NotFound, "stop"),
        (91402, NotFound, "stop"),
        (91403, AccessDenied, "stop"),
        (131007, ApiError, "stop"),
        (20064, LoginRequired, "stop"),
        (20074, ConfigError, "stop"),
        (20050, ApiError, "retry"),
        (1770002, NotFound, "stop"),
        (1310221, ApiError, "shrink"),
        (7, ApiError, "stop"),
    ],
)
def test_a_code_becomes_what_the_user_can_do(code: int, error: type[LarkError], heal: str) -> None:
    """The class follows the contract's table, whatever the HTTP status says."""
    for status in (200, 400, 403):
        found = errors.from_answer(status, {"code": code, "msg": "m"})
        assert type(found) is error
        assert errors.remedy(code, status).heal == heal


def test_the_status_decides_where_there_is_no_code() -> None:
    """Without a code: 429 and 5xx heal, 401, 403 and 404 do not."""
    assert errors.remedy(None, 503).heal == "retry"
    assert errors.remedy(None, 429).text == "rate"
    assert [errors.remedy(None, status).error for status in (401, 403, 404)] == [LoginRequired, AccessDenied, NotFound]


def test_code_zero_with_a_failing_status_is_a_failure() -> None:
    """A gateway that says code 0 and HTTP 502 has failed."""
    assert errors.remedy(0, 502).heal == "retry"


@pytest.mark.parametrize("violation", [{"type": "x", "subject": "bitable:app"}, {"scope": "bitable:app", "url": "u"}])
def test_a_missing_scope_is_named_in_both_shapes(violation: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the scope and the console page that enables it."""
    monkeypatch.setenv("LARKNB_LANG", "en")
    body = {
        "code": 99991672,
        "msg": "Access denied",
        "error": {
            "logid": "L1",
            "permission_violations": [violation],
            "helps": [{"url": "https://open.feishu.cn/app/cli_x/auth"}],
        },
    }
    error = errors.from_answer(400, body)
    assert error.scopes == ("bitable:app",)
    assert "bitable:app" in str(error)
    assert "https://open.feishu.cn/app/cli_x/auth" in str(error)
    assert error.log_id == "L1"


def test_an_unsupported_identity_is_told_apart_by_the_message() -> None:
    """99991668 that says 'not support' will never heal by a renewed token."""
    assert errors.remedy(99991668, 400, "user access token not support").heal == "stop"
    assert errors.remedy(99991668, 400, "Invalid access token").heal == "renew"


def test_an_answer_without_help_gets_the_console_link() -> None:
    """The link is made by the documented pattern: this app, these scopes, this kind of token."""
    body = {"code": 99991672, "error": {"permission_violations": [{"subject": "a:b"}, {"subject": "c d&e"}]}}
    base = "https://open.feishu.cn/app/cli_x/auth?q=a:b,c%20d%26e&op_from=openapi&token_type="
    for asker in (PERSON, ROBOT):
        assert base + asker.kind in str(errors.from_answer(400, body, asker=asker))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_remedy_is_told_to_the_app_itself(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app is never asked to log in, and no text is missing."""
    monkeypatch.setenv("LARKNB_LANG", lang)
    for text in errors._OF_APP:
        found, codes = next((found, codes) for found, codes in errors._GROUPS if found.text == text)
        error = errors.from_answer(200, {"code": errors._numbers(codes)[0]}, asker=ROBOT)
        assert not isinstance(error, LoginRequired)
        assert "larknb login" not in str(error)
        assert found.error is not LarkError


def test_an_error_says_what_where_and_what_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text reads as one line of sentences, in English and in Chinese."""
    error = errors.from_answer(200, {"code": "1254041", "msg": "TableIdNotFound"}, log_id="L2", api="a/b", source="hr")
    monkeypatch.setenv("LARKNB_LANG", "en")
    assert str(error).startswith("It was not found (code 1254041). Source: hr, a/b. Next: check")
    assert str(error).endswith(". Log id: L2.")
    assert ".." not in str(error).replace("...", "")
    monkeypatch.setenv("LARKNB_LANG", "zh")
    assert "来源：hr, a/b。" in str(errors.from_answer(200, {"code": 1254041}, api="a/b", source="hr"))


def test_an_error_survives_a_process_border() -> None:
    """A worker process can hand an error to its parent."""
    answer = errors.from_answer(200, {"code": 91403, "msg": "Forbidden"}, source="hr", asker=PERSON)
    error = pickle.loads(pickle.dumps(answer))
    assert (type(error), error.code, error.source, error.asker) == (AccessDenied, 91403, "hr", PERSON)


def test_no_code_belongs_to_two_groups() -> None:
    """Each code of the table has one meaning."""
    numbers = [n for _, codes in errors._GROUPS for n in errors._numbers(codes)]
    assert len(numbers) == len(set(numbers))


def test_every_remedy_has_its_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cause and next step exist for every group, and show no unfilled placeholder."""
    for lang in ("en", "zh"):
        monkeypatch.setenv("LARKNB_LANG", lang)
        for found, codes in errors._GROUPS:
            text = str(errors.from_answer(200, {"code": errors._numbers(codes)[0], "msg": "m"}))
            assert found.error is not LarkError
            assert not re.search(r"[{}]", text)
