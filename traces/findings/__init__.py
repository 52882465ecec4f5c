"""What is worth knowing of a trace beside its verdict, each in one sentence."""

from traces.findings.finding import Finding
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
from traces.findings.work import (
    followed,
    follows_from,
    injected,
    one_by_one,
    outlived,
    retry_storm,
    where_time_went,
)
from traces.model import Trace, once

__all__ = ["Finding", "findings"]


@once
def findings(trace: Trace) -> tuple[Finding, ...]:
    """The most important first."""
    parts = (
        injected,
        unread_context,
        missing_parents,
        rings,
        several_roots,
        shared_ids,
        strange_times,
        skew,
        retry_storm,
        one_by_one,
        outlived,
        follows_from,
        followed,
        long_lasting,
        where_time_went,
    )
    return tuple(found for part in parts for found in part(trace))
