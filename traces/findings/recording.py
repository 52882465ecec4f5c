"""What is odd about how a trace was recorded: missing, circular or doubled spans, wrong times."""

from collections.abc import Iterator, Sequence

from traces.clocks import Process, clocks_of, processes_of
from traces.findings.finding import Finding
from traces.gaps import arrival, missing, sender
from traces.model import Span, Trace
from traces.same_id import is_one_call, same_ids
from traces.timeline import extent, odd_times
from traces.times import OddTime, day
from traces.units import duration, listed, plural, shortened

DAY_NS = 86_400_000_000_000
QUARTER_NS, NEAR_NS = 900_000_000_000, 5_000_000_000


def missing_parents(trace: Trace) -> Iterator[Finding]:
    if trace.orphans:
        number = plural(len(trace.orphans), "span has a parent", "spans have a parent")
        senders = listed(dict.fromkeys(sender(trace, span_id) for span_id in missing(trace)))
        it = "it" if len(missing(trace)) == 1 else "them"
        sentence = f"{number} that {arrival(trace)}: {senders} should have sent {it}."
        yield Finding("orphans", sentence, trace.orphans[0])


def rings(trace: Trace) -> Iterator[Finding]:
    for ring in trace.rings:
        if len(ring) == 1:
            yield Finding("ring", f"{named(ring[0])} is its own parent.", ring[0])
        else:
            names = listed([named(span) for span in ring])
            sentence = f"{len(ring)} spans are in a ring, each a child of the next: {names}."
            yield Finding("ring", sentence, ring[0])


def several_roots(trace: Trace) -> Iterator[Finding]:
    if len(trace.roots) > 1:
        names = listed([named(span) for span in trace.roots])
        sentence = f"This trace has {len(trace.roots)} roots, spans without a parent: {names}."
        yield Finding("roots", sentence, trace.roots[1])


def shared_ids(trace: Trace) -> Iterator[Finding]:
    """Spans that came with the same id, so that it is a guess which of them is whose parent."""
    for span_id, same in same_ids(trace.spans).items():
        names = listed([named(span) for span in same])
        if is_one_call(same):
            sentence = f"Both sides of a call share the id {span_id}, as in Zipkin: {names}."
        else:
            sentence = f"{plural(len(same), 'span')} share the id {span_id}: {names}."
        yield Finding("same_id", sentence, next((s for s in same if s.sent), same[0]))


def strange_times(trace: Trace) -> Iterator[Finding]:
    """One sentence for all spans of a service in which the same is odd."""
    alike: dict[tuple[str, str], list[OddTime]] = {}
    for odd in odd_times(trace).values():
        alike.setdefault((odd.span.service, odd.many), []).append(odd)
    for (service, many), found in alike.items():
        first = found[0]
        one = f"{named(first.span)} {first.one}."
        sentence = one if len(found) == 1 else f"{len(found):,} spans of {service} {many}."
        yield Finding("time_odd", sentence, first.span)


def skew(trace: Trace) -> Iterator[Finding]:
    """One sentence for all processes whose clocks are wrong by the same time."""
    clocks = clocks_of(trace)
    if not clocks.offsets:
        return
    processes_by_id = processes_of(trace)
    spans_of: dict[Process, list[Span]] = {}
    for span in trace.spans:
        spans_of.setdefault(processes_by_id[span.span_id], []).append(span)
    everyone = list(spans_of)
    alike: dict[str, list[Process]] = {}
    for process, ahead in clocks.offsets.items():
        alike.setdefault(by_how_much(ahead), []).append(process)
    for difference, processes in alike.items():
        spans = [span for process in processes for span in spans_of[process]]
        names = listed([process_name(process, everyone) for process in processes])
        of_whom = process_name(clocks.reference, everyone)
        are = f"clocks of {names} are" if len(processes) > 1 else f"clock of {names} is"
        ahead = clocks.offsets[processes[0]]
        seem = f"{plural(len(spans), 'span')} {'seems' if len(spans) == 1 else 'seem'}"
        what = f"{seem} too {'late' if ahead > 0 else 'early'}{zone(ahead)}"
        sentence = f"The {are} {difference} that of {of_whom}: {what}."
        yield Finding("clock_skew", sentence, spans[0])


def by_how_much(ahead: int) -> str:
    return f"about {duration(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'}"


def zone(ahead: int) -> str:
    """A hint where the difference is that of two time zones."""
    from_zone = abs((abs(ahead) + QUARTER_NS // 2) % QUARTER_NS - QUARTER_NS // 2)
    is_zone = 2 * QUARTER_NS - NEAR_NS < abs(ahead) < DAY_NS and from_zone < NEAR_NS
    return ", as if a local time were written as UTC" if is_zone else ""


def process_name(process: Process, others: Sequence[Process]) -> str:
    """The service; with its host or instance where it runs as several processes in the trace."""
    service, host, instance = process
    same = [other for other in others if other[0] == service]
    if len(same) < 2:
        return service
    if host and len({other[1] for other in same}) == len(same):
        return f"{service} on {host}"
    return f"{service} {instance or host}".strip()


def long_lasting(trace: Trace) -> Iterator[Finding]:
    start, end = extent(trace)
    if end - start >= DAY_NS:
        days = f"from {day(start)} to {day(end)} (UTC)"
        sentence = f"This trace lasts {duration(end - start)}, {days}."
        yield Finding("long", sentence, trace.spans[0])


def named(span: Span) -> str:
    return f"{span.service}: {shortened(span.name)}"
