"""The hooks of a service that fails on purpose: how calls are made, and what code chooses."""

import pytest

from chaos.engine.engine import FaultEngine
from chaos.engine.hooks import FaultHooks
from chaos.engine.model import Fault, Snapshot
from chaos.engine.policies import deadline_for_each_read, retry_immediately
from shared.http import Breaker, CallPolicy
from tests.chaos.engine.decisions import fault, with_baggage

NORMAL = CallPolicy(2.0, breaker=Breaker())


def having(*faults: Fault) -> FaultHooks:
    hooks = FaultHooks(FaultEngine())
    hooks.engine.replace(Snapshot(faults=faults))
    return hooks


def behavior(name: str, **match: str) -> Fault:
    where = {"side": "point", "match": match}
    effect = {"type": "behavior", "name": name}
    return fault(name.replace("_", "-"), where=where, effect=effect)


def test_without_faults_a_call_is_made_as_ever() -> None:
    assert having().policy("auth", NORMAL, "GET") is NORMAL


def test_naive_retries_have_no_pause_and_no_breaker() -> None:
    policy = having(behavior("naive_retries")).policy("auth", NORMAL, "POST")

    assert (policy.attempts, policy.retry, policy.breaker) == (3, retry_immediately, None)
    assert policy.exchange is NORMAL.exchange


def test_without_timeout_each_read_has_its_own() -> None:
    policy = having(behavior("no_timeout")).policy("auth", NORMAL, "POST")

    assert policy.exchange is deadline_for_each_read
    assert policy.breaker is NORMAL.breaker


@pytest.mark.parametrize(("method", "attempts"), [("GET", 3), ("POST", 1), ("PUT", 1)])
def test_the_remedy_retries_what_changes_nothing_and_nothing_else(
    method: str, attempts: int
) -> None:
    policy = having(behavior("retries")).policy("auth", NORMAL, method)

    assert (policy.attempts, policy.retry) == (attempts, NORMAL.retry)


def test_a_bug_of_one_peers_calls_is_none_of_anothers() -> None:
    where = {"side": "point", "match": {"attribute": {"peer": "bank"}}}
    effect = {"type": "behavior", "name": "no_timeout"}
    hooks = having(fault("careless", where=where, effect=effect))

    assert hooks.policy("carrier", NORMAL, "GET") == NORMAL
    assert hooks.policy("bank", NORMAL, "GET") != NORMAL


def test_an_outage_for_one_person_has_a_circuit_of_its_own() -> None:
    where = {"side": "client", "match": {"session": "s-ann"}}
    hooks = having(fault("private", where=where))

    with with_baggage({"session.id": "s-ann"}):
        anns = hooks.policy("payment", NORMAL, "GET")
    others = hooks.policy("payment", NORMAL, "GET")

    assert anns.breaker is others.breaker is NORMAL.breaker
    assert anns.breaker_key != others.breaker_key == ""


def test_a_strategy_is_chosen_anew_with_each_call() -> None:
    hooks = having()
    reading = hooks.choose("batch", n_plus_one="one by one")
    before = reading()
    hooks.engine.replace(Snapshot(faults=(behavior("n_plus_one"),)))
    meanwhile = reading()
    hooks.engine.replace(Snapshot())

    assert (before, meanwhile, reading()) == ("batch", "one by one", "batch")


def test_a_strategy_is_chosen_for_one_session() -> None:
    reading = having(behavior("n_plus_one", session="s-ann")).choose("batch", n_plus_one="each")

    with with_baggage({"session.id": "s-ann"}):
        assert reading() == "each"
    assert reading() == "batch"


def test_a_variant_that_no_fault_can_ask_for_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no behavior is called n_plus_two"):
        having().choose("batch", n_plus_two="each")
