"""What other traces have to do with this one."""

from collections.abc import Iterator

from traces.findings.finding import Finding
from traces.model import Follower, Kind, Trace
from traces.units import listed, shortened


def follows_from(trace: Trace) -> Iterator[Finding]:
    """A message that another trace sent."""
    for span in trace.spans:
        others = {link.trace_id for link in span.links if link.trace_id != trace.trace_id}
        if span.kind is Kind.CONSUMER and others:
            what = "another trace" if len(others) == 1 else f"{len(others)} other traces"
            sentence = f"{span.service}: {shortened(span.name)} continues {what}, see its link."
            yield Finding("link", sentence, span)


def followed(trace: Trace) -> Iterator[Finding]:
    """A message that led to work in another trace."""
    others: dict[str, list[Follower]] = {}
    for one in trace.followers:
        if one.trace_id != trace.trace_id:
            others.setdefault(one.to_span_id, []).append(one)
    for span in trace.spans:
        if followers := others.get(span.came_as.span_id):
            traces = len({one.trace_id for one in followers})
            where = "another trace" if traces == 1 else f"{traces} other traces"
            names = listed(
                dict.fromkeys(f"{one.service}: {shortened(one.name)}" for one in followers)
            )
            sentence = f"{span.service}: {shortened(span.name)} is followed by {names} in {where}."
            yield Finding("followed", sentence, span)
