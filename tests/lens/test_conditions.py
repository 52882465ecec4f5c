"""What can be asked of tags, how it is understood, and what is said where it is not."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lens.domain.conditions import Condition, holds
from lens.domain.query import Query
from lens.store import TraceStore
from lens.views.tags import read_tags
from tests.lens.made import T0, span, trace_id
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
]


@pytest.mark.parametrize(("text", "matches"), CASES)
def test_tags_ask_for_one_span_that_has_it_all(text: str, matches: bool) -> None:
    if text.startswith('list=["'):
        with pytest.raises(ValueError, match="is not key=value"):
            read_tags(text)
    else:
        assert holds(ONE, read_tags(text)) is matches


async def test_the_store_finds_the_same(store: TraceStore) -> None:
    assert store.offer([ONE, span(2, trace=2)])
    await store.flushed()
    for text, matches in CASES:
        if not text.startswith('list=["'):
            found = await store.search(Query(conditions=read_tags(text)))
            assert (trace_id(1) in [one.trace_id for one in found]) is matches, text


def test_tags_are_also_the_json_of_addresses_of_jaeger() -> None:
    assert read_tags('{"a": 1, "b": "x y", "c": true}') == (
        Condition("a", "=", "1"),
        Condition("b", "=", "x y"),
        Condition("c", "=", "true"),
    )


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
        ('{"a":', "This is not JSON"),
    ],
)
def test_what_cannot_be_read_has_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        read_tags(text)


@given(st.text(alphabet='ab=<>!~"\\ .*(){}5', max_size=20))
def test_any_text_is_read_or_has_a_sentence(text: str) -> None:
    try:
        conditions = read_tags(text)
    except ValueError:
        return
    holds(ONE, conditions)
    assert all(condition.words for condition in conditions)


def test_what_was_understood_is_said_in_words() -> None:
    understood = [one.words for one in read_tags('a b>=5 c!="x y" d=~e.*')]
    assert understood == [
        "a is there",
        "b is at least 5",
        "c is there and not “x y”",
        "d matches e.* from its first to its last character",
    ]


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
