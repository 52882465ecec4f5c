"""Any headers may arrive: what is valid is read, and what is not breaks nothing."""

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from opentelemetry import baggage
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import Setter
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    TraceFlags,
    TraceState,
    get_current_span,
    set_span_in_context,
)
from starlette.types import Message

from shared.profiles import EVERY, W3C
from shared.settings import settings_for
from shared.telemetry.propagation import ASGI_HEADERS, FORMATS, Propagator
from shared.topology import BY_NAME
from tests.conftest import CALM, OpenShop
from tests.faulty import open_runtime
from tests.inprocess import Line, Shop, Switchboard

Headers = list[tuple[bytes, bytes]]

OURS = NonRecordingSpan(SpanContext(1, 2, is_remote=False))
CARRIES_TRACE = ("tracecontext", "b3", "b3multi", "jaeger")
NAMES = [
    *(b"traceparent", b"tracestate", b"baggage", b"b3", b"uber-trace-id", b"uberctx-user"),
    *(b"x-b3-traceid", b"x-b3-spanid", b"x-b3-sampled", b"x-b3-flags", b"x-b3-parentspanid"),
]

trace_ids, span_ids = st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1)
hexes = st.text("0123456789abcdefABCDEF", max_size=40)
almost = st.one_of(
    st.binary(max_size=60),
    st.builds("00-{}-{}-{}".format, hexes, hexes, hexes).map(str.encode),
    st.builds("{}-{}-{}-{}".format, hexes, hexes, st.sampled_from("01d-"), hexes).map(str.encode),
    st.builds("{}:{}:{}:{}".format, hexes, hexes, hexes, st.text("-01f", max_size=3)).map(
        str.encode
    ),
    st.builds("{}={}".format, st.text(max_size=9), st.text(max_size=9)).map(
        lambda text: text.encode(errors="ignore")
    ),
    st.binary(max_size=9).map(lambda raw: b"".join(b"%%%02x" % byte for byte in raw) + b"=1"),
)
names = st.sampled_from(NAMES) | st.binary(max_size=6).map(lambda raw: b"uberctx-" + raw)
garbage = st.lists(st.tuples(names, almost), max_size=6)
mixes = st.lists(st.sampled_from(sorted(FORMATS)), min_size=1, max_size=5, unique=True)


def context_of(trace_id: int, span_id: int, *, sampled: bool = True) -> Context:
    flags = TraceFlags(TraceFlags.SAMPLED if sampled else TraceFlags.DEFAULT)
    span = SpanContext(trace_id, span_id, is_remote=False, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(span), Context())


def sent(formats: Iterable[str], context: Context) -> Headers:
    """The headers a service that speaks `formats` sends, as ASGI hands them over."""
    headers: dict[str, str] = {}
    Propagator(formats).inject(headers, context)
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def read_by(formats: Iterable[str], headers: Headers) -> SpanContext:
    return get_current_span(
        Propagator(formats).extract(headers, getter=ASGI_HEADERS)
    ).get_span_context()


@given(mixes, garbage)
@settings(deadline=None)
def test_no_headers_whatsoever_raise_an_error(formats: list[str], headers: Headers) -> None:
    context = Propagator(formats).extract(headers, getter=ASGI_HEADERS)
    found = get_current_span(context).get_span_context()
    assert not found.is_valid or found.is_remote


@given(mixes, mixes, garbage)
@settings(deadline=None)
def test_what_came_in_goes_out_in_headers_that_http_allows(
    incoming: list[str], outgoing: list[str], headers: Headers
) -> None:
    onward: dict[str, str] = {}
    request = set_span_in_context(OURS, Propagator(incoming).extract(headers, getter=ASGI_HEADERS))
    Propagator(outgoing).inject(onward, request)
    for name, value in onward.items():
        assert re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name)
        assert re.fullmatch(r"[\x20-\x7e]*", value)


@pytest.mark.parametrize("name", CARRIES_TRACE)
@given(trace_ids, span_ids, st.booleans())
@settings(deadline=None)
def test_a_context_arrives_as_it_was_sent(
    name: str, trace_id: int, span_id: int, sampled: bool
) -> None:
    found = read_by([name], sent([name], context_of(trace_id, span_id, sampled=sampled)))
    assert (found.trace_id, found.span_id) == (trace_id, span_id)
    assert found.trace_flags.sampled is sampled
    assert found.is_remote


@given(st.permutations(CARRIES_TRACE), st.permutations(CARRIES_TRACE))
@settings(deadline=None)
def test_of_formats_that_disagree_the_last_one_wins(written: list[str], spoken: list[str]) -> None:
    ids = {name: number for number, name in enumerate(written, start=1)}
    headers = [pair for name in written for pair in sent([name], context_of(ids[name], 1))]
    both_b3 = "b3 takes the single header, where there is one"
    if spoken[-1] == "b3multi":
        assert read_by(spoken, headers).trace_id == ids["b3"], both_b3
    else:
        assert read_by(spoken, headers).trace_id == ids[spoken[-1]]


