"""What can be asked of tags, how it is understood, and what is said where it is not."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lens.domain.language import parse, terms_of_tags
from lens.domain.pattern import Pattern, is_in
from lens.domain.query import Query
from lens.store import TraceStore
from tests.lens.made import T0, span, trace, trace_id
from traces.model import Event, Status

ATTRIBUTES: dict[str, Any] = {
    "http.response.status_code": 503,
    "http.route": "/orders/{id}",
    "retry": True,
    "ratio": 0.25,
    "port": "8080",
    "note": "two words",
    "query": "a=b&c=d",
    "odd key": "yes",
    "empty": "",
    "list": ["a", "b"],
}
ONE = span(
    1,
    kind="server",
    status=Status.ERROR,
    service="gateway",
    attributes=ATTRIBUTES,
    resource={"service.name": "gateway", "host.name": "box", "process.pid": 4711},
    events=(Event(T0, "exception", {"exception.type": "ValueError"}), Event(T0, "try", {"n": 2})),
)
CASES = [
    ("http.route", True),
    ("nowhere", False),
    ("empty", True),
    ("http.response.status_code>=500", True),
    ("http.status_code>=500", True),
    ("http.response.status_code>503", False),
    ("http.response.status_code < 504", True),
    ("http.response.status_code<=502.5", False),
    ("port>8000", True),
    ("ratio<1", True),
    ("ratio>=1e-1", True),
    ("http.route>1", False),
    ("retry>0", False),
    ("retry=true", True),
    ("retry=1", False),
    ("http.response.status_code=503", True),
    ("http.response.status_code!=503", False),
    ("http.response.status_code!=500", True),
    ("nowhere!=1", False),
    ("http.route=~/orders/.*", True),
    ("http.route=~orders", False),
    ("http.route=~.*orders.*", True),
    ("http.response.status_code=~5..", True),
    ("http.response.status_code!~4..", True),
    ("nowhere!~x", False),
    ('note="two words"', True),
    ('note = "two words"', True),
    ('note=~"two w.*"', True),
    ("query=a=b&c=d", True),
    ('query="a=b&c=d"', True),
    ('"odd key"=yes', True),
    ('"odd key"', True),
    ('empty=""', True),
    ("empty=", True),
    ('list=["a","b"]', False),  # a quote within a value that is not quoted
    ('list="[\\"a\\",\\"b\\"]"', True),
    ("resource.host.name=box", True),
    ("resource.process.pid>4000", True),
    ("resource.http.route", False),
    ("span.http.route", True),
    ("span.host.name", False),
    ("event.exception.type=ValueError", True),
    ("exception.type=~.*Error", True),
    ("event.n>1", True),
    ("event.http.route", False),
    ("error", True),
    ("error=false", False),
    ("error!=true", False),
    ("span.kind=SERVER", True),
    ("span.kind!=client", True),
    ("span.status=error span.kind=server", True),
    ("http.route and retry=true && port>1", True),
    ("http.route retry=false", False),
    ("http.route~orders", True),
    ("http.route~^orders", False),
    ("service=gateway status=error kind=SERVER duration>=10ms", True),
    ("service=gateway duration>10ms", False),
    ("service!=gateway", False),
    ("service=~gate.*", True),
    ("name=work duration<1s", True),
    (".name", False),
    ("span.service", False),
]


@pytest.mark.parametrize(("text", "matches"), CASES)
def test_tags_ask_for_one_span_that_has_it_all(text: str, matches: bool) -> None:
    if text.startswith('list=["'):
        with pytest.raises(ValueError, match="is not key=value"):
            parse(text)
    else:
        assert is_in(trace(ONE), parse(text).chains[0]) is matches


async def test_the_store_finds_the_same(store: TraceStore) -> None:
    assert store.offer([ONE, span(2, trace=2)])
    await store.flushed()
    for text, matches in CASES:
        if not text.startswith('list=["'):
            found = await store.search(Query(pattern=parse(text)))
            assert (trace_id(1) in [one.trace_id for one in found]) is matches, text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{service=gateway} >> {error}", [1]),
        ("{service=gateway} > {error}", []),
        ("{service=gateway} > {service=orders} > {error}", [1]),
        ("{service=gateway} >> {service=gateway}", [2]),
        ("{error} >> {service=gateway}", []),
        ("{service=gateway} {error}", [2, 1]),
        ("{service=gateway} >> {}", [2, 1]),
        ("service=gateway {service=orders} > {error}", [1]),
        ("trace.duration>=10ms trace.spans=3", [1]),
        ("trace.duration<10ms", [2]),
        ("trace.errors>0 trace.service~gate trace.name=work", [2, 1]),
        ("trace.service!=gateway", []),
    ],
)
async def test_spans_are_found_below_one_another(
    store: TraceStore, text: str, found: list[int]
) -> None:
    failed = Status.ERROR
    assert store.offer(
        [
            span(1, service="gateway"),
            span(2, 1, service="orders"),
            span(3, 2, service="payment", status=failed),
            span(4, trace=2, at=1, ms=5, service="gateway"),
            span(5, 4, trace=2, at=1, ms=2, service="gateway"),
            span(6, trace=2, at=1, ms=1, service="payment", status=failed),
        ]
    )
    await store.flushed()
    rows = await store.search(Query(pattern=parse(text)))
    assert [row.trace_id for row in rows] == [trace_id(number) for number in found]
    whole = await store.traces(Query(pattern=parse(text)))
    assert [one.trace_id for one in whole] == [trace_id(number) for number in found]


async def test_a_search_for_spans_below_one_another_stops_at_its_limit(store: TraceStore) -> None:
    assert store.offer(
        [s for n in range(1, 9) for s in (span(2 * n, trace=n), span(2 * n + 1, 2 * n, trace=n))]
    )
    await store.flushed()
    found = await store.search(Query(pattern=parse("{} > {}"), limit=3))
    assert len(found) == 3


def test_tags_are_also_the_json_of_addresses_of_jaeger() -> None:
    tags = '{"a": 1, "b": "x y", "c": true, "name": "=", "error": "true", "odd \\"key": "{"}'
    written = 'a=1 b="x y" c=true .name="=" error=true "odd \\"key"="{"'
    assert terms_of_tags(tags) == written
    assert [one.value for one in parse(written).chains[0][0].conditions] == [
        *("1", "x y", "true", "=", "true", "{")
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (">=500", "“>=500” has no key. Write it in front: http.response.status_code>=500."),
        ("=x", "“=x” has no key"),
        ("a=1 !~x", "“!~x” has no key"),
        ("a>b", "“b” is not a number, and > compares numbers"),
        ("a>=", "“” is not a number"),
        ('a="b', "is not key=value"),
        ("a=~(", "“(” is not a regular expression"),
        ("a=~(x+)+y", "could take for ever"),
        ("a=~.*.*.*x", "could take for ever"),
        ("a=~" + "a?" * 9 + "b", "could take for ever"),
        ("a=~a{1,9}a{1,9}a{1,9}", "could take for ever"),
        (r"a=~(x)\1", "could take for ever"),
        ("a=~" + "x" * 201, "at most 200 characters"),
        ("a=1 or b=2", "Search twice"),
        ("a~(x+)+", "could take for ever"),
        ("a~x.*y.*z", "use at most 1 repetition"),
        ("status=bad", "status is one of unset, ok, error"),
        ("kind=x", "kind is one of"),
        ("duration>200", "“200” is not a duration such as 200ms or 1.5s"),
        ("trace.duration~2", "trace.duration is compared by"),
        ("a=1 status=bad", "Understood: one span of which a is “1”."),
        ("{a", "is not closed"),
        ("a}", "closes nothing"),
        ("{a {b}}", "close the first span"),
        ("a >> b", "stands between spans in braces"),
        ("{a} >> b", "spans in braces are expected"),
        ("{a} << {b}", "spans in braces are expected"),
        ("x" * 4_001, "at most 4,000 characters"),
    ],
)
def test_what_cannot_be_read_has_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        parse(text)


@given(st.text(alphabet='ab=<>!~"\\ .*(){}5', max_size=20))
def test_any_text_is_read_or_has_a_sentence(text: str) -> None:
    try:
        pattern = parse(text)
    except ValueError:
        return
    assert all(is_in(trace(ONE), chain) in (True, False) for chain in pattern.chains)
    assert pattern.words or pattern == Pattern()


def test_what_was_understood_is_said_in_words() -> None:
    assert parse('a b>=5 c!="x y" d=~e.*').words == (
        "one span of which a is there, and b is at least 5, and c is there and not “x y”,"
        " and d matches e.* from its first to its last character"
    )
    below = parse("{service=a} >> {error} trace.spans>2").words
    assert below == (
        "one span of which service is “a”, and below it one span of which error is “true”;"
        " trace.spans is more than 2"
    )


async def test_keys_and_values_are_suggested_from_what_is_kept(store: TraceStore) -> None:
    assert store.offer([ONE, *(span(n, trace=2, attributes={"port": 9}) for n in (2, 3))])
    await store.flushed()
    assert (await store.suggested_keys("", "po"))[0] == "port"
    assert await store.suggested_keys("gateway", "HOST") == ["resource.host.name"]
    assert "event.exception.type" in await store.suggested_keys("", "type")
    assert "span.kind" in await store.suggested_keys("", "span")
    assert len(await store.suggested_keys("", "")) == 20
    assert await store.suggested_values("", "port", "") == ["9", "8080"]
    assert await store.suggested_values("", "port", "80") == ["8080"]
    assert await store.suggested_values("gateway", "http.status_code", "5") == ["503"]
    assert await store.suggested_values("", "resource.host.name", "") == ["box"]
    assert "server" in await store.suggested_values("", "span.kind", "s")
    assert await store.suggested_values("", "nowhere", "") == []
    assert await store.suggested_values("gateway", "service", "") == ["shop", "gateway"]
    assert await store.suggested_values("", "status", "e") == ["error", "unset"]
    assert "trace.duration" in await store.suggested_keys("", "dur")
