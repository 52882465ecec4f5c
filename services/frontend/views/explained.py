"""What happened to a click: what the drawer shows of its trace, as far as it has arrived."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from traces.causes import root_causes
from traces.findings import Finding, findings
from traces.layout.hops import Hops, hops
from traces.layout.palette import colour_among
from traces.model import Kind, Trace
from traces.verdict import Verdict, callee, http_status, is_store, retried, verdict

MISSING = {
    "shipping": "the status is missing",
    "suggestions": "the suggestions are missing",
    "articles": "the journal is missing",
    "catalog": "some of the products are missing",
}

State = Literal["waiting", "growing", "complete", "away", "elsewhere"]


@dataclass(frozen=True, slots=True)
class Touched:
    """A service the click reached; `failed` when an error began in it or at a call of it."""

    name: str
    failed: bool
    colour: str


@dataclass(frozen=True, slots=True)
class Explained:
    """`state` is waiting (nothing has arrived), growing, complete, away (lens does not answer), or
    elsewhere (traces are kept by somebody else). `consequence` is what the page lacks because of a
    failure, in the words of the shop.
    """

    state: State
    verdict: Verdict | None = None
    consequence: str = ""
    findings: tuple[Finding, ...] = ()
    hops: Hops | None = None
    touched: tuple[Touched, ...] = ()


WAITING, AWAY, ELSEWHERE = Explained("waiting"), Explained("away"), Explained("elsewhere")


def explained(
    trace: Trace | None, outside: Collection[str], *, exercise: bool = False
) -> Explained:
    """What can be said of a trace so far; `outside` are the systems that send no spans. In an
    `exercise` the reader draws the conclusions: there are no findings.
    """
    if trace is None or not trace.spans:
        return WAITING
    judged = verdict(trace)
    return Explained(
        state="complete" if is_complete(trace, outside) else "growing",
        verdict=judged,
        consequence=consequence(trace, judged),
        findings=() if exercise else findings(trace),
        hops=hops(trace),
        touched=touched(trace),
    )


def is_complete(trace: Trace, outside: Collection[str]) -> bool:
    """Whether all has arrived: the root, every parent, and the receiver of every call that was
    answered, other than those to systems `outside`.
    """
    if not trace.roots or trace.orphans:
        return False
    return all(
        peer in outside or trace.receiver_of(span) is not None
        for span in trace.spans
        if span.kind is Kind.CLIENT
        and (peer := span.attributes.get("service.peer.name"))
        and http_status(span)
    )


def consequence(trace: Trace, judged: Verdict) -> str:
    if judged.tone != "degraded":
        return ""
    cause = judged.causes[0].span
    if retried(trace, cause):
        return ""
    passed = (cause, *trace.ancestors(cause))
    names = (name for span in passed for name in (callee(trace, span), span.service))
    missing = next((MISSING[name] for name in names if name in MISSING), "")
    return f"That is why {missing}." if missing else ""


def touched(trace: Trace) -> tuple[Touched, ...]:
    """The services of the trace, then the systems outside that they called."""
    failed = {callee(trace, cause) or cause.service for cause in root_causes(trace)}
    called = (callee(trace, span) for span in trace.spans if not is_store(span))
    names = dict.fromkeys((*trace.services, *filter(None, called)))
    return tuple(
        Touched(name, name in failed, colour_among(name, trace.services)) for name in names
    )