@pytest.mark.parametrize(
    "nothing",
    [
        (b"b3", b"0" * 32 + b"-" + b"0" * 16 + b"-1"),
        (b"b3", b"0"),
        (b"uber-trace-id", b"f" * 40 + b":1:0:1"),
        (b"uber-trace-id", b"-1:1:0:1"),
        (b"uber-trace-id", b"1:-1:0:1"),
        (b"uber-trace-id", b"0:0:0:1"),
    ],
)
def test_a_format_that_finds_no_valid_trace_does_not_hide_another(
    nothing: tuple[bytes, bytes],
) -> None:
    headers = [*sent(["tracecontext"], context_of(7, 8)), nothing]
    assert read_by(["tracecontext", "b3", "jaeger"], headers).trace_id == 7


BROKEN: dict[str, Headers] = {
    "tracecontext": [(b"traceparent", b"00-" + b"0" * 32 + b"-00f067aa0ba902b7-01")],
    "b3": [(b"b3", b"4bf92f3577b34da6-nonsense-1")],
    "b3multi": [(b"x-b3-traceid", b"4bf92f3577b34da6"), (b"x-b3-sampled", b"1")],
    "jaeger": [(b"uber-trace-id", b"4bf92f3577b34da6")],
}
PRECEDENCE = ("tracecontext", "b3", "b3multi", "jaeger")  # of what is read by default


@pytest.mark.parametrize("form", CARRIES_TRACE)
def test_by_default_the_trace_of_any_caller_goes_on(form: str) -> None:
    found = read_by(EVERY, sent([form], context_of(7, 8)))
    assert (found.trace_id, found.span_id, found.is_remote) == (7, 8, True)


@given(st.permutations(PRECEDENCE), st.integers(0, 3))
def test_by_default_w3c_counts_then_b3_then_jaeger_in_whatever_order_they_come(
    order: list[str], first: int
) -> None:
    ids = {name: number for number, name in enumerate(PRECEDENCE, start=1)}
    there = [name for name in order if name in PRECEDENCE[first:]]
    headers = [pair for name in there for pair in sent([name], context_of(ids[name], 1))]
    assert read_by(EVERY, headers).trace_id == ids[PRECEDENCE[first]]


@pytest.mark.parametrize("broken", CARRIES_TRACE)
@pytest.mark.parametrize("whole", ["tracecontext", "b3", "jaeger"])
def test_a_broken_header_of_one_format_leaves_the_trace_to_another(broken: str, whole: str) -> None:
    if broken != whole and {broken, whole} != {"b3", "b3multi"}:
        headers = [*BROKEN[broken], *sent([whole], context_of(7, 8))]
        assert read_by(EVERY, headers).trace_id == 7


def test_where_all_are_broken_a_trace_begins_and_the_baggage_stays() -> None:
    headers = [pair for pairs in BROKEN.values() for pair in pairs]
    context = Propagator(W3C, EVERY).extract([*headers, (b"baggage", b"a=1")], getter=ASGI_HEADERS)
    assert not get_current_span(context).get_span_context().is_valid
    assert baggage.get_all(context) == {"a": "1"}


def test_baggage_of_jaeger_comes_with_its_trace_alone_and_gives_way_to_the_w3cs() -> None:
    jaeger = [*sent(["jaeger"], context_of(1, 1)), (b"uberctx-a", b"1"), (b"uberctx-b", b"2")]
    alone = Propagator(W3C, EVERY).extract([*jaeger, (b"baggage", b"b=3")], getter=ASGI_HEADERS)
    assert baggage.get_all(alone) == {"a": "1", "b": "3"}

    both = [*jaeger, *sent(["tracecontext"], context_of(2, 2))]
    context = Propagator(W3C, EVERY).extract(both, getter=ASGI_HEADERS)
    assert get_current_span(context).get_span_context().trace_id == 2
    assert baggage.get_all(context) == {}


def test_what_is_read_is_not_sent_unless_it_is_spoken() -> None:
    headers: dict[str, str] = {}
    Propagator(W3C, EVERY).inject(headers, context_of(7, 8))
    assert set(headers) == {"traceparent"}


def test_without_headers_there_is_no_parent() -> None:
    assert not read_by(FORMATS, []).is_valid


@pytest.mark.parametrize("name", ["baggage", "jaeger"])
@given(value=st.text(max_size=40).map(str.strip))
@settings(deadline=None)
def test_baggage_arrives_as_it_was_sent(name: str, value: str) -> None:
    context = baggage.set_baggage("user", value, context_of(1, 2))
    extracted = Propagator([name]).extract(sent([name], context), getter=ASGI_HEADERS)
    assert baggage.get_baggage("user", extracted) == value


