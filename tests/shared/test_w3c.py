"""Trace Context and Baggage by the letter of the W3C, and the headers of other formats."""

import logging
from collections.abc import Iterator, Mapping

import pytest
from opentelemetry import baggage
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, get_current_span, set_span_in_context

from shared.settings import OrdersSettings
from shared.telemetry import logs
from shared.telemetry.logs import CAUSED_BY_CALLERS, OncePerMinute
from shared.telemetry.propagation import ASGI_HEADERS, Propagator
from shared.telemetry.provider import Telemetry
from shared.telemetry.w3c import LONGEST_BAGGAGE, MOST_PAIRS

Headers = list[tuple[bytes, bytes]]

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01"


def headers(**values: str | list[str]) -> Headers:
    """Headers as ASGI has them; one that has a list of values is there several times."""
    return [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, given in values.items()
        for value in ([given] if isinstance(given, str) else given)
    ]


def read(found: Headers, *formats: str) -> Context:
    return Propagator(formats or ("tracecontext", "baggage")).extract(found, getter=ASGI_HEADERS)


def parent(found: Headers, *formats: str) -> SpanContext:
    return get_current_span(read(found, *formats)).get_span_context()


def state(*values: str) -> dict[str, str]:
    return dict(parent(headers(traceparent=PARENT, tracestate=list(values))).trace_state)


def members(*values: str) -> Mapping[str, object]:
    return baggage.get_all(read(headers(baggage=list(values))))


@pytest.mark.parametrize(
    "text",
    [
        PARENT,
        f" \t{PARENT}\t ",
        f"cc-{TRACE}-{SPAN}-01",
        f"01-{TRACE}-{SPAN}-01-what-the-future-brings",
    ],
)
def test_a_traceparent_is_read(text: str) -> None:
    found = parent(headers(traceparent=text))
    assert (f"{found.trace_id:x}", f"{found.span_id:x}") == (TRACE.lstrip("0"), SPAN)
    assert found.trace_flags.sampled
    assert found.is_remote


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        f"ff-{TRACE}-{SPAN}-01",
        f"0-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}-0x",
        f"cc-{TRACE}-{SPAN}-01.more",
        f"{PARENT},{PARENT}",
        f"00-{TRACE}-{SPAN}\xb2-01",
    ],
)
def test_a_traceparent_that_is_broken_is_none(text: str) -> None:
    assert not parent(headers(traceparent=text, tracestate="foo=1")).is_valid


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        ("traceparent", PARENT, "tracecontext"),
        ("b3", f"{TRACE}-{SPAN}-1", "b3"),
        ("x-b3-traceid", TRACE, "b3multi"),
        ("uber-trace-id", f"{TRACE}:{SPAN}:0:1", "jaeger"),
    ],
)
def test_of_a_header_that_is_there_twice_neither_counts(name: str, value: str, form: str) -> None:
    other = value.replace(TRACE, TRACE[::-1])
    rest = headers(x_b3_spanid=SPAN) if form == "b3multi" else []
    once, twice = headers(**{name: value}), headers(**{name: [value, other]})
    assert parent(once + rest, form).is_valid
    assert not parent(twice + rest, form).is_valid
    same = headers(**{name: [value, value]})
    assert not parent(same + rest, form).is_valid


@pytest.mark.parametrize(
    ("flags", "kept"), [("00", 0), ("01", 1), ("02", 2), ("03", 3), ("ff", 3), ("fc", 0)]
)
def test_flags_that_this_version_knows_are_kept_and_no_others(flags: str, kept: int) -> None:
    assert parent(headers(traceparent=f"00-{TRACE}-{SPAN}-{flags}")).trace_flags == kept


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["foo=1,bar=2"], {"foo": "1", "bar": "2"}),
        (["foo=1", "bar=2", "baz=3"], {"foo": "1", "bar": "2", "baz": "3"}),
        (["foo=1 \t , \t bar=2, \t baz=3"], {"foo": "1", "bar": "2", "baz": "3"}),
        ([",foo=1,, ,bar=2,"], {"foo": "1", "bar": "2"}),
        (["", "foo=1"], {"foo": "1"}),
        (["foo=1,foo=1"], {"foo": "1"}),
        (["foo=1,bar=2,foo=3"], {"foo": "1", "bar": "2"}),
        (["foo=1", "foo=2"], {"foo": "1"}),
        (["foo@=1,bar=2"], {"foo@": "1", "bar": "2"}),
        (["foo@@bar=1,f@b@c=2"], {"foo@@bar": "1", "f@b@c": "2"}),
        (["1foo=1,a_-*/=2"], {"1foo": "1", "a_-*/": "2"}),
        ([f"{'z' * 256}=1"], {"z" * 256: "1"}),
        ([f"t@{'v' * 15}=1"], {f"t@{'v' * 15}": "1"}),
        ([f"foo={'v' * 256}"], {"foo": "v" * 256}),
        (["foo= 1"], {"foo": " 1"}),
        ([], {}),
        ([""], {}),
    ],
)
def test_a_tracestate_is_all_its_headers_together(
    values: list[str], expected: dict[str, str]
) -> None:
    assert state(*values) == expected
    assert list(state(*values)) == list(expected), "in their order"


