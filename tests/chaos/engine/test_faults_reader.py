"""Faults as a person writes them, and what is said when they cannot be used."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.engine.effect import Error, Hang
from chaos.engine.model import Fault, Match
from chaos.engine.reader import MOST_WRONG, TYPES, FaultError, content_of, read_faults

SHIP = """
version: 1
faults:
  - id: ship-carrier-30
    title: the carrier is away for a third of the calls
    where: {side: client, service: shipping, peer: carrier, match: {session: s-1}}
    rate: 0.3
    draw: request
    ttl: 90s
    effect: {type: error, status: 503, retry_after: 2s}
"""


def complaint(**changes: Any) -> str:
    written = {"id": "some-fault", "effect": {"type": "error"}} | changes
    with pytest.raises(FaultError) as raised:
        read_faults(json.dumps({"faults": [written]}))
    return str(raised.value)


def test_a_fault_is_read_from_yaml() -> None:
    [fault] = read_faults(SHIP)

    assert fault.effect == Error(status=503, retry_after=2)
    assert fault.where.match == Match(session="s-1")
    assert (fault.where.peer, fault.rate, fault.draw, fault.ttl) == ("carrier", 0.3, "request", 90)


def test_a_fault_is_the_same_in_json() -> None:
    faults = read_faults(SHIP)
    written = [fault.model_dump(mode="json") for fault in faults]

    assert read_faults(json.dumps({"faults": written})) == faults


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_effect_is_known_by_its_type(kind: str) -> None:
    needed: dict[str, Any] = {"latency": {"ms": 1}, "cpu": {"ms": 1}, "leak": {"kib": 1}}
    needed |= {"rate_limit": {"per_second": 1}, "behavior": {"name": "fallback"}}
    effect = {"type": kind} | needed.get(kind, {})
    sides = [
        side for side in ("server", "client", "store", "stream", "point") if fits(side, effect)
    ]

    assert sides


def fits(side: str, effect: dict[str, Any]) -> bool:
    try:
        Fault.model_validate({"id": "some-fault", "where": {"side": side}, "effect": effect})
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rats": 1}, 'some-fault.rats: there is no key "rats"; did you mean "rate"?'),
        (
            {"where": {"servise": "auth"}},
            'some-fault.where.servise: there is no key "servise"; did you mean "service"?',
        ),
        (
            {"effect": {"type": "error", "statu": 500}},
            'some-fault.effect.statu: there is no key "statu"; did you mean "status"?',
        ),
        (
            {"where": {"match": {"sesion": "x"}}},
            'some-fault.where.match.sesion: there is no key "sesion"; did you mean "session"?',
        ),
        ({"surprise": 1}, 'some-fault.surprise: there is no key "surprise"'),
    ],
)
def test_an_unknown_key_is_named_with_its_path_and_what_may_be_meant(
    changes: dict[str, Any], said: str
) -> None:
    assert complaint(**changes) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rate": 30}, "did you mean 0.3 (30 %)?"),
        ({"rate": -0.1}, "some-fault.rate: at least 0 is taken, not -0.1"),
        (
            {"id": "a"},
            "a.id: an id begins with a letter and has 2 to 48 of a-z, 0-9 and -",
        ),
        ({"where": {"side": "sever"}}, 'did you mean "server"?'),
        ({"where": {"side": 3}}, "server, client, store, stream or point is taken, not 3"),
        ({"ttl": "soon"}, "some-fault.ttl: soon is no duration, such as 90s, 10m or 1h"),
        ({"rate": "often"}, "some-fault.rate: often is no number"),
        ({"hidden": "perhaps"}, "some-fault.hidden: true or false is taken, not perhaps"),
        ({"effect": {}}, "some-fault.effect: its type is missing: error, exception, latency"),
        ({"effect": {"type": "eror"}}, "there is no effect of the type eror: there are error"),
        ({"effect": "error"}, "some-fault.effect: keys with values are taken, not a text"),
        ({"effect": {"type": "latency"}}, "some-fault.effect.ms: it is missing"),
        ({"effect": {"type": "latncy"}}, 'did you mean "latency"?'),
        ({"effect": {"type": "error", "status": 200}}, "some-fault.effect.status: "),
        ({"effect": {"type": "hang", "max_s": "3m"}}, "at most 120 is taken, not 3m"),
        ({"effect": {"type": "latency", "ms": 60_001}}, "at most 60000 is taken"),
        ({"effect": {"type": "cpu", "ms": 2001}}, "at most 2000 is taken"),
        ({"effect": {"type": "leak", "kib": 1, "cap_mib": 257}}, "at most 256 is taken"),
        ({"ttl": "5h"}, "some-fault.ttl: at most 4h is taken"),
        ({"effect": {"type": "drop"}}, "some-fault: drop cannot happen on the side server"),
        (
            {"where": {"peer": "bank"}},
            "some-fault.where: peer is for the side client, not for server",
        ),
        ({"rate": 0.5, "hits": "1,3"}, "hits take the place of a rate"),
        ({"hits": "often"}, 'some-fault.hits: hits are "1,3,5", "every 4" or "first 3", not often'),
        (
            {
                "where": {"side": "store"},
                "effect": {"type": "latency", "ms": 1, "position": "after"},
            },
            "some-fault: on the side store a delay comes before the work",
        ),
        ({"draw": "key"}, "draw: key needs a key"),
        ({"effect": {"type": "latency", "dist": "lognormal", "ms": 5}}, "needs an ms over 0"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_in_a_sentence(
    changes: dict[str, Any], said: str
) -> None:
    assert said in complaint(**changes)


def test_two_faults_cannot_have_one_id() -> None:
    with pytest.raises(FaultError, match="the id some-fault is there twice"):
        read_faults(json.dumps({"faults": [{"id": "some-fault", "effect": {"type": "error"}}] * 2}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "faults",
        "faults: [",
        "[" * 200_000,
        "[ # ]\n" * 30_000,
        "- " * 60_000 + "a",
        "? " * 60_000 + "a",
        "a: &a [*a, *a]",
        "x" * 300_000,
        "\x00",
        "1: 2",
    ],
)
def test_what_is_no_list_of_faults_is_refused(text: str) -> None:
    with pytest.raises(FaultError):
        read_faults(text)


@pytest.mark.parametrize("number", ["1" + ":1" * 130_000, '!!int "' + "1:" * 120_000 + '1"'])
def test_what_may_be_a_number_is_refused_when_it_is_long(number: str) -> None:
    with pytest.raises(FaultError, match=r"at most 1,000 characters, not 2\d\d,\d\d\d"):
        read_faults(f"a: {number}")


def test_a_text_in_quotes_may_be_long() -> None:
    assert content_of(f"a: '{'x' * 2_000}'") == {"a": "x" * 2_000}


def test_of_very_many_things_that_are_wrong_only_the_first_are_reported() -> None:
    report = complaint(**{f"rats-{n}": n for n in range(10_000)})

    assert report.count("there is no key") == MOST_WRONG


def test_of_many_faults_the_one_that_is_wrong_is_named_by_its_id() -> None:
    error = {"type": "error"}
    faults: list[dict[str, Any]] = [{"id": f"fault-{n}", "effect": error} for n in range(3)]
    faults[1]["ttl"] = "soon"
    faults.append({"effect": error})
    with pytest.raises(FaultError) as raised:
        read_faults(json.dumps({"faults": faults}))
    assert str(raised.value) == (
        "fault-1.ttl: soon is no duration, such as 90s, 10m or 1h; faults.3.id: it is missing"
    )


@pytest.mark.parametrize(("text", "what"), [("", "nothing"), ("hello", "a text"), ("[]", "a list")])
def test_a_text_without_keys_is_refused_in_words(text: str, what: str) -> None:
    with pytest.raises(FaultError) as raised:
        read_faults(text)

    message = f"the text: keys with values are taken, as in `faults: [...]`, not {what}"
    assert str(raised.value) == message


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "ms", "side", "match", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)
keys = st.sampled_from([*Fault.model_fields, "rats"])


@given(st.dictionaries(keys, values, max_size=6))
def test_whatever_is_written_is_read_or_refused(written: dict[str, Any]) -> None:
    try:
        faults = read_faults(json.dumps({"faults": [written]}))
    except FaultError:
        return
    assert all(isinstance(fault, Fault) for fault in faults)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(FaultError):
        read_faults(text)


def test_durations_have_units() -> None:
    [fault] = read_faults(
        '{"faults": [{"id": "a-fault", "effect": {"type": "hang", "max_s": "500ms"}}]}'
    )

    assert fault.effect == Hang(max_s=0.5)
