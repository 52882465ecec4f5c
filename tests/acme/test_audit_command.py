"""The exit code of `acme audit` says whether the shop kept its promise."""

from copy import deepcopy
from dataclasses import replace

import pytest

from acme.audit.books import Books
from acme.audit.run import Audit
from tests.acme.command_line import acme
from tests.acme.test_audit_books import ANSWERS, books


def audit_of(kept: Books, *given_up: str, unsettled: int = 0) -> Audit:
    answers = replace(deepcopy(ANSWERS), given_up=set(given_up))
    return Audit(answers, kept, killed={}, seconds=1.0, unsettled=unsettled)


CHARGED_TWICE = replace(books(), bank={"a": {"state": "charged", "amount": 2 * 3499}})


@pytest.mark.parametrize(
    ("audit", "code", "sentence"),
    [
        (audit_of(books()), 0, "0 discrepancies in 2 orders"),
        (audit_of(CHARGED_TWICE), 1, "order a: the bank charged 6998 cents"),
        (audit_of(books(), "1-000003"), 1, "0 discrepancies in 3 orders"),
        (audit_of(books(), unsettled=1), 1, "1 orders were still not settled"),
    ],
    ids=["promise kept", "charged twice", "a buyer gave up", "an order is half done"],
)
def test_an_audit_fails_when_a_promise_is_broken_or_still_open(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    audit: Audit,
    code: int,
    sentence: str,
) -> None:
    async def run(*_: object) -> Audit:
        return audit

    monkeypatch.setattr("acme.audit.run.run", run)

    assert acme("audit", "--orders", "1") == code
    assert sentence in capsys.readouterr().out
