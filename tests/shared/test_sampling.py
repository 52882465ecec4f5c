"""Which traces each sampler records, and what it says about that on the root."""

import random
from collections import Counter
from dataclasses import dataclass

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, Sampler
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
)
from opentelemetry.util.types import AttributeValue

from shared.errors import SettingError
from shared.settings import telemetry as variables
from shared.telemetry.sampling import SAMPLERS, sampler
from shared.telemetry.sampling.adaptive import MOST_ROUTES, Adaptive
from shared.telemetry.sampling.rate_limiting import RateLimiting, TokenBucket
from shared.telemetry.sampling.rule import Probabilistic, RootsByRule, Rule
from shared.telemetry.sampling.strategies import PerOperation
from tests.conftest import OpenShop

OURS = ("rate_limiting", "adaptive", "error_biased", "probabilistic")


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


class Recorded:
    """A tracer with a sampler, and the spans it recorded."""

    def __init__(self, by: Sampler) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(sampler=by, shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer: Tracer = provider.get_tracer("test")

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    def below(self, *, sampled: bool, remote: bool = True) -> bool:
        """Whether a span below such a parent is recorded."""
        flags = TraceFlags(TraceFlags.SAMPLED if sampled else TraceFlags.DEFAULT)
        parent = NonRecordingSpan(SpanContext(2**64 - 1, 1, is_remote=remote, trace_flags=flags))
        span = self.tracer.start_span("child", set_span_in_context(parent))
        return span.is_recording()

    def root(self) -> bool:
        """Whether a root is recorded."""
        return self.tracer.start_span("root").is_recording()


def by(name: str, arg: str = "") -> Recorded:
    return Recorded(sampler(name, arg, service="orders"))


def binomial(of: int, share: float, found: int) -> bool:
    """Whether so many are plausible: within 3.3 standard deviations, which 99.9 % are."""
    deviation: float = (of * share * (1 - share)) ** 0.5
    return abs(found - of * share) <= 3.3 * deviation


def share(rule: Rule, name: str = "GET /", of: int = 4_000) -> float:
    draws = random.Random(7)
    return sum(rule.decide(draws.getrandbits(128), name).sampled for _ in range(of)) / of


def test_every_name_the_settings_allow_is_a_sampler() -> None:
    assert set(variables.SAMPLERS) == set(SAMPLERS)


@pytest.mark.parametrize("arg", ["", "0.5"])
@pytest.mark.parametrize("name", [*OURS, "parentbased_traceidratio", "parentbased_always_on"])
def test_a_parent_based_sampler_does_as_the_parent_did(name: str, arg: str) -> None:
    recorded = by(name, arg)
    for remote in (True, False):
        assert recorded.below(sampled=True, remote=remote)
        assert not recorded.below(sampled=False, remote=remote)


def test_always_on_records_whatever_the_caller_decided() -> None:
    assert by("always_on").root()
    assert by("always_on").below(sampled=False, remote=True)


def test_always_on_still_records_nothing_below_a_suppressed_request() -> None:
    assert not by("always_on").below(sampled=False, remote=False)
    assert not by("traceidratio", "1").below(sampled=False, remote=False)


def test_traceidratio_breaks_traces_that_parentbased_traceidratio_keeps_whole() -> None:
    assert not by("traceidratio", "0.1").below(sampled=True)
    assert by("parentbased_traceidratio", "0.1").below(sampled=True)


@pytest.mark.parametrize("name", [name for name, kind in SAMPLERS.items() if kind.short_for])
def test_a_name_of_the_jaeger_clients_is_a_sampler_with_an_argument(name: str) -> None:
    arg = "" if name == "remote" else SAMPLERS[name].argument
    chosen = sampler(name, arg, service="orders", strategies="http://127.0.0.1:9")
    assert isinstance(chosen, ParentBased)
    if close := getattr(chosen, "close", None):
        close()


@pytest.mark.parametrize(("arg", "kept"), [("", True), ("1", True), ("true", True), ("0", False)])
def test_const_records_all_roots_or_none(arg: str, kept: bool) -> None:
    assert by("const", arg).root() is kept


def test_an_error_biased_head_sampler_keeps_no_more_errors_than_others() -> None:
    random.seed(7)  # of the ids
    recorded = by("error_biased", "0.25")
    for number in range(400):
        with recorded.tracer.start_as_current_span("GET /orders/{order_id}") as span:
            if number % 5 == 0:  # it fails, but only now, after the decision
                span.set_attribute("http.response.status_code", 500)
                span.set_status(StatusCode.ERROR)
    errors = sum(span.status.status_code is StatusCode.ERROR for span in recorded.spans)
    assert binomial(80, 0.25, errors), errors
    assert binomial(400, 0.25, len(recorded.spans)), len(recorded.spans)


@pytest.mark.parametrize(
    "known",
    [{"error": True}, {"http.response.status_code": 503}, {"error.type": "timeout"}],
    ids=str,
)
def test_it_keeps_what_is_an_error_when_it_begins(known: dict[str, AttributeValue]) -> None:
    recorded = by("error_biased", "0")
    recorded.tracer.start_span("report", attributes=known).end()
    (span,) = recorded.spans
    assert (span.attributes or {})["sampler.type"] == "error_biased"


@pytest.mark.parametrize("name", ["always_off", "parentbased_always_off"])
def test_always_off_records_no_root(name: str) -> None:
    assert not by(name).root()


@pytest.mark.parametrize(
    ("name", "arg", "allowed"),
    [
        ("traceidratio", "30", "a ratio from 0 to 1 is allowed"),
        ("parentbased_traceidratio", "nan", "a ratio from 0 to 1 is allowed"),
        ("rate_limiting", "many", "a number of traces per second from 0 to 1000000 is allowed"),
        ("adaptive", "-1", "a number of traces per second from 0 to 1000000 is allowed"),
        ("jaeger_remote", "port=1", "a list like endpoint=http://127.0.0.1:5778,"),
        ("jaeger_remote", "endpoint=jaeger", "a list like endpoint=http://127.0.0.1:5778,"),
        ("jaeger_remote", "initialSamplingRate=2", "a list like endpoint=http://127.0.0.1:5778,"),
        ("jaeger_remote", "pollingIntervalMs=soon", "a list like endpoint=http://127.0.0.1:5778,"),
        ("const", "2", "1 or 0 is allowed"),
        ("probabilistic", "25", "a ratio from 0 to 1 is allowed"),
        ("error_biased", "-1", "a ratio from 0 to 1 is allowed"),
        ("remote", "port=1", "a list like endpoint=http://127.0.0.1:5778,"),
        ("jaeger_remote", "fast", "a list like endpoint=http://127.0.0.1:5778,"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(name: str, arg: str, allowed: str) -> None:
    with pytest.raises(SettingError) as error:
        sampler(name, arg, service="orders")
    message = str(error.value)
    assert message.startswith(f"OTEL_TRACES_SAMPLER_ARG={arg} cannot be used: {allowed}")
    assert "\n" not in message


def test_a_bucket_gives_one_second_at_once_and_then_its_rate() -> None:
    clock = Clock()
    bucket = TokenBucket(4, clock)
    assert [bucket.take() for _ in range(6)] == [True] * 4 + [False] * 2
    clock.now += 0.5
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    clock.now += 3600
    assert sum(bucket.take() for _ in range(100)) == 4


def test_a_bucket_for_less_than_one_per_second_gives_one_now_and_then() -> None:
    clock = Clock()
    bucket = TokenBucket(0.25, clock)
    given = []
    for _ in range(9):
        given.append(bucket.take())
        clock.now += 1
    assert given == [True, False, False, False] * 2 + [True]


def test_a_bucket_of_rate_zero_gives_nothing() -> None:
    clock = Clock()
    bucket = TokenBucket(0, clock)
    clock.now += 3600
    assert not bucket.take()


def test_rate_limiting_says_so_on_the_root_and_not_on_its_children() -> None:
    recorded = Recorded(RootsByRule(RateLimiting(2, Clock())))
    for _ in range(5):
        with (
            recorded.tracer.start_as_current_span("root", attributes={"own": 1}),
            recorded.tracer.start_as_current_span("child"),
        ):
            pass
    children, roots = recorded.spans[0::2], recorded.spans[1::2]
    assert [dict(root.attributes or {}) for root in roots] == [
        {"own": 1, "sampler.type": "ratelimiting", "sampler.param": 2.0}
    ] * 2
    assert [dict(child.attributes or {}) for child in children] == [{}, {}]


def test_a_probability_takes_its_share_by_trace_id() -> None:
    rule = Probabilistic(0.25)
    assert share(rule) == pytest.approx(0.25, abs=0.03)
    assert rule.decide(0, "any").sampled
    assert not rule.decide(2**64 - 1, "any").sampled
    assert share(Probabilistic(1)) == 1
    assert share(Probabilistic(0)) == 0


def traffic(rule: Rule, clock: Clock, rates: dict[str, int], seconds: int) -> Counter[str]:
    """So many requests per second to each route; how many traces of each were recorded."""
    draws = random.Random(7)
    recorded = Counter[str]()
    for _ in range(seconds * 100):
        clock.now += 0.01
        for name, rate in rates.items():
            for _ in range(rate // 100 or draws.random() < rate / 100):
                recorded[name] += rule.decide(draws.getrandbits(128), name).sampled
    return recorded


def test_adaptive_sampling_evens_out_busy_and_rare_routes() -> None:
    clock = Clock()
    rule = Adaptive(5, clock)
    traffic(rule, clock, {"GET /busy": 400, "GET /calm": 50}, seconds=30)
    recorded = traffic(rule, clock, {"GET /busy": 400, "GET /calm": 50}, seconds=60)
    assert recorded["GET /busy"] / 60 == pytest.approx(5, rel=0.25)
    assert recorded["GET /calm"] / 60 == pytest.approx(5, rel=0.25)


def test_adaptive_sampling_keeps_a_rare_route_whole() -> None:
    clock = Clock()
    rule = Adaptive(5, clock)
    assert traffic(rule, clock, {"GET /rare": 2}, seconds=60)["GET /rare"] == pytest.approx(
        120, rel=0.3
    )
    assert rule.decide(2**64 - 1, "GET /rare").sampled


def test_adaptive_sampling_follows_a_change_of_traffic() -> None:
    clock = Clock()
    rule = Adaptive(2, clock)
    traffic(rule, clock, {"GET /": 100}, seconds=60)
    busy = rule.decide(0, "GET /").param
    traffic(rule, clock, {"GET /": 4}, seconds=60)
    assert busy == pytest.approx(0.02, rel=0.2)
    assert rule.decide(0, "GET /").param == pytest.approx(0.5, rel=0.3)


def test_adaptive_sampling_does_not_record_a_whole_burst() -> None:
    rule = Adaptive(2, Clock())
    assert share(rule, of=1_000) < 0.03


def test_adaptive_sampling_keeps_a_bounded_number_of_routes() -> None:
    rule = Adaptive(1, Clock())
    for number in range(3 * MOST_ROUTES):
        rule.decide(0, f"GET /{number}")
    assert len(rule._routes) == MOST_ROUTES + 1


def test_an_operation_has_its_own_probability_and_the_others_the_default() -> None:
    rule = PerOperation({"GET /all": 1.0, "GET /none": 0.0}, default=0.5, lower=0)
    assert share(rule, "GET /all") == 1
    assert share(rule, "GET /none") == 0
    assert share(rule, "GET /other") == pytest.approx(0.5, abs=0.03)


def test_an_operation_that_chance_never_picks_is_recorded_now_and_then() -> None:
    clock = Clock()
    rule = PerOperation({}, default=0.0, lower=0.5, clock=clock)
    verdicts = []
    for _ in range(4):
        verdicts.append(rule.decide(0, "GET /"))
        clock.now += 1
    assert [verdict.sampled for verdict in verdicts] == [True, False, True, False]
    assert {verdict.type for verdict in verdicts} == {"lowerbound"}


def test_a_trace_that_chance_picked_counts_for_the_lower_bound() -> None:
    rule = PerOperation({"GET /": 0.5}, default=0.0, lower=0.5, clock=Clock())
    assert rule.decide(0, "GET /") == (True, "probabilistic", 0.5)
    assert not rule.decide(2**64 - 1, "GET /").sampled


async def test_a_sampler_that_goes_by_name_learns_the_route_before_it_is_routed(
    shop_with: OpenShop,
) -> None:
    shop = await shop_with(
        OTEL_TRACES_SAMPLER="adaptive", AUTH_FAILURE_RATE="0", SHIPPING_FAILURE_RATE="0"
    )
    await shop.get("/orders/12345")
    roots = [span for span in shop.spans.get_finished_spans() if span.parent is None]
    assert [(span.name, (span.attributes or {})["sampler.type"]) for span in roots] == [
        ("GET /orders/{order_id}", "adaptive")
    ]
    rule = shop.runtimes["gateway"].telemetry.tracer.sampler._root._rule  # type: ignore[attr-defined]
    assert set(rule._routes) == {"GET /orders/{order_id}"}


async def test_a_child_says_nothing_of_sampling(shop_with: OpenShop) -> None:
    shop = await shop_with(OTEL_TRACES_SAMPLER="rate_limiting")
    await shop.get("/orders/12345")
    below = [span for span in shop.spans.get_finished_spans() if span.parent is not None]
    assert any(span.kind is SpanKind.SERVER for span in below)
    assert not any("sampler.type" in (span.attributes or {}) for span in below)


def test_the_first_request_of_a_route_is_always_kept_by_the_adaptive_sampler() -> None:
    adaptive = Adaptive(1, clock=lambda: 0.0)

    assert all(adaptive.decide(2**128 - 1 - n, f"GET /{n}").sampled for n in range(200))
