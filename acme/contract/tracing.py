"""Whether the service continues the trace of its caller, seen in the spans that arrive in a trace
backend: lens, or another that answers Jaeger's query API.
"""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import TypeVar

from acme.contract.terms import Contract
from acme.doctor import roundtrip
from acme.doctor.finding import Finding
from traces.backend import Backend
from traces.model import Kind, Span, Status, Trace

T = TypeVar("T")
PAUSE = 0.3
SETTLED = 1.0  # seconds after the first span until the rest of a trace is there
SOME = 20
STATE = "acme=contract"
BAGGAGE = "acme.contract=checked,customer.tier=gold"
WANTED = ("http.request.method", "http.response.status_code", "http.route")

EXTRACT = (
    "Extract the context from the request's headers (traceparent, of W3C Trace Context) and make it"
    " the parent of the SERVER span."
)
INJECT = "Inject the context of the CLIENT span into the headers of the request that it is about."
PARENT_BASED = "Use a parent-based sampler: the caller decides, for the whole trace."


@dataclass(frozen=True)
class Caller:
    """What calls the service here: a trace of its own, and in it one span."""

    sampled: bool = True
    trace_id: str = field(default_factory=lambda: token_hex(16))
    span_id: str = field(default_factory=lambda: token_hex(8))

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"

    @property
    def headers(self) -> dict[str, str]:
        return {"traceparent": self.traceparent, "tracestate": STATE, "baggage": BAGGAGE}


@dataclass(frozen=True)
class Traces:
    """The backend at `url`; spans go to `otlp`, as far as that is known."""

    url: str
    otlp: str = ""

    def answers(self) -> bool:
        try:
            Backend(self.url).trace(token_hex(16))
        except (OSError, ValueError):
            return False
        return True

    def of(self, caller: Caller) -> Trace:
        return Backend(self.url).trace(caller.trace_id)

    def begun_by(self, service: str, since: float) -> Span | None:
        """The first span of the service that began a trace since then, in seconds since 1970."""
        begun = int(since * 1e6)
        query = f"service={service}&limit={SOME}&start={begun}"
        with urllib.request.urlopen(f"{self.url}/api/traces?{query}", timeout=5) as answer:  # noqa: S310 - as named
            ids = [str(one["traceID"]) for one in json.load(answer)["data"] or ()]
        spans = [span for id_ in ids for span in Backend(self.url).trace(id_).spans]
        roots = [one for one in spans if one.service == service and not one.parent_id]
        return min(roots, key=lambda one: one.start_ns, default=None)

    def keep(self, caller: Caller, service: str) -> None:
        """Sends the caller's span, so that the trace is whole; it is no loss if that fails."""
        if self.otlp:
            ids = bytes.fromhex(caller.trace_id), bytes.fromhex(caller.span_id)
            span = roundtrip.request(*ids, f"read {service}", "contract")
            roundtrip.call("POST", f"{self.otlp}/v1/traces", span)

    def link(self, trace_id: str) -> str:
        return f"{self.url}/trace/{trace_id}"


def until(ask: Callable[[], T], seconds: float) -> T:
    """Asks again and again until the answer is true, or the time is over."""
    end = time.monotonic() + seconds
    while not (answer := ask()) and time.monotonic() < end:
        time.sleep(PAUSE)
    return answer


@dataclass(frozen=True)
class Checked:
    """Who called the service: `caller` from the moment `since` on, `missing` for what is not there,
    `unsampled` in a trace that is not to be recorded.
    """

    service: str
    contract: Contract
    since: float
    caller: Caller
    missing: Caller
    unsampled: Caller


def findings(traces: Traces, checked: Checked, patience: float) -> Iterator[Finding]:
    """What is to be said of the spans of a service, once it has answered."""
    for caller in (checked.caller, checked.missing):
        traces.keep(caller, checked.service)
    if not arrives(traces, checked, patience):
        yield not_continued(traces, checked, patience)
        return
    until(lambda: foreign(traces.of(checked.missing), checked.missing), SETTLED)
    trace = traces.of(checked.caller)
    entry = next((one for one in trace.spans if one.parent_id == checked.caller.span_id), None)
    if entry is None:
        yield elsewhere(traces, checked, trace)
        return
    yield Finding("ok", f"continues the trace of its caller: {traces.link(trace.trace_id)}")
    yield from of_entry(entry, checked)
    yield from of_missing(traces.of(checked.missing))
    for callee in checked.contract.calling:
        yield of_call(traces, checked, callee, patience)
    if traces.of(checked.unsampled).spans:
        yield Finding("fail", "records a trace that its caller does not sample", PARENT_BASED)
    else:
        yield Finding("ok", "records nothing of a trace that its caller does not sample")


