"""What can be measured of clicks. Each answers a number."""

import math
from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any

from chaos.measures.evidence import Evidence
from shared.tracetest import Span, Trace

CHARGE = "POST /v1/charges"


def failed_share(evidence: Evidence, **among: str) -> float:
    """The share of journeys in which a call failed: a 5xx, or no answer."""
    clicks = evidence.among(**among).clicks
    return share(sum(click.failed for click in clicks), len(clicks))


def said_share(evidence: Evidence, text: str, **among: str) -> float:
    """The share of answers that say this."""
    answers = evidence.among(**among).answers
    return share(sum(text in answer.text for answer in answers), len(answers))


def latency_ms(evidence: Evidence, quantile: float = 1.0, **among: str) -> float:
    """How long a journey takes; the slowest one, unless another quantile is asked for."""
    seconds = sorted(click.seconds for click in evidence.among(**among).clicks)
    if not seconds:
        return math.nan
    return seconds[max(0, math.ceil(quantile * len(seconds)) - 1)] * 1000


def slowdown(evidence: Evidence) -> float:
    """How many times longer the slowest journey takes than the fastest."""
    return latency_ms(evidence) / latency_ms(evidence, 0.0)


def calls(evidence: Evidence, **spans: Any) -> float:
    """How many such spans there are, in all traces together."""
    return float(sum(len(found(trace, spans)) for trace in evidence.traces))


def calls_per_trace(evidence: Evidence, **spans: Any) -> float:
    """How many such spans the trace has that has most of them."""
    return float(max((len(found(trace, spans)) for trace in evidence.traces), default=0))


def most_at_once(evidence: Evidence, **spans: Any) -> float:
    """How many such spans, of all traces together, there were at the same time, at most."""
    wanted = [span for trace in evidence.traces for span in found(trace, spans)]
    moments = [(span.start_ns, 1) for span in wanted] + [(span.end_ns, -1) for span in wanted]
    return float(max(accumulate(change for _, change in sorted(moments)), default=0))


def outcomes(evidence: Evidence, outcome: str, **spans: Any) -> float:
    """How many such spans were saved in that way: fallback, retried, breaker_open."""
    return calls(evidence, **{**spans, "acmeshop.resilience.outcome": outcome})


def duplicate_charges(evidence: Evidence) -> float:
    """How many charges the bank took beside the first one of each checkout."""
    taken = {"service": "payment", "kind": "CLIENT", "name": CHARGE}
    charged = {**taken, "http.response.status_code": 201}
    return float(sum(max(0, len(found(trace, charged)) - 1) for trace in evidence.traces))


def outlived(evidence: Evidence, service: str, ms: float = 100) -> float:
    """How many SERVER spans of the service end so much later than the call that led to them: nobody
    waits for them any more.
    """
    return float(
        sum(
            span.end_ns - parent.end_ns > ms * 1e6
            for trace in evidence.traces
            for span in trace.find(service, kind="SERVER")
            if (parent := trace.parent(span)) is not None
        )
    )


def whole_share(evidence: Evidence) -> float:
    """The share of traces with one root, and with the parent of every other span."""
    traces = evidence.traces
    return share(sum(len(t.roots()) == 1 and not t.orphans() for t in traces), len(traces))


def edge_share(evidence: Evidence, caller: str, callee: str) -> float:
    """The share of traces in which a span of `callee` is the child of one of `caller`."""
    traces = evidence.traces
    return share(sum((caller, callee) in trace.edges() for trace in traces), len(traces))


def roots_of(evidence: Evidence, service: str, name: str) -> float:
    """How many traces begin with that span of the service, since the first click."""
    roots = evidence.roots_in(service) if evidence.traces else []  # when these have come, all have
    return float(roots.count((service, name)))


def root_cause_share(evidence: Evidence, service: str, **spans: Any) -> float:
    """The share of traces with a failure in which that service's span is the deepest failed one."""
    failed = [trace for trace in evidence.traces if trace.root_causes()]
    caused = [
        trace
        for trace in failed
        if any(is_like(span, {"service": service, **spans}) for span in trace.root_causes())
    ]
    return share(len(caused), len(failed))


def faults_fired(evidence: Evidence) -> float:
    """How often faults struck the clicks, as its ledger knows, also where spans are silent."""
    sessions = {click.session for click in evidence.clicks}
    ids = {answer.trace_id for answer in evidence.answers}
    hits = [
        hit
        for session in sessions
        for hit in evidence.shop.plane.get("/hits", session=session)["hits"]
        if hit["fired"] and hit["trace_id"] in ids
    ]
    return float(len(hits))


def share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def found(trace: Trace, wanted: Mapping[str, Any]) -> list[Span]:
    return [span for span in trace.spans if is_like(span, wanted)]


def is_like(span: Span, wanted: Mapping[str, Any]) -> bool:
    """Whether it is so: `service`, `name`, `kind` and `error` of the span, all else attributes."""
    own = {"service": span.service, "name": span.name, "kind": span.kind, "error": span.error}
    return all(
        (own[key] if key in own else span.attributes.get(key)) == value
        for key, value in wanted.items()
    )


Probe = Callable[..., float]
PROBES: Mapping[str, Probe] = {
    probe.__name__: probe
    for probe in (
        calls,
        calls_per_trace,
        duplicate_charges,
        edge_share,
        failed_share,
        faults_fired,
        latency_ms,
        most_at_once,
        outcomes,
        outlived,
        root_cause_share,
        roots_of,
        said_share,
        slowdown,
        whole_share,
    )
}


def measured(evidence: Evidence, probe: str, given: Mapping[str, Any]) -> float:
    """What the probe of that name finds. Raises ValueError when it cannot be asked so."""
    if probe not in PROBES:
        raise ValueError(f"there is no probe {probe}: there are {', '.join(PROBES)}")
    try:
        return PROBES[probe](evidence, **given)
    except TypeError as error:
        raise ValueError(f"the probe {probe} cannot be asked with {dict(given)}: {error}") from None
