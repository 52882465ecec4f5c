"""`acme audit --api`: what schemathesis found, service by service."""

from typing import Any

import pytest

from acme.audit import api
from acme.audit.api import ORDER, ApiAudit, Tried, tried_of
from tests.acme.command_line import acme

REPORT: dict[str, Any] = {
    "operations": {"tested": 6},
    "test_cases": {"generated": 204},
    "failures": [{"title": "Undocumented status code", "operations": ["GET /charges"]}],
    "errors": [{"title": "Schema Error", "count": 1}],
}
GOOD = Tried("cart", 6, 367, [])
BAD = tried_of("payment", REPORT)


def test_a_report_becomes_sentences() -> None:
    assert (BAD.operations, BAD.cases) == (6, 204)
    assert BAD.failures == [
        "Undocumented status code: GET /charges",
        "Schema Error: the document",
    ]


def test_the_control_plane_comes_last() -> None:
    assert ORDER[-1] == "chaos"
    assert len(ORDER) == 13


@pytest.mark.parametrize(("tried", "code"), [([GOOD], 0), ([GOOD, BAD], 1)])
def test_the_exit_code_says_whether_all_was_as_documented(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tried: list[Tried],
    code: int,
) -> None:
    monkeypatch.setattr(api, "run", lambda *_: ApiAudit(tried))

    assert acme("audit", "--api", "--cases", "3") == code

    printed = capsys.readouterr().out
    assert "cart" in printed
    assert ("payment: Undocumented status code: GET /charges" in printed) == bool(code)


def test_without_schemathesis_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(api, "find_spec", lambda _: None)

    assert acme("audit", "--api") == 1
    assert "`make extras`" in capsys.readouterr().err
