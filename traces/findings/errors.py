"""What failed, where it began, and what was made of it."""

from collections.abc import Iterator

from traces.causes import root_causes
from traces.findings.finding import Finding
from traces.model import Span, Trace
from traces.tree import root_of
from traces.units import listed, shortened
from traces.verdict import Cause, callee, http_status, retried, text, verdict

ON_PURPOSE = "acmeshop.fault.id"
MOST = 3


def injected(trace: Trace) -> Iterator[Finding]:
    """A failure that was ordered: the first cause says which fault it is."""
    for cause in root_causes(trace):
        if fault := text(cause.attributes.get(ON_PURPOSE)):
            sentence = f"This failure is on purpose: it is the fault {fault}."
            yield Finding("injected", sentence, cause)
            return


def where_it_began(trace: Trace) -> Iterator[Finding]:
    """The causes of a trace that failed, each with those above it that failed because of it."""
    root = root_of(trace) if trace.roots else None
    if root is not None and not root.failed:
        return
    for cause in verdict(trace).causes[:MOST]:
        chain = tuple(span for span in trace.ancestors(cause.span) if span.failed)
        at = {cause.span.service, callee(trace, cause.span)}
        passed = dict.fromkeys(span.service for span in chain if span.service not in at)
        up = f"; {listed(passed)} passed it on" if passed else ""
        yield Finding("error", f"It began {began(trace, cause)}{up}.", cause.span, chain)


def began(trace: Trace, cause: Cause) -> str:
    called = callee(trace, cause.span)
    service = cause.span.service
    return f"{f'where {service} called {called}' if called else f'in {service}'}: {failure(cause)}"


def failure(cause: Cause) -> str:
    times = f" ({cause.times} times)" if cause.times > 1 else ""
    return f"{shortened(cause.span.name)} {cause.how}{times}"


def handled(trace: Trace) -> Iterator[Finding]:
    """Failures below something that went well: who tried again, or went on without."""
    root = root_of(trace) if trace.roots else None
    if root is None or root.failed:
        return
    for cause in verdict(trace).causes[:MOST]:
        above = next(
            (one for one in trace.ancestors(cause.span) if not (one.failed or one.kind.calls)), None
        )
        if above is None or http_status(above) >= 400 or http_status(cause.span) in {401, 404}:
            continue
        kind, what = how_handled(trace, cause, above)
        yield Finding(kind, what, cause.span, (above,))


def how_handled(trace: Trace, cause: Cause, above: Span) -> tuple[str, str]:
    if retried(trace, cause.span):
        again = f"{above.service} called {cause.who} again: {failure(cause)}"
        return "retried", f"{again}, and a later try went well."
    mine = above.service == cause.span.service
    who = callee(trace, cause.span) if mine else ""
    went_on = f"{above.service} went on although {who or cause.who} failed: {failure(cause)}"
    return "handled", f"{went_on}; {shortened(above.name)} went well."
