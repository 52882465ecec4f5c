import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.faults.draw import draw
from shared.faults.engine import Faults
from shared.faults.model import Effect, Fault, Where

SLOW = Effect(latency_ms=5)
DOWN = Effect(status=503)


def fault(id_: str, rate: float, effect: Effect, where: Where | None = None) -> Fault:
    return Fault(id=id_, title="a test's fault", rate=rate, effect=effect, where=where or Where())


def victims(rate: float, seed: int, requests: int = 300) -> set[int]:
    faults = Faults([fault("some-fault", rate, DOWN)], seed)
    return {n for n in range(requests) if faults.on_request("GET", "/x")}


@given(st.integers(0, 2**63 - 1), st.text(), st.integers())
def test_a_draw_is_a_share_and_depends_on_nothing_else(seed: int, text: str, n: int) -> None:
    first = draw(seed, text, n)

    assert 0 <= first < 1
    assert draw(seed, text, n) == first


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 1000))
def test_raising_a_rate_only_adds_victims(one: float, other: float, seed: int) -> None:
    low, high = sorted((one, other))

    assert victims(low, seed) <= victims(high, seed)


def test_rates_are_kept_over_5000_draws() -> None:
    hits = len(victims(0.2, seed=42, requests=5000))

    assert abs(hits - 1000) < 4 * (5000 * 0.2 * 0.8) ** 0.5


def test_a_rate_of_0_never_strikes_and_of_1_always() -> None:
    assert victims(0, seed=1) == set()
    assert len(victims(1, seed=1)) == 300


def test_a_fault_strikes_only_where_it_says() -> None:
    faults = Faults([fault("one-route", 1, DOWN, Where(route="GET /auth"))])

    assert faults.on_request("GET", "/auth")
    assert faults.on_request("POST", "/auth") is None
    assert faults.on_request("GET", "/other") is None
    assert faults.on_call("carrier") is None


def test_a_client_fault_strikes_only_calls_to_its_peer() -> None:
    faults = Faults([fault("one-peer", 1, DOWN, Where(side="client", peer="carrier"))])

    assert faults.on_call("carrier")
    assert faults.on_call("bank") is None
    assert faults.on_request("GET", "/auth") is None


def test_delay_and_error_strike_together() -> None:
    faults = Faults([fault("slow-one", 1, SLOW), fault("down-one", 1, DOWN)])

    strike = faults.on_request("GET", "/x")

    assert strike is not None
    assert (strike.delay, strike.status, strike.cause.id) == (0.005, 503, "down-one")


def test_delay_and_error_are_drawn_apart() -> None:
    faults = Faults([fault("slow-one", 0.5, SLOW), fault("down-one", 0.5, DOWN)], seed=3)

    strikes = [faults.on_request("GET", "/x") for _ in range(200)]

    seen = {(s.delay > 0, s.status is not None) for s in strikes if s}
    assert seen == {(True, False), (False, True), (True, True)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": 30},
        {"rate": -0.1},
        {"id": "Not An Id"},
        {"surprise": 1},
        {"effect": {"status": 200}},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Fault.model_validate({"id": "a-fault", "title": "t", "effect": {}} | wrong)
