"""What `acme instrumentation` says of traces, and when it starts nothing."""

import sys

import pytest

from acme.instrumentation.outline import kinds, outline, summary
from acme.instrumentation.run import Compared
from acme.launcher.up import check_instrumentation
from shared import instrumentation
from shared.errors import SettingError
from shared.settings import settings_for
from tests.acme.command_line import acme
from traces.model import Kind, Span, Trace


def span(id_: int, parent: int | None, name: str, kind: Kind, service: str = "orders") -> Span:
    above = f"{parent:016x}" if parent else None
    return Span("1" * 32, f"{id_:016x}", above, service, name, kind, id_, 100 - id_)


def trace(*more: Span, callee: str = "cart") -> Trace:
    spans = (
        span(1, None, "POST /orders", Kind.SERVER),
        span(2, 1, "GET", Kind.CLIENT),
        span(3, 2, "GET /carts", Kind.SERVER, callee),
    )
    return Trace.of("1" * 32, (*spans, *more))


SENT = span(4, 1, "http send", Kind.INTERNAL), span(5, 1, "http send", Kind.INTERNAL)


def test_spans_of_one_name_in_a_row_share_a_line() -> None:
    assert outline(trace(*SENT)).splitlines() == [
        "orders: POST /orders [SERVER]",
        "  orders: GET [CLIENT]",
        "    cart: GET /carts [SERVER]",
        "  orders: http send [INTERNAL] x 2",
    ]


def test_internal_spans_make_no_difference_between_instrumentations() -> None:
    assert kinds(trace(*SENT)) == kinds(trace())
    assert Compared({"manual": trace(), "auto": trace(*SENT)}).passed


def test_another_callee_does() -> None:
    assert not Compared({"manual": trace(), "auto": trace(callee="catalog")}).passed


def test_a_kind_that_is_missing_does() -> None:
    sent = span(4, 1, "send", Kind.PRODUCER)

    assert not Compared({"manual": trace(sent), "auto": trace()}).passed


def test_the_summary_counts_by_kind() -> None:
    head, *lines = summary({"manual": trace(), "auto": trace(*SENT)}).splitlines()

    assert head.split() == ["manual", "auto"]
    assert [line.split() for line in lines[:4]] == [
        ["spans", "3", "5"],
        ["INTERNAL", "0", "2"],
        ["SERVER", "2", "2"],
        ["CLIENT", "1", "1"],
    ]


@pytest.fixture
def _without_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "shared.instrumentation.auto", raising=False)
    monkeypatch.delattr(instrumentation, "auto", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.instrumentation.httpx", None)


@pytest.mark.usefixtures("_without_packages")
@pytest.mark.parametrize("words", [("instrumentation",), ("bench", "--instrumentation")])
def test_without_the_packages_nothing_is_started(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert acme(*words) == 1

    assert "opentelemetry.instrumentation.httpx is not installed" in capsys.readouterr().err


@pytest.mark.usefixtures("_without_packages")
def test_acme_up_needs_them_for_auto_alone() -> None:
    for who in ("manual", "native", "off"):
        check_instrumentation([settings_for("cart", {"ACME_INSTRUMENTATION": who})])

    with pytest.raises(SettingError, match="is not installed"):
        check_instrumentation([settings_for("cart", {"ACME_INSTRUMENTATION": "auto"})])
