"""Which faults fire, where, how often, and for how long: decisions, without their effects."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.engine.effect import Cpu, Hang, Latency, RateLimit
from chaos.engine.engine import MOST_WAITING, FaultEngine, draw
from chaos.engine.injection_point import CallPath, InjectionPoint
from chaos.engine.model import Fault, Match, Ramp, Snapshot, Where
from chaos.engine.registry import OwnFault
from tests.chaos.engine.decisions import GET, Clock, ask, engine, fault, in_session, with_baggage

SLOW = Latency(ms=5)


def victims(rate: float, seed: int, requests: int = 300, **changes: Any) -> set[int]:
    faults = engine(fault(rate=rate, **changes), seed=seed)
    return {n for n in range(requests) if ask(faults)}


@given(st.integers(0, 2**63 - 1), st.text(), st.integers())
def test_a_draw_is_a_share_and_depends_on_nothing_else(seed: int, text: str, n: int) -> None:
    first = draw(seed, text, n)

    assert 0 <= first < 1
    assert draw(seed, text, n) == first


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 1000))
def test_raising_a_rate_only_adds_victims(one: float, other: float, seed: int) -> None:
    low, high = sorted((one, other))

    assert victims(low, seed) <= victims(high, seed)


@pytest.mark.parametrize("rate", [0.01, 0.2, 0.5, 0.9])
def test_rates_are_kept_over_5000_draws(rate: float) -> None:
    hits = len(victims(rate, seed=42, requests=5000))

    assert abs(hits - 5000 * rate) < 4 * (5000 * rate * (1 - rate)) ** 0.5


def test_rates_are_kept_over_5000_sessions() -> None:
    faults = engine(fault(rate=0.3, draw="session"))

    hits = 0
    for n in range(5000):
        with in_session(CallPath(f"s-{n}", "1", "GET /")):
            hits += ask(faults) is not None

    assert abs(hits - 1500) < 4 * (5000 * 0.3 * 0.7) ** 0.5


def test_a_rate_of_0_never_fires_and_of_1_always() -> None:
    assert victims(0, seed=1) == set()
    assert len(victims(1, seed=1)) == 300


def test_who_has_no_session_meets_the_same_faults_in_every_start() -> None:
    assert victims(0.2, seed=267) == victims(0.2, seed=267)
    assert victims(0.2, seed=267, requests=60) == {
        n for n in range(60) if draw(267, "fire", "some-fault", n) < 0.2
    }


@given(st.permutations(range(12)), st.integers(0, 50))
def test_a_session_meets_the_same_faults_in_whatever_order_its_calls_come(
    order: list[int], seed: int
) -> None:
    def fires(numbers: list[int]) -> set[int]:
        faults, found = engine(fault(rate=0.4), seed=seed), set()
        for n in numbers:
            ask(faults)  # somebody without a session in between changes nothing
            with in_session(CallPath("ann", str(n // 3), f"hop-{n % 3}")):
                if ask(faults):
                    found.add(n)
        return found

    assert fires(order) == fires(list(range(12)))


def test_a_retry_is_drawn_anew_unless_the_request_is_what_is_drawn() -> None:
    def fires(drawn: str, attempts: int = 40) -> set[bool]:
        faults = engine(fault(rate=0.5, draw=drawn), seed=1)
        with in_session(CallPath("ann", "1", "GET /")):
            return {
                ask(faults, InjectionPoint("server", "POST /charges", hop="x", attempt=n))
                is not None
                for n in range(attempts)
            }

    assert fires("attempt") == {True, False}
    assert len(fires("request")) == 1
    assert len(fires("session")) == 1


def test_a_key_is_affected_or_spared_for_good() -> None:
    faults = engine(fault(rate=0.5, draw="key", key="product"), seed=1)

    def fires(product: str) -> bool:
        return (
            ask(faults, InjectionPoint("server", "GET /x", values={"product": product})) is not None
        )

    first = [fires(f"p-{n}") for n in range(40)]
    assert [fires(f"p-{n}") for n in range(40)] == first
    assert set(first) == {True, False}
    assert ask(faults) is None  # which has no product


def test_calls_made_together_have_the_same_hops_each_time() -> None:
    def hops() -> list[str]:
        whose = CallPath("ann", "1", "abc")
        return [whose.next_hop("suggestions", "GET /x") for _ in range(3)]

    assert hops() == hops()
    assert len(set(hops())) == 3


async def test_a_pool_does_not_change_where_the_other_faults_of_a_store_fire() -> None:
    down = fault(where={"side": "store"}, rate=0.5, effect={"type": "connect_error"})
    large = fault("large", where={"side": "store"}, effect={"type": "pool", "size": 100})

    async def fires(*faults: Fault) -> list[bool]:
        found, there = [], engine(*faults, seed=1)
        with in_session(CallPath("ann", "1", "GET /")):
            for _ in range(40):
                async with there.pool("store", "GET cart"):
                    found.append(ask(there, InjectionPoint("store", "GET cart")) is not None)
        return found

    assert await fires(down, large) == await fires(down)


@pytest.mark.parametrize(
    ("hits", "ordinals"),
    [("1,3,5", {1, 3, 5}), ("every 4", {4, 8}), ("first 2", {1, 2}), ("10", {10})],
)
def test_hits_are_those_that_are_named(hits: str, ordinals: set[int]) -> None:
    assert {n + 1 for n in victims(1, 0, 10, hits=hits)} == ordinals


def test_hits_are_counted_in_each_session_by_itself() -> None:
    faults = engine(fault(hits="2"))

    def fires(session: str) -> bool:
        with in_session(CallPath(session, "1", "GET /")):
            return ask(faults) is not None

    assert [fires("ann"), fires("bob"), fires("ann"), fires("bob")] == [False, False, True, True]


def test_a_fault_ends_with_its_time_and_with_its_hits() -> None:
    clock = Clock()
    faults = FaultEngine(clock=clock)
    faults.replace(Snapshot(faults=(fault("short-one", ttl="2s"),)))

    assert ask(faults)
    clock.now += 2
    assert ask(faults) is None
    assert len(victims(1, 0, max_hits=3)) == 3


def test_what_a_service_has_by_itself_does_not_end() -> None:
    clock = Clock()
    faults = engine(fault(ttl=1), clock=clock)
    clock.now += 1_000_000

    assert ask(faults)


def test_a_ramp_moves_the_rate_evenly() -> None:
    moving = fault(rate=0.2, ramp={"to": 0.8, "over": "2m"})

    assert [moving.rate_after(s) for s in (0, 60, 120, 999)] == pytest.approx([0.2, 0.5, 0.8, 0.8])
    assert fault(ramp=Ramp(to=0, over=10), rate=1).rate_after(10) == 0


@pytest.mark.parametrize(
    ("where", "fires"),
    [
        (Where(), True),
        (Where(route="GET /order/{order_id}"), True),
        (Where(route="/order/{order_id}"), True),
        (Where(route="POST /order/{order_id}"), False),
        (Where(route="/order"), False),
        (Where(service="orders"), True),
        (Where(service="auth"), False),
        (Where(side="client"), False),
        (Where(side="store"), False),
    ],
)
def test_a_fault_fires_only_at_the_injection_points_of_its_where(where: Where, fires: bool) -> None:
    faults = engine(fault(where=where, effect=SLOW), service="orders")

    assert (ask(faults) is not None) is fires


@pytest.mark.parametrize("named", ["INSERT orders", "orders", "insert"])
def test_an_operation_is_named_whole_or_by_a_word(named: str) -> None:
    faults = FaultEngine(
        [
            OwnFault(
                fault(where=Where(side="store", operation=named), effect={"type": "connect_error"})
            )
        ]
    )

    assert ask(faults, InjectionPoint("store", "INSERT orders"))
    assert ask(faults, InjectionPoint("store", "SELECT shipments")) is None


@pytest.mark.parametrize(
    ("match", "fires"),
    [
        (Match(session="s-1"), True),
        (Match(session="s-2"), False),
        (Match(user="ann"), True),
        (Match(user="bob"), False),
        (Match(baggage={"synthetic": "true"}), True),
        (Match(baggage={"synthetic": "false"}), False),
        (Match(header={"User-Agent": "curl"}), True),
        (Match(header={"user-agent": "other"}), False),
        (Match(attribute={"order_id": 7}), True),
        (Match(attribute={"order_id": 8}), False),
        (Match(session="s-1", user="bob"), False),
    ],
)
def test_a_fault_fires_only_for_the_requests_it_matches(match: Match, fires: bool) -> None:
    faults = engine(fault(where=Where(match=match)))
    headers = {"user-agent": "curl"}
    request = InjectionPoint(
        "server",
        "GET /x",
        header=lambda name: headers.get(name.lower()),
        values={"order_id": "7"},
    )

    with with_baggage({"session.id": "s-1", "user.id": "ann", "synthetic": "true"}):
        assert (ask(faults, request) is not None) is fires


def test_delay_and_error_can_fire_together_and_are_drawn_independently() -> None:
    pair = [fault("slow-one", rate=0.5, effect=SLOW), fault("down-one", rate=0.5)]
    faults = engine(*pair, seed=3)

    injections = [ask(faults) for _ in range(200)]

    seen = {(bool(one.delays("before")), one.terminal is not None) for one in injections if one}
    assert seen == {(True, False), (False, True), (True, True)}
    assert all(
        one.cause.active.fault.id == "down-one" for one in injections if one and one.terminal
    )


def test_of_several_that_end_the_work_the_first_by_priority_narrowness_and_id_does() -> None:
    narrow = fault("wide-no", where=Where(route="/order/{order_id}"))
    several = [fault("b-wide"), fault("a-wide"), narrow, fault("z-first", priority=1)]
    faults = engine(*several)
    order = ["z-first", "wide-no", "a-wide", "b-wide"]

    for n, expected in enumerate(order):
        faults.replace(Snapshot(calm="all", faults=tuple(f for f in several if f.id in order[n:])))
        injection = ask(faults)
        assert injection is not None
        assert [one.active.fault.id for one in injection.faults] == [expected]


def test_a_fault_that_matches_but_does_not_fire_is_counted() -> None:
    faults = engine(fault(rate=0.5), fault("other-one", where=Where(route="/nowhere")), seed=1)
    for _ in range(100):
        ask(faults)

    some, other = faults.registry.tallies["some-fault"], faults.registry.tallies["other-one"]
    assert some.matched == 100
    assert some.fired == len(victims(0.5, 1, 100)) == len(faults.ledger)
    assert (other.matched, other.fired) == (0, 0)


def test_the_ledger_keeps_the_last_hits() -> None:
    faults = engine(fault("down-one"))
    with in_session(CallPath("ann", "3", "abc")):
        for _ in range(10_005):
            ask(faults)

    assert len(faults.ledger) == 10_000
    assert faults.ledger.number == 10_005
    [last] = faults.ledger.after(10_004)
    assert (last.fault, last.type, last.place) == ("down-one", "error", GET.place)
    assert (last.session, last.step, last.hop != "") == ("ann", "3", True)


def test_a_snapshot_takes_the_place_of_the_one_before() -> None:
    faults = engine(fault("own-one", effect=SLOW))
    faults.replace(Snapshot(revision=7, faults=(fault("new-one"),)))

    assert faults.registry.revision == 7
    assert set(faults.registry.tallies) == {"own-one", "new-one"}
    faults.replace(Snapshot(revision=8, calm="all"))
    assert ask(faults) is None
    assert faults.registry.server == ()
    faults.replace(Snapshot(revision=9))
    assert set(faults.registry.tallies) == {"own-one"}


def test_a_snapshot_changes_what_a_service_has_by_itself() -> None:
    faults = engine(fault("own-one"))

    faults.replace(Snapshot(faults=(fault("own-one", rate=0),)))

    assert ask(faults) is None


def test_a_fault_that_stays_goes_on_counting_and_one_that_comes_again_begins_anew() -> None:
    faults = FaultEngine()
    outcomes = []
    for rate in (0.3, 0.6):
        faults.replace(Snapshot(faults=(fault(rate=rate),)))
        outcomes += [n for n in range(50) if ask(faults)]
    assert faults.registry.tallies["some-fault"].matched == 100

    faults.replace(Snapshot())
    faults.replace(Snapshot(faults=(fault(rate=0.3),)))
    assert [n for n in range(50) if ask(faults)] == outcomes[
        : faults.registry.tallies["some-fault"].fired
    ]


def test_a_rate_limit_lets_its_rate_pass() -> None:
    clock = Clock()
    faults = engine(fault(effect=RateLimit(per_second=2, burst=3)), clock=clock)

    assert [ask(faults) is None for _ in range(5)] == [True, True, True, False, False]
    clock.now += 1
    assert [ask(faults) is None for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("effect", [SLOW, Hang()])
def test_when_too_many_wait_another_one_does_not(effect: Latency | Hang) -> None:
    faults = engine(fault(effect=effect), fault("busy-one", effect=Cpu(ms=1)))
    faults.waiting = MOST_WAITING

    injection = ask(faults)

    assert injection is not None
    assert [one.active.fault.id for one in injection.faults] == ["busy-one"]
    assert faults.overflow == 1


@pytest.mark.parametrize(
    ("latency", "shares"),
    [
        (Latency(ms=100), {0.0: 0.1, 0.99: 0.1}),
        (Latency(dist="uniform", ms=100, jitter_ms=50), {0.0: 0.05, 0.5: 0.1, 1.0: 0.15}),
        (Latency(dist="normal", ms=100, jitter_ms=10), {0.5: 0.1, 0.8413447: 0.11, 0.0: 0.0297}),
        (Latency(dist="lognormal", ms=100, p99_ms=900), {0.5: 0.1, 0.99: 0.9}),
        (Latency(dist="pareto", ms=100, alpha=1), {0.0: 0.1, 0.5: 0.2, 0.9: 1.0}),
        (Latency(dist="pareto", ms=100, alpha=1, cap_ms=500), {1.0: 0.5}),
    ],
)
def test_a_delay_follows_its_distribution(latency: Latency, shares: dict[float, float]) -> None:
    found = {share: latency.seconds(share) for share in shares}

    assert found == pytest.approx(shares, rel=0.01)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_greater_draw_waits_longer_and_none_longer_than_its_cap(one: float, other: float) -> None:
    low, high = sorted((one, other))
    for dist in ("uniform", "normal", "lognormal", "pareto"):
        latency = Latency(dist=dist, ms=10, jitter_ms=8, p99_ms=80, alpha=0.5, cap_ms=1000)
        assert 0 <= latency.seconds(low) <= latency.seconds(high) <= 1