@pytest.mark.parametrize(
    "broken",
    [
        *("foo =1", "FOO=1", "foo.bar=1", "@foo=1", "foo", "=1", "foo=", "foo=a=b"),
        *("foo=\x7f", "foo=caf\xe9", "_foo=1", f"{'z' * 257}=1", f"foo={'v' * 257}"),
    ],
)
def test_a_member_that_is_broken_takes_the_tracestate_with_it_and_nothing_else(broken: str) -> None:
    found = parent(headers(traceparent=PARENT, tracestate=["bar=2", broken]))
    assert found.is_valid
    assert dict(found.trace_state) == {}


def test_a_tracestate_has_32_members_at_most_and_8192_characters() -> None:
    many = [f"k{number}={number}" for number in range(33)]
    assert len(state(",".join(many[:32]))) == 32
    assert state(*many) == {}
    assert state(*[f"k{number}={'v' * 250}" for number in range(31)]) != {}
    assert state(*[f"{'k' * 250}{number}={'v' * 250}" for number in range(31)]) == {}


def test_a_tracestate_without_a_traceparent_is_none() -> None:
    assert not parent(headers(tracestate="foo=1")).is_valid


def sent(context: Context, *formats: str) -> dict[str, str]:
    carrier: dict[str, str] = {}
    Propagator(formats or ("tracecontext", "baggage")).inject(carrier, context)
    return carrier


def test_a_tracestate_goes_on_as_it_came() -> None:
    text = "foo@@bar=1,1x= y,baz=3"
    context = read(headers(traceparent=PARENT, tracestate=text))
    assert sent(context) == {"traceparent": PARENT, "tracestate": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("k=v;ttl=30", "v"),
        ("k=v;secret", "v"),
        ("k=v ; a=b ; c", "v"),
        ("k = v", "v"),
        ("k=a%20b", "a b"),
        ("k=a+b", "a+b"),
        ("k=caf%C3%A9", "café"),
        ("k=%E2%82", "\ufffd"),
        ("k=100%", "100%"),
        ("k=a=b", "a=b"),
        ("k=%3B%2C", ";,"),
        ("k=", ""),
    ],
)
def test_the_value_of_baggage_is_decoded_and_has_no_properties(text: str, value: str) -> None:
    assert members(text) == {"k": value}


@pytest.mark.parametrize(
    "broken", ["k", "=v", "a b=c", 'k="v"', "k=a b", "k=caf\xe9", "k\x7f=v", "k=\\"]
)
def test_a_member_of_baggage_that_is_broken_takes_no_other_with_it(broken: str) -> None:
    assert members(f"a=1,{broken},b=2") == {"a": "1", "b": "2"}


def test_the_names_of_baggage_are_as_they_are() -> None:
    assert members("%41=1,A=2,a.b-c=3") == {"%41": "1", "A": "2", "a.b-c": "3"}


def test_all_headers_of_baggage_count_and_of_two_members_the_last() -> None:
    assert members("a=1,b=2", " , c=3,", "a=4") == {"a": "4", "b": "2", "c": "3"}


def test_of_baggage_that_is_too_much_the_first_members_that_fit_are_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    many = members(",".join(f"k{number}=v" for number in range(999)))
    assert list(many) == [f"k{number}" for number in range(MOST_PAIRS)]
    assert members("a=1", f"b={'v' * LONGEST_BAGGAGE}", "c=3") == {"a": "1", "c": "3"}
    long = [f"k{number}={'v' * 1000}" for number in range(20)]
    assert len(members(*long)) == LONGEST_BAGGAGE // 1005
    assert [record.getMessage() for record in caplog.records[:2]] == [
        "baggage is cut to 64 members and 8192 bytes: 935 of 999 are dropped, the first is 'k64'",
        "baggage is cut to 64 members and 8192 bytes: 1 of 3 are dropped, the first is 'b'",
    ]


def test_baggage_is_kept_to_the_last_byte_that_is_allowed() -> None:
    full = {"a": "1", "b": "v" * (LONGEST_BAGGAGE - len("a=1,b="))}
    assert members(f"a=1,b={full['b']}") == full
    assert members(f"a=1,b={full['b']}v") == {"a": "1"}


@pytest.mark.parametrize("name", ["baggage", "jaeger"])
def test_what_is_sent_and_what_is_read_have_the_same_limits(name: str) -> None:
    ours = NonRecordingSpan(SpanContext(1, 2, is_remote=False))
    context = set_span_in_context(ours, Context())
    for number in range(100):
        context = baggage.set_baggage(f"k{number}", "v", context)
    carrier = sent(context, name)
    names = (
        carrier["baggage"].split(",")
        if name == "baggage"
        else [key for key in carrier if key.startswith("uberctx-")]
    )
    assert len(names) == MOST_PAIRS
    for number in range(100):
        carrier[f"uberctx-k{number}"] = "v"
    assert len(baggage.get_all(Propagator([name]).extract(carrier))) == MOST_PAIRS


