"""What a code of the platform means, what heals it, and what the message tells the person to do."""

import os
import re
from pathlib import Path

import pytest

from larknb.errors import AccessDenied, ApiError, Asker, BudgetSpent, ConfigError, LarkError, LoginRequired, NotFound
from larknb.wire.codes import GROUPS, OF_APP, from_answer, numbers_of, remedy

PERSON = Asker("user", "王敏 (ou_1)", "https://open.feishu.cn/app/cli_x")
ROBOT = Asker("tenant", "cli_x", "https://open.feishu.cn/app/cli_x")
# The contract's table of generic codes, some others, and one that nobody knows: class, what the program does by itself,
# what the message tells the person to do.
ROWS: list[tuple[str, type[LarkError], str, str]] = [
    ("99991677 99991668 99991663-99991665 20005 20006 20013 20014 4001 99991671", LoginRequired, "renew", "run larknb"),
    ("99991661", ApiError, "stop", "please report this"),
    ("99991669 99991641-99991645", LoginRequired, "stop", "run larknb login"),
    ("99991672", AccessDenied, "stop", "ask the app's admin to enable it and to publish"),
    ("99991676 99991679", LoginRequired, "stop", "run larknb login"),
    ("99991662 99991673 10014 11207 11210", AccessDenied, "stop", "ask the tenant's admin to enable the app"),
    ("99991543 10015 20002", ConfigError, "stop", "check app_id and brand"),
    ("99991401", AccessDenied, "stop", "ask the app's admin to add this machine's public IPv4"),
    ("99991400 1254290 90217 1069923 1061045 2200", ApiError, "retry", "wait a minute"),
    ("99991403", BudgetSpent, "stop", "wait for next month or ask the admin"),
    ("99991201 99991301 99992402 9499 10003 4000 20001", ApiError, "stop", "please report this"),
    ("91402 1254040-1254044 1310214 90214 90215 1770002 131005 2889914", NotFound, "stop", "check the URL"),
    ("1770003 2889906 1069906", NotFound, "stop", "the cache is kept"),
    ("1254045", ConfigError, "fields", "check fields and filter"),
    ("91403 1254302 1254303 1310213 1770032 131006 2889902 1069902 970003", AccessDenied, "stop", "ask its owner"),
    ("1255040 1254607 1254036 1254291 90235 600", ApiError, "retry", "sync again in a few minutes"),
    ("1254002", ApiError, "retry", "sync again in a few minutes"),
    (
        "1255001-1255005 1500 1503 1642 1663 1668 5000 90203 10101 10105 1315201 1315203 1315210 1771001-1771005"
        " 2889905 1069901 1069704 131001 20050 20072",
        ApiError, "retry", "sync again later",
    ),
    ("131007", ApiError, "stop", "sync again later"),
    ("1254030 90221 1770033 2889925 1310221", ApiError, "shrink", "limit the source"),
    ("21000 21001", AccessDenied, "stop", "ask the admin"),
    ("20064 20073", LoginRequired, "stop", "run larknb login; a folder and its copy"),
    ("20074", ConfigError, "stop", "switch on"),
    ("7", ApiError, "stop", "look the code up"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "error", "heal", "action"),
    [(code, *row) for codes, *row in ROWS for code in numbers_of(codes)],
)
def test_a_code_becomes_what_the_user_can_do(
    code: int, error: type[LarkError], heal: str, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contract's table, row by row: class, what heals it and what to do, whatever the HTTP status says."""
    monkeypatch.setenv("LARKNB_LANG", "en")
    for status in (200, 400, 401, 403):
        found = from_answer(status, {"code": code, "msg": "m"})
        assert type(found) is error
        assert remedy(code, status).heal == heal
        assert f"Next: {action}" in str(found)


def test_the_table_is_the_contract_s() -> None:
    """No code of the contract's table is missing."""
    folder = os.environ.get("LARKNB_CONTRACT")
    if not folder:
        pytest.skip("LARKNB_CONTRACT does not name the folder of the contract")
    text = (Path(folder) / "auth-and-transport.md").read_text(encoding="utf-8")
    section = text.partition("### 7.2")[2].partition("\n## ")[0]
    cells = [re.sub(r"\(.*?\)", "", line.split("|")[1]) for line in section.splitlines() if line.startswith("| ")]
    theirs = {code for cell in cells for span in re.findall(r"\d[\d-]+", cell) for code in numbers_of(span)}
    short = {3, 10}  # 1315201/03/10
    assert theirs - short <= {code for codes, *_ in ROWS for code in numbers_of(codes)}


def test_an_access_policy_shows_the_page_that_satisfies_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A challenge of the company's policy is linked where it is a page on the web, and nothing else."""
    monkeypatch.setenv("LARKNB_LANG", "en")
    for url, shown in (("https://verify.example/1", True), ("javascript:alert(1)", False)):
        assert (url in str(from_answer(400, {"code": 21000, "challenge_url": url}))) is shown


def test_the_status_decides_where_there_is_no_code() -> None:
    """Without a code: 429 and 5xx heal, 401, 403 and 404 do not."""
    assert remedy(None, 503).heal == "retry"
    assert remedy(None, 429).text == "rate"
    assert [remedy(None, status).error for status in (401, 403, 404)] == [LoginRequired, AccessDenied, NotFound]


def test_code_zero_with_a_failing_status_is_a_failure() -> None:
    """A gateway that says code 0 and HTTP 502 has failed."""
    assert remedy(0, 502).heal == "retry"


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
    error = from_answer(400, body)
    assert error.scopes == ("bitable:app",)
    assert "bitable:app" in str(error)
    assert "https://open.feishu.cn/app/cli_x/auth" in str(error)
    assert error.log_id == "L1"


def test_an_unsupported_identity_is_told_apart_by_the_message() -> None:
    """A renewed token is tried in either case; if that repeats it, 'not support' is no reason to log in again."""
    unsupported = remedy(99991668, 400, "user access token not support")
    assert (unsupported.heal, unsupported.error) == ("renew", ApiError)
    invalid = remedy(99991668, 400, "Invalid access token")
    assert (invalid.heal, invalid.error) == ("renew", LoginRequired)


def test_an_answer_without_help_gets_the_console_link() -> None:
    """The link is made by the documented pattern: this app, these scopes, this kind of token."""
    body = {"code": 99991672, "error": {"permission_violations": [{"subject": "a:b"}, {"subject": "c d&e"}]}}
    base = "https://open.feishu.cn/app/cli_x/auth?q=a:b,c%20d%26e&op_from=openapi&token_type="
    for asker in (PERSON, ROBOT):
        assert base + asker.kind in str(from_answer(400, body, asker=asker))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_remedy_is_told_to_the_app_itself(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app is never asked to log in, and no text is missing."""
    monkeypatch.setenv("LARKNB_LANG", lang)
    for text in OF_APP:
        found, codes = next((found, codes) for found, codes in GROUPS if found.text == text)
        error = from_answer(200, {"code": numbers_of(codes)[0]}, asker=ROBOT)
        assert not isinstance(error, LoginRequired)
        assert "larknb login" not in str(error)
        assert found.error is not LarkError


def test_no_code_belongs_to_two_groups() -> None:
    """Each code of the table has one meaning."""
    numbers = [n for _, codes in GROUPS for n in numbers_of(codes)]
    assert len(numbers) == len(set(numbers))


def test_every_remedy_has_its_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cause and next step exist for every group, and show no unfilled placeholder."""
    for lang in ("en", "zh"):
        monkeypatch.setenv("LARKNB_LANG", lang)
        for found, codes in GROUPS:
            text = str(from_answer(200, {"code": numbers_of(codes)[0], "msg": "m"}))
            assert found.error is not LarkError
            assert not re.search(r"[{}]", text)