def test_a_baggage_name_that_is_no_header_name_stays_behind() -> None:
    context = baggage.set_baggage("user\r\nset-cookie: a=b", "x", context_of(1, 2))
    assert [name for name, _ in sent(["jaeger"], context)] == [b"uber-trace-id"]


def test_it_takes_any_carrier_as_the_api_does() -> None:
    propagator = Propagator(["tracecontext", "b3", "jaeger"])
    headers: dict[str, str] = {}
    propagator.inject(headers, context_of(7, 8))
    assert set(headers) <= propagator.fields
    assert get_current_span(propagator.extract(headers)).get_span_context().trace_id == 7

    class Pairs(Setter[list[tuple[str, str]]]):
        def set(self, carrier: list[tuple[str, str]], key: str, value: str) -> None:
            carrier.append((key, value))

    pairs: list[tuple[str, str]] = []
    propagator.inject(pairs, context_of(7, 8), Pairs())
    assert dict(pairs) == headers


def test_tracestate_is_passed_on() -> None:
    state = TraceState([("vendor", "one"), ("other", "two")])
    span = SpanContext(1, 2, is_remote=False, trace_state=state)
    context = set_span_in_context(NonRecordingSpan(span), Context())
    assert read_by(["tracecontext"], sent(["tracecontext"], context)).trace_state == state


async def status_of(shop: Shop, path: str, headers: Headers) -> int:
    """The status of a request to the gateway with headers that no client would send."""
    line = shop.board.lines[BY_NAME["gateway"].port]
    assert isinstance(line, Line)
    await line.start()
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), *headers],
        "server": ("gateway.test", 80),
        "client": ("127.0.0.1", 1),
    }
    await line.app(scope, receive, send)
    return statuses[0]


@pytest.fixture
async def polyglot(shop_with: OpenShop) -> Shop:
    """A shop in which every service speaks every format, and traces whatever a caller decided."""
    environ = {"OTEL_PROPAGATORS": ",".join(FORMATS), "OTEL_TRACES_SAMPLER": "always_on"}
    return await shop_with(**environ, **CALM)


@given(garbage)
@example([(b"baggage", b"%c3%a9=1")])
@example([(b"baggage", b"%0d%0aset-cookie:=1")])
@example([(b"uber-trace-id", b"1:1::0")])
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_no_headers_whatsoever_crash_a_request(polyglot: Shop, headers: Headers) -> None:
    polyglot.spans.clear()
    assert await status_of(polyglot, "/orders/12345", headers) == 200
    spans = [span for span in polyglot.spans.get_finished_spans() if span.kind is SpanKind.SERVER]
    assert len({span.context.trace_id for span in spans if span.context}) == 1


@asynccontextmanager
async def speaking(data: Path, **formats: str) -> AsyncIterator[InMemorySpanExporter]:
    """The spans of one order's status, from services that each speak their own formats."""
    board, spans = Switchboard(), InMemorySpanExporter()
    async with AsyncExitStack() as stack:
        for name, spoken in formats.items():
            environ = CALM | {"OTEL_PROPAGATORS": spoken, "ACME_DATA": str(data)}
            opened = open_runtime(settings_for(name, environ), transport=board, exporter=spans)
            runtime = await stack.enter_async_context(opened)
            app = import_module(f"services.{name}.app").create_app(runtime)
            await runtime.start()
            board.lines[BY_NAME[name].port] = httpx.ASGITransport(app)
        spans.clear()
        url = f"http://gateway.test:{BY_NAME['gateway'].port}/orders/12345"
        client = await stack.enter_async_context(httpx.AsyncClient(transport=board))
        assert (await client.get(url)).status_code == 200
        yield spans


def traces(spans: InMemorySpanExporter) -> dict[int, set[object]]:
    """The services in each trace."""
    found: dict[int, set[object]] = {}
    for span in spans.get_finished_spans():
        assert span.context is not None
        services = found.setdefault(span.context.trace_id, set())
        services.add(span.resource.attributes["service.name"])
    return found


@pytest.mark.parametrize("alone", CARRIES_TRACE)
async def test_a_shop_grown_in_several_languages_keeps_its_traces_whole(
    tmp_path: Path, alone: str
) -> None:
    async with speaking(
        tmp_path,
        gateway=f"tracecontext,baggage,{alone}",
        auth=alone,
        orders="b3multi,jaeger,tracecontext",
        shipping="b3,jaeger",
    ) as spans:
        assert list(traces(spans).values()) == [{"gateway", "auth", "orders", "shipping"}]


async def test_services_without_a_common_format_break_the_trace(tmp_path: Path) -> None:
    async with speaking(
        tmp_path, gateway="tracecontext", auth="tracecontext", orders="b3", shipping="b3"
    ) as spans:
        assert sorted(sorted(map(str, found)) for found in traces(spans).values()) == [
            ["auth", "gateway"],
            ["orders", "shipping"],
        ]
