"""What is worth knowing of a trace beside its verdict, each in one sentence."""

from functools import partial

from traces.findings.around import ALONE, Surroundings
from traces.findings.context import context_lost
from traces.findings.errors import handled, injected, where_it_began
from traces.findings.finding import Finding
from traces.findings.links import followed, follows_from
from traces.findings.meanings import MEANINGS, Meaning, Weight
from traces.findings.propagation import unread_context
from traces.findings.recording import (
    long_lasting,
    missing_parents,
    rings,
    several_roots,
    shared_ids,
    skew,
    strange_times,
)
from traces.findings.repeats import lock_step, one_by_one, retry_storm, side_by_side
from traces.findings.unusual import slower
from traces.findings.waits import (
    gaps,
    outlived,
    queued,
    slow_body,
    waited_for,
    where_time_went,
)
from traces.model import Trace

__all__ = ["ALONE", "MEANINGS", "Finding", "Meaning", "Surroundings", "Weight", "findings"]

# What need not be said of a span of which one knows better.
EXPLAINS = {
    "unread_context": ("context_lost",),
    "waited_for": ("gap",),
    "slow_body": ("gap",),
    "slower": ("gap",),
}


def findings(trace: Trace, around: Surroundings = ALONE) -> tuple[Finding, ...]:
    """The most important first; more can be said with what is known `around` the trace."""
    parts = (
        injected,
        unread_context,
        missing_parents,
        rings,
        several_roots,
        shared_ids,
        strange_times,
        skew,
        where_it_began,
        handled,
        partial(context_lost, around=around),
        retry_storm,
        one_by_one,
        waited_for,
        outlived,
        slow_body,
        partial(slower, around=around),
        gaps,
        lock_step,
        partial(queued, around=around),
        side_by_side,
        follows_from,
        followed,
        long_lasting,
        where_time_went,
    )
    found = [one for part in parts for one in part(trace)]
    known = {(kind, one.span.span_id) for one in found for kind in EXPLAINS.get(one.kind, ())}
    return tuple(one for one in found if (one.kind, one.span.span_id) not in known)
