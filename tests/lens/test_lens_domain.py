"""The rules of lens: which spans a search matches, how ids and durations are read."""

import pytest

from lens.domain.conditions import holds
from lens.domain.durations import nanoseconds
from lens.domain.ids import trace_id as read_id
from lens.domain.query import Query
from tests.lens.made import MS, T0, span
from traces.model import Event, Status


@pytest.mark.parametrize(
    ("tags", "matches"),
    [
        ({"http.status_code": "500"}, True),
        ({"http.response.status_code": "500"}, True),
        ({"http.response.status_code": "50"}, False),
        ({"error": "true"}, True),
        ({"error": "false"}, False),
        ({"span.kind": "server", "span.status": "error"}, True),
        ({"span.kind": "client"}, False),
        ({"resource.host.name": "box"}, True),
        ({"host.name": "box"}, True),
        ({"resource.ratio": "2"}, False),
        ({"ratio": "2"}, True),
        ({"cached": "true"}, True),
        ({"list": '["a","b"]'}, True),
        ({"exception.type": "ValueError"}, True),
        ({"scope.name": "lib"}, True),
        ({"nowhere": ""}, False),
    ],
)
def test_tags_match_on_attributes_resource_events_and_fields(
    tags: dict[str, str], matches: bool
) -> None:
    one = span(
        1,
        kind="server",
        status=Status.ERROR,
        scope="lib",
        attributes={
            "http.response.status_code": 500,
            "ratio": 2.0,
            "cached": True,
            "list": ["a", "b"],
        },
        resource={"host.name": "box"},
        events=(Event(T0, "exception", {"exception.type": "ValueError"}),),
    )
    assert holds(one, Query(tags=tags).all_conditions) is matches


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.2s", 1_200_000_000),
        ("100ms", 100 * MS),
        ("500us", 500_000),
        ("1h2m3s", 3_723_000_000_000),
        ("0", 0),
        (".5s", 500 * MS),
        ("2d", 172_800_000 * MS),
        ("-2µs", -2_000),
    ],
)
def test_durations_are_read_as_go_writes_them(text: str, expected: int) -> None:
    assert nanoseconds(text) == expected


@pytest.mark.parametrize("text", ["", "5", "s", "1 s", "1.2.3s", "1y", "٣s", "1e3s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        nanoseconds(text)


def test_trace_ids_are_filled_up_to_their_full_length() -> None:
    assert read_id(" AB ") == "0" * 30 + "ab"
    assert [read_id(text) for text in ("", "0", "xyz", "1" * 33, "٣")] == [None] * 5
