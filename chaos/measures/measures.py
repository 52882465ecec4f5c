"""The measures: each turns the evidence of some clicks into a number."""

import math
from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any

from chaos.measures.evidence import Evidence
from chaos.measures.load import drive
from chaos.measures.shop import Shop
from traces.causes import root_causes
from traces.model import Span, Trace

CHARGE = "POST /v1/charges"


def failed_share(evidence: Evidence, **among: str) -> float:
    """The share of journeys in which a call failed: a 5xx, or no answer."""
    clicks = evidence.among(**among).clicks
    return share(sum(click.failed for click in clicks), len(clicks))


def text_share(evidence: Evidence, text: str, **among: str) -> float:
    """The share of answers that contain this text."""
    answers = evidence.among(**among).answers
    return share(sum(text in answer.text for answer in answers), len(answers))


def latency_ms(evidence: Evidence, quantile: float = 1.0, **among: str) -> float:
    """How long a journey takes; the slowest one, unless another quantile is given."""
    seconds = sorted(click.seconds for click in evidence.among(**among).clicks)
    if not seconds:
        return math.nan
    return seconds[max(0, math.ceil(quantile * len(seconds)) - 1)] * 1000


def slowdown(evidence: Evidence) -> float:
    """How many times longer the slowest journey takes than the fastest one."""
    return latency_ms(evidence) / latency_ms(evidence, 0.0)


def calls(evidence: Evidence, **spans: Any) -> float:
    """How many such spans there are, in all traces together."""
    return float(sum(len(matching(trace, spans)) for trace in evidence.traces))


def calls_per_trace(evidence: Evidence, **spans: Any) -> float:
    """How many such spans the trace has that has most of them."""
    return float(max((len(matching(trace, spans)) for trace in evidence.traces), default=0))


def most_concurrent(evidence: Evidence, **spans: Any) -> float:
    """The most such spans that were open at the same time, in all traces together."""
    wanted = [span for trace in evidence.traces for span in matching(trace, spans)]
    moments = [(span.start_ns, 1) for span in wanted] + [(span.end_ns, -1) for span in wanted]
    return float(max(accumulate(change for _, change in sorted(moments)), default=0))


def outcomes(evidence: Evidence, outcome: str, **spans: Any) -> float:
    """How many such spans have this resilience outcome: fallback, retried, breaker_open."""
    return calls(evidence, **{**spans, "acmeshop.resilience.outcome": outcome})


def duplicate_charges(evidence: Evidence) -> float:
    """How many charges the bank took beside the first one of each checkout."""
    taken = {"service": "payment", "kind": "CLIENT", "name": CHARGE}
    charged = {**taken, "http.response.status_code": 201}
    return float(sum(max(0, len(matching(trace, charged)) - 1) for trace in evidence.traces))


def outlived(evidence: Evidence, service: str, ms: float = 100) -> float:
    """How many SERVER spans of the service end more than `ms` after their parent: the caller no
    longer waits for them.
    """
    return float(
        sum(
            span.end_ns - parent.end_ns > ms * 1e6
            for trace in evidence.traces
            for span in matching(trace, {"service": service, "kind": "SERVER"})
            if (parent := trace.parent_of(span)) is not None
        )
    )


def whole_share(evidence: Evidence) -> float:
    """The share of traces with one root, and with the parent of every other span."""
    traces = evidence.traces
    return share(sum(trace.is_whole for trace in traces), len(traces))


def edge_share(evidence: Evidence, caller: str, callee: str) -> float:
    """The share of traces in which a span of `callee` is the child of one of `caller`."""
    traces = evidence.traces
    return share(sum((caller, callee) in trace.edges for trace in traces), len(traces))


def roots_of(evidence: Evidence, service: str, name: str) -> float:
    """How many traces begin with that span of the service, since the first click."""
    roots = evidence.roots_in(service) if evidence.traces else []  # waits until all have arrived
    return float(roots.count((service, name)))


def root_cause_share(evidence: Evidence, service: str, **spans: Any) -> float:
    """The share of traces with a failure in which that service's span is the deepest failed one."""
    failed = [trace for trace in evidence.traces if root_causes(trace)]
    caused = [
        trace
        for trace in failed
        if any(matches(span, {"service": service, **spans}) for span in root_causes(trace))
    ]
    return share(len(caused), len(failed))


def faults_fired(evidence: Evidence) -> float:
    """How often faults fired in these clicks, by the ledger, which also has what spans hide."""
    sessions = {click.session for click in evidence.clicks}
    ids = {answer.trace_id for answer in evidence.answers}
    hits = [
        hit
        for session in sessions
        for hit in evidence.shop.control_plane.get("/hits", session=session, hidden="show")["hits"]
        if hit["fired"] and hit["trace_id"] in ids
    ]
    return float(len(hits))


def share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def matching(trace: Trace, wanted: Mapping[str, Any]) -> list[Span]:
    return [span for span in trace.spans if matches(span, wanted)]


def matches(span: Span, wanted: Mapping[str, Any]) -> bool:
    """Whether the span is like that: all but service, name, kind and error are attributes."""
    own = {
        "service": span.service,
        "name": span.name,
        "kind": span.kind.name,
        "error": span.failed,
    }
    return all(
        (own[key] if key in own else span.attributes.get(key)) == value
        for key, value in wanted.items()
    )


Measure = Callable[..., float]
MEASURES: Mapping[str, Measure] = {
    measure.__name__: measure
    for measure in (
        calls,
        calls_per_trace,
        duplicate_charges,
        edge_share,
        failed_share,
        faults_fired,
        latency_ms,
        most_concurrent,
        outcomes,
        outlived,
        root_cause_share,
        roots_of,
        slowdown,
        text_share,
        whole_share,
    )
}


def evaluate(evidence: Evidence, name: str, arguments: Mapping[str, Any]) -> float:
    """The value of that measure. Raises ValueError for an unknown one, or wrong arguments."""
    if name not in MEASURES:
        raise ValueError(f"there is no measure {name}: there are {', '.join(MEASURES)}")
    try:
        return MEASURES[name](evidence, **arguments)
    except TypeError as error:
        raise ValueError(f"{name} cannot take {dict(arguments)}: {error}") from None


def measure(
    shop: Shop,
    name: str,
    *,
    journey: str,
    clicks: int = 10,
    seed: int = 42,
    session: str = "",
    concurrency: int = 1,
    **arguments: Any,
) -> float:
    """Makes so many clicks of the journey, and evaluates the measure on them."""
    evidence = drive(shop, journey, clicks, seed=seed, session=session, concurrency=concurrency)
    return evaluate(evidence, name, arguments)
