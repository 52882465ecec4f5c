"""How a context crossed from one service to the next, as the spans of both ends tell it."""

from typing import Any

import pytest

from lens.views.propagation import crossings
from tests.traces.made import Made
from traces.findings.propagation import unread_context
from traces.model import Trace
from traces.propagation import hop_at

PREFIX = "acmeshop__propagation__"
OTHER = "4bf92f3577b34da6a3ce929d0e0e4736"
EVERY = ["jaeger", "b3", "tracecontext", "baggage"]
W3C = ["tracecontext", "baggage"]
JAEGER = ["uber-trace-id", "uberctx-session.id"]


def recorded(**values: Any) -> dict[str, Any]:
    return {PREFIX + key: value for key, value in values.items()}


def sent(formats: list[str], headers: list[str], **more: Any) -> dict[str, Any]:
    return recorded(sent=formats, sent_headers=headers, **more)


def found(formats: list[str], headers: list[str], reads: list[str], **more: Any) -> dict[str, Any]:
    return recorded(found=formats, found_headers=headers, reads=reads, **more)


def whole() -> Trace:
    made = Made()
    root = made.span("gateway", "GET /orders/{id}")
    going = sent(["jaeger"], JAEGER, peer_reads=EVERY)
    call = made.call("gateway", "orders", "GET /order/{id}", root, **going)
    coming = found(["jaeger"], JAEGER, EVERY, read_as="jaeger")
    made.span("orders", "GET /order/{id}", call, **coming)
    return made.trace()


def ended(formats: list[str] = ["jaeger"], headers: list[str] = JAEGER) -> Trace:  # noqa: B006
    """The trace of the caller, whose callee worked elsewhere."""
    made = Made()
    root = made.span("gateway", "GET /orders/{id}")
    going = sent(formats, headers, peer_reads=W3C, peer_trace=OTHER)
    made.call("gateway", "orders", "GET /order/{id}", root, **going)
    made.call("gateway", "orders", "GET /order/{id}", root, **going)
    return made.trace()


def begun(kind: str = "server", reads: list[str] = W3C, **more: Any) -> Trace:
    """The trace of the callee, which could not read what came."""
    made = Made()
    made.span("orders", "work", kind=kind, **found(["jaeger"], JAEGER, reads, **more))
    return made.trace()


def sentences(trace: Trace) -> list[str]:
    return [finding.sentence for finding in unread_context(trace)]


def test_of_a_hop_that_was_read_there_is_nothing_to_find() -> None:
    assert sentences(whole()) == []


def test_where_a_trace_ends_both_services_and_both_formats_are_named_once() -> None:
    assert " | ".join(sentences(ended())) == (
        "gateway sent its context to orders as jaeger, but orders reads only tracecontext: what "
        "orders did is in another trace, 4bf92f35…"
    )


def test_where_a_trace_begins_the_format_that_was_not_read_is_named() -> None:
    assert " | ".join(sentences(begun())) == (
        "orders got a context as jaeger, but reads only tracecontext: this trace begins here, and "
        "the one of its caller ends."
    )
    assert " | ".join(sentences(begun(reads=[]))) == (
        "orders got a context as jaeger, but reads none: this trace begins here, and the one of "
        "its caller ends."
    )


def test_a_message_that_could_not_be_read_is_linked_to_nothing() -> None:
    assert " | ".join(sentences(begun("consumer"))) == (
        "orders got a message whose context came as jaeger, but reads only tracecontext: nothing "
        "links its work to the sender."
    )
    assert sentences(begun("consumer", EVERY, read_as="jaeger")) == []


def test_a_call_that_names_no_trace_is_said_to_end_it() -> None:
    assert " | ".join(sentences(ended(["baggage"], ["baggage"]))) == (
        "gateway sent orders no header that names a trace: what orders did is in another trace, "
        "4bf92f35…"
    )


def test_a_caller_without_a_trace_is_no_finding() -> None:
    made = Made()
    made.span("gateway", "GET /", **found([], [], EVERY))
    assert sentences(made.trace()) == []


def test_both_ends_of_a_hop_know_it_alike() -> None:
    trace = whole()
    _, call, work = trace.spans
    assert hop_at(trace, call) == hop_at(trace, work)
    assert hop_at(trace, trace.spans[0]) is None


@pytest.mark.parametrize(
    ("trace", "number", "lines"),
    [
        (whole(), 0, []),
        (
            whole(),
            1,
            [
                "Went out as jaeger: uber-trace-id uberctx-session.id",
                "Read by orders as jaeger.",
            ],
        ),
        (
            whole(),
            2,
            [
                "Went out as jaeger: uber-trace-id uberctx-session.id",
                "Came in as jaeger: uber-trace-id uberctx-session.id",
                "Read by orders as jaeger.",
            ],
        ),
        (
            ended(),
            1,
            [
                "Went out as jaeger: uber-trace-id uberctx-session.id",
                "Not read: orders reads tracecontext and baggage. Its work is in another trace: "
                + OTHER,
            ],
        ),
        (
            begun(),
            0,
            [
                "Came in as jaeger: uber-trace-id uberctx-session.id",
                "Not read: orders reads tracecontext and baggage. A trace begins here.",
            ],
        ),
    ],
)
def test_the_panel_says_what_went_out_and_as_what_it_was_read(
    trace: Trace, number: int, lines: list[str]
) -> None:
    facts = crossings(trace, trace.spans[number])
    said = [" ".join(filter(None, (fact.sentence, *fact.headers, fact.trace_id))) for fact in facts]
    assert said == lines


def test_a_format_that_did_not_count_is_named() -> None:
    made = Made()
    both = ["traceparent", "uber-trace-id"]
    coming = found(["tracecontext", "jaeger"], both, EVERY, read_as="tracecontext")
    made.span("orders", "work", "0" * 15 + "9", **coming)
    (trace, span) = (made.trace(), made.trace().spans[0])
    assert crossings(trace, span)[-1].sentence == (
        "Read by orders as tracecontext; jaeger did not count."
    )
