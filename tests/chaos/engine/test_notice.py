"""What a page says of the faults that are there for its reader."""

from chaos.defaults import AUTH_FAILS
from chaos.engine.engine import FaultEngine
from chaos.engine.model import Fault, Snapshot
from chaos.engine.registry import OwnFault
from shared.hooks import Notice
from tests.chaos.engine.decisions import Clock, fault


def having(*faults: Fault) -> FaultEngine:
    there = FaultEngine([OwnFault(AUTH_FAILS)], clock=Clock())
    there.replace(Snapshot(faults=faults))
    return there


def test_it_counts_what_may_affect_its_reader() -> None:
    match = {"session": "mine", "baggage": {"acmeshop.plan": "p"}}
    faults = having(
        fault("everybodys", ttl=90),
        fault("mine", ttl=252, where={"match": match}),
        fault("of-others", ttl=999, where={"match": {"session": "others"}}),
    )

    assert faults.notice({"session.id": "mine", "acmeshop.plan": "p"}) == Notice(2, 252)
    assert faults.notice({"session.id": "mine"}) == Notice(1, 90)


def test_it_is_silent_about_what_is_hidden_or_does_nothing_or_was_always_there() -> None:
    faults = having(
        fault("hidden", hidden=True),
        fault("resting", rate=0, instead_of="other"),
        fault("for-a-header", where={"match": {"header": {"x-lab": "1"}}}),
    )

    assert faults.notice({}) is None
