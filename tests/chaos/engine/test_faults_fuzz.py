"""Whatever is written as a list of faults is read, or refused with sentences; nothing else."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chaos.engine.effect import BEHAVIORS, Latency
from chaos.engine.model import Fault, Match, Ramp, Snapshot, Where
from chaos.engine.reader import TYPES, FaultError, read_faults
from chaos.engine.values import Part

WRITTEN = """
version: 1
faults:
  - id: ship-carrier-30
    title: "the carrier is away: a third of the calls"
    where: {side: client, service: shipping, peer: carrier, match: {session: s-1, baggage: {a: b}}}
    rate: 0.3
    ramp: {to: 0.8, over: 2m}
    draw: key
    key: order_id
    ttl: 90s
    priority: -3
    hidden: true
    instead_of: "*"
    effect: {type: latency, dist: lognormal, ms: 10, p99_ms: 2e2, position: after}
"""
STRANGE = (
    *("2026-11-21", "1_000", "0o17", ".inf", "-.nan", "~", "no", "<<: {}", "!!binary aGk="),
    *("!!python/object/apply:os.system [ls]", "!!set {a, b}", "? [1, 2]\n: 3", "{[1]: 2}"),
    *(
        "&a [*a]",
        "- - - -",
        "%YAML 9.9",
        "---\n---",
        "\ufeff",
        "\x85",
        "\ud7ff",
        "|+\n ",
        "1" * 5000,
    ),
)
MODELS: tuple[type[Part], ...] = (Fault, Where, Match, Ramp, Latency, *TYPES.values())
KEYS = sorted({key for model in MODELS for key in model.model_fields})
WORDS = (
    *("server", "client", "store", "stream", "point", "attempt", "session", "key", "every 2", "*"),
    *(
        "first 0",
        "1,2",
        "500ms",
        "9h",
        "-1s",
        "1e999",
        "some-fault",
        "",
        "\x00",
        "é",
        "0.3",
        "before",
    ),
    *(*TYPES, *BEHAVIORS),
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([0, 1, 0.5, 30, -1, 10**30])
    | st.sampled_from(WORDS)
    | st.text(max_size=6)
    | st.dates()
    | st.binary(max_size=3)
)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | scalars, inner, max_size=5)
    ),
    max_leaves=12,
)
parts = st.dictionaries(st.sampled_from(KEYS), trees, max_size=4)
effects = st.builds(
    lambda kind, more: {**more, "type": kind}, st.sampled_from(sorted(TYPES)), parts
)
faults = st.fixed_dictionaries(
    {"id": st.sampled_from(["some-fault", "other-one"]) | trees, "effect": effects | trees},
    optional={"where": parts | trees, "ramp": parts, "rats": trees}
    | {key: trees for key in Fault.model_fields if key not in {"id", "effect", "where", "ramp"}},
)


def read_or_refused(text: str) -> None:
    try:
        read = read_faults(text)
    except FaultError as error:
        refused(str(error))
        return
    assert all(isinstance(fault, Fault) for fault in read)
    written = [fault.model_dump(mode="json") for fault in read]
    assert read_faults(json.dumps({"faults": written})) == read


def refused(message: str) -> None:
    """What is said when it is."""
    assert message.strip()


@settings(max_examples=60)
@given(st.lists(faults, max_size=3))
def test_whatever_the_values_are_they_are_read_or_refused(written: list[dict[str, Any]]) -> None:
    read_or_refused(yaml.safe_dump({"faults": written}))


@settings(max_examples=60)
@given(trees)
def test_whatever_the_whole_is_it_is_read_or_refused(tree: Any) -> None:
    read_or_refused(yaml.safe_dump(tree))


@settings(max_examples=150)
@given(
    st.integers(0, len(WRITTEN)),
    st.integers(0, 12),
    st.sampled_from(STRANGE)
    | st.text(max_size=4)
    | st.sampled_from(list("{}[]:-,\n\t '\"*&!|>%@`#?")),
)
@example(0, 0, "")
def test_whatever_is_changed_in_a_good_one_it_is_read_or_refused(
    at: int, less: int, more: str
) -> None:
    read_or_refused(WRITTEN[:at] + more + WRITTEN[at + less :])


@pytest.mark.parametrize("value", STRANGE)
@pytest.mark.parametrize("place", ["rate: 0.3", "ttl: 90s", "version: 1", "service: shipping"])
def test_strange_yaml_is_read_or_refused_in_any_place(place: str, value: str) -> None:
    key = place.partition(":")[0]

    read_or_refused(WRITTEN.replace(place, f"{key}: {value}"))
    read_or_refused(WRITTEN.replace(place, f"{value}: 1"))


def test_json_has_all_its_letters() -> None:
    written = {"id": "some-fault", "title": "away \N{PACKAGE}", "effect": {"type": "error"}}

    [fault] = read_faults(json.dumps({"faults": [written]}))

    assert fault.title == "away \N{PACKAGE}"


def test_what_was_changed_could_be_read_before() -> None:
    [fault] = read_faults(WRITTEN)

    assert (fault.instead_of, fault.hidden, fault.priority) == ("*", True, -3)
    assert Snapshot.model_validate_json(Snapshot(faults=(fault,)).model_dump_json()).faults == (
        fault,
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"instead_of": "Not An Id"}, "some-fault.instead_of: an id begins with a letter"),
        ({"instead_of": "some-fault"}, "some-fault: no fault stands in for itself"),
        ({"hiden": True}, 'there is no key "hiden"; did you mean "hidden"?'),
        (
            {"effect": {"type": "pool", "size": 101}},
            "some-fault.effect.size: at most 100 is taken, not 101",
        ),
        ({"effect": {"type": "pool"}}, "some-fault: pool cannot happen on the side server"),
        ({"effect": {"type": "behavior", "name": "fallbak"}}, 'did you mean "fallback"?'),
        (
            {"effect": {"type": "behavior", "name": "fallback"}},
            "some-fault: behavior cannot happen on the side server",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(changes: dict[str, Any], said: str) -> None:
    written = {"id": "some-fault", "effect": {"type": "error"}} | changes

    with pytest.raises(FaultError) as raised:
        read_faults(json.dumps({"faults": [written]}))
    assert said in str(raised.value)