def arrives(traces: Traces, checked: Checked, patience: float) -> bool:
    """Waits for a span in the caller's trace. A trace that the service began later shows that what
    it did before has been exported, too.
    """

    def arrived() -> bool:
        return bool(foreign(traces.of(checked.caller), checked.caller))

    until(lambda: arrived() or traces.begun_by(checked.service, checked.since), patience)
    return bool(until(arrived, SETTLED))


def foreign(trace: Trace, caller: Caller) -> list[Span]:
    """The spans of a trace that are not the caller's own."""
    return [span for span in trace.spans if span.span_id != caller.span_id]


def not_continued(traces: Traces, checked: Checked, patience: float) -> Finding:
    """Nothing came in the caller's trace: it is dropped, or no span arrives at all."""
    service, trace_id = checked.service, checked.caller.trace_id
    if begun := traces.begun_by(service, checked.since):
        return Finding(
            "fail",
            f"drops traceparent: the request was part of trace {trace_id}, and {service} began"
            f" trace {begun.trace_id} of its own",
            EXTRACT,
        )
    where = f" to {traces.otlp}" if traces.otlp else ""
    return Finding(
        "fail",
        f"no span of {service} arrived for trace {trace_id} within {patience:g} s",
        f"Export spans as OTLP{where}, with service.name {service}.",
    )


def elsewhere(traces: Traces, checked: Checked, trace: Trace) -> Finding:
    """It is in the caller's trace, but below another span."""
    found, caller = foreign(trace, checked.caller)[0], checked.caller.span_id
    what = f"its span {found.name!r} has the parent {found.parent_id or 'none'}, not its caller's"
    return Finding("fail", f"{what} {caller}: {traces.link(trace.trace_id)}", EXTRACT)


def of_entry(entry: Span, checked: Checked) -> Iterator[Finding]:
    """What the span that was made for the request says."""
    service = checked.service
    if entry.service == service:
        yield Finding("ok", f"its spans have service.name {service}")
    else:
        fix = f"Set OTEL_SERVICE_NAME={service}, or service.name of the resource."
        yield Finding("fail", f"its spans have service.name {entry.service!r}", fix)
    if entry.kind is Kind.SERVER:
        yield Finding("ok", "its span is of kind SERVER")
    else:
        fix = "A span for a request that arrived is SERVER: request rates are counted by those."
        yield Finding("fail", f"its span is of kind {entry.kind.name}, not SERVER", fix)
    route = entry.attributes.get("http.route")
    if missing := [name for name in WANTED if name not in entry.attributes]:
        fix = "Set them as the semantic conventions for HTTP say: pages and metrics group by them."
        yield Finding("warn", f"its SERVER span is without {', '.join(missing)}", fix)
    if route and str(route) not in entry.name:
        fix = "Name it after method and route: a name for each id cannot be counted."
        yield Finding("warn", f"its SERVER span is called {entry.name!r}, not after {route}", fix)
    if STATE not in entry.trace_state:
        fix = "Keep tracestate with the context: others in the trace may need what is in it."
        yield Finding("warn", "its SERVER span has lost the caller's tracestate", fix)


def of_missing(trace: Trace) -> Iterator[Finding]:
    entry = next((span for span in trace.spans if span.kind is Kind.SERVER), None)
    if entry and entry.status is Status.ERROR:
        fix = "Leave the status unset: a 4xx is the caller's mistake, no error of the server."
        yield Finding("warn", "its SERVER span of a 404 has the status ERROR", fix)


def of_call(traces: Traces, checked: Checked, callee: str, patience: float) -> Finding:
    """Whether a service that it calls is in the trace, below one of its own spans."""

    def below() -> list[Span]:
        spans = traces.of(checked.caller).spans
        own = {span.span_id for span in spans if span.service == checked.service}
        return [span for span in spans if span.service == callee and span.parent_id in own]

    if until(below, patience):
        return Finding("ok", f"passes its trace on to {callee}")
    what = f"does not pass its trace on: no span of {callee} is below one of its own"
    return Finding("fail", what, INJECT)


def odd_headers() -> Sequence[tuple[str, dict[str, str]]]:
    """Headers that must not change the answer, and what they are."""
    good = Caller(sampled=False).traceparent
    return (
        ("a traceparent that is none", {"traceparent": "00-nothing-at-all"}),
        ("a traceparent of zeros", {"traceparent": f"00-{'0' * 32}-{'0' * 16}-01"}),
        ("a traceparent of a later version", {"traceparent": f"cc{good[2:]}-what-comes-later"}),
        ("a tracestate of 32 entries", {"traceparent": good, "tracestate": entries(32)}),
        ("a baggage of 64 entries", {"traceparent": good, "baggage": entries(64)}),
        ("a baggage that is none", {"traceparent": good, "baggage": "=;=,,%%%, =="}),
    )


def entries(count: int) -> str:
    return ",".join(f"key{number}=value{number}" for number in range(count))