@pytest.mark.parametrize("value", ["a b", "a+b", "100%", "a=b;c,d", 'say "hi"', "café", "\r\n", ""])
def test_baggage_arrives_as_it_was_set(value: str) -> None:
    carrier = sent(baggage.set_baggage("k", value, Context()), "baggage")
    assert carrier["baggage"].isascii()
    assert carrier["baggage"].isprintable()
    assert members(carrier["baggage"]) == {"k": value}


def test_what_is_no_name_of_baggage_is_not_sent() -> None:
    context = baggage.set_baggage("a", "1", baggage.set_baggage("b c\r\n", "2", Context()))
    assert sent(context, "baggage") == {"baggage": "a=1"}
    assert sent(Context(), "baggage") == {}
    assert sent(baggage.set_baggage("ü", "1", Context()), "baggage") == {}


@pytest.mark.parametrize(
    "text",
    [
        f"{TRACE}:{SPAN}:0:1",
        f"{TRACE}%3A{SPAN}%3A0%3A1",
        f"{TRACE.upper()}%3a{SPAN}%3a0%3a01",
        f"{TRACE.lstrip('0')}:{SPAN}::1",
        f"%20{TRACE}:{SPAN}:0:1%20",
    ],
)
def test_an_uber_trace_id_may_be_percent_encoded(text: str) -> None:
    found = parent(headers(uber_trace_id=text), "jaeger")
    assert f"{found.trace_id:032x}" == TRACE
    assert found.trace_flags.sampled


@pytest.mark.parametrize(
    "text",
    [
        *("", "%", f"{TRACE}%253A{SPAN}%253A0%253A1", f"{TRACE}:{SPAN}:0", f"1_0:{SPAN}:0:1"),
        *(f"0x1:{SPAN}:0:1", f"-1:{SPAN}:0:1", f"{TRACE}0:{SPAN}:0:1", f"{TRACE}:{SPAN}:0:1:2"),
    ],
)
def test_an_uber_trace_id_that_is_broken_is_none(text: str) -> None:
    assert not parent(headers(uber_trace_id=text), "jaeger").is_valid


def test_baggage_of_jaeger_goes_with_its_header() -> None:
    context = read(
        headers(uber_trace_id=f"{TRACE}%3A{SPAN}%3A0%3A1", uberctx_user="a%20b"), "jaeger"
    )
    assert baggage.get_all(context) == {"user": "a b"}
    assert sent(context, "jaeger")["uberctx-user"] == "a%20b"


def test_the_formats_name_their_headers() -> None:
    wanted = {"traceparent", "tracestate", "baggage", "uber-trace-id", "b3"}
    assert wanted <= Propagator(["tracecontext", "baggage", "jaeger", "b3"]).fields


BROKEN: list[Headers] = [
    headers(traceparent="nonsense"),
    headers(traceparent=[PARENT, PARENT]),
    headers(traceparent=PARENT, tracestate="FOO=1"),
    headers(traceparent=PARENT, tracestate=f"a={'b' * 250}," * 99),
    headers(traceparent=PARENT, tracestate=",".join(f"k{n}=1" for n in range(40))),
    headers(baggage="a b c"),
    headers(baggage=f"a={'b' * 9_000}"),
]


@pytest.fixture
def _logging() -> Iterator[None]:
    """Leaves logging as it was."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    for name in CAUSED_BY_CALLERS:
        logging.getLogger(name).filters.clear()


@pytest.mark.usefixtures("_logging")
@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_header_costs_one_line_a_minute_and_not_one_a_request(
    broken: Headers, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = OrdersSettings.read(
        {"OTEL_TRACES_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none", "ACME_METRICS": "off"}
    )
    telemetry = Telemetry.open(settings)
    logs.configure(settings, telemetry)
    for _ in range(50):
        telemetry.propagator.extract(broken, getter=ASGI_HEADERS)
    telemetry.close()
    [line] = capsys.readouterr().out.splitlines()
    assert '"level": "warning"' in line
    assert len(line) < 400


def record(message: str, at: float) -> logging.LogRecord:
    made = logging.LogRecord("uvicorn.error", logging.WARNING, "", 0, message, ("value",), None)
    made.created = at
    return made


def test_after_a_minute_a_line_says_how_many_like_it_there_were() -> None:
    limit = OncePerMinute()
    first, *others, last = (record("%s is no request", at) for at in (0, 1, 59, 60))
    assert limit.filter(first)
    assert not any(map(limit.filter, others))
    assert limit.filter(record("%s is something else", 2))
    assert limit.filter(last)
    assert last.getMessage() == "value is no request (2 more like it in the last minute)"


def test_no_exception_is_held_back() -> None:
    limit, crash = OncePerMinute(), record("%s crashed", 1)
    crash.exc_info = (ZeroDivisionError, ZeroDivisionError(), None)
    assert all(limit.filter(crash) for _ in range(3))


def test_a_span_that_is_not_recorded_passes_on_what_came() -> None:
    span = parent(headers(traceparent=f"00-{TRACE}-{SPAN}-ff"))
    context = set_span_in_context(NonRecordingSpan(span), Context())
    assert sent(context)["traceparent"] == f"00-{TRACE}-{SPAN}-03"
