"""What happened, in one sentence: who failed and how, and what came of it.

`GET /orders/{id} failed because auth answered 500 after 2 ms, so gateway gave up.`
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from traces.causes import root_causes
from traces.clocks import clocks_of
from traces.gaps import arrival
from traces.model import Span, Trace, once
from traces.same_id import is_one_call, same_ids
from traces.semconv import peer_of, value_of
from traces.timeline import odd_times
from traces.times import has_duration
from traces.tree import root_of
from traces.units import duration, plural, shortened

LONGEST_REASON = 120
UNREACHABLE = re.compile(r"connect|refused|unreachable|resol|gaierror|dns", re.IGNORECASE)

Tone = Literal["good", "refused", "degraded", "bad", "unknown"]


@dataclass(frozen=True, slots=True)
class Cause:
    """Where an error began: `auth`, `answered 500 after 2 ms (no such token)`.

    `span` is the first of the `times` spans that failed alike.
    """

    span: Span
    who: str
    how: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """`tone` is good, refused (a 4xx), degraded (something failed below a success), bad (the root
    failed), or unknown (the root has not arrived, or nothing failed in what arrived, but something
    is missing or odd).
    """

    tone: Tone
    sentence: str
    causes: tuple[Cause, ...] = ()


@once
def verdict(trace: Trace) -> Verdict:
    """The verdict on what has arrived of a trace."""
    failed = root_causes(trace)
    root = root_of(trace) if trace.roots else None
    tone, sentence = judged(trace, root, failed)
    return Verdict(tone, sentence, distinct(trace, failed))


def judged(trace: Trace, root: Span | None, failed: Sequence[Span]) -> tuple[Tone, str]:
    if root is None:
        so_far = f", but {what_failed(trace, failed)}" if failed else ""
        if trace.orphans or not trace.spans:
            return "unknown", f"The root of this trace {arrival(trace)}{so_far}."
        return "unknown", f"This trace has no root, since its spans are in a ring{so_far}."
    if not failed:
        return unharmed(trace, root)
    return harmed(trace, root, failed)


def harmed(trace: Trace, root: Span, failed: Sequence[Span]) -> tuple[Tone, str]:
    """Tone and sentence of a trace in which something failed."""
    first = failed[0]
    if root is first:
        itself = f"{root.service} itself {how(trace, root)}{alone(trace)}"
        return "bad", f"{shortened(root.name)} failed: {itself}."
    why = what_failed(trace, failed)
    if root.failed:
        return "bad", f"{shortened(root.name)} failed because {why}{gave_up(trace, first)}."
    if http_status(root) >= 400:
        return "refused", f"{shortened(root.name)} {refused(root)} because {why}."
    if http_status(first) == 401:
        return "refused", f"{shortened(root.name)} needs a login: {why}."
    again = retried(trace, first)
    more = f": {why}, but another try went well." if again else f", but {why}."
    return "degraded", f"{shortened(root.name)} went through{more}"


def unharmed(trace: Trace, root: Span) -> tuple[Tone, str]:
    if http_status(root) >= 400:
        answer = f"{root.service} {how(trace, root)}{alone(trace)}"
        return "refused", f"{shortened(root.name)} {refused(root)}: {answer}."
    size = f"{plural(len(trace.spans), 'span')} in {plural(len(trace.services), 'service')}"
    if has_duration(root):
        size += f", {duration(root.duration_ns)}"
    if is_doubtful(trace):
        return "unknown", f"{shortened(root.name)} went well as far as this trace tells: {size}."
    return "good", f"{shortened(root.name)} went well: {size}."


def is_doubtful(trace: Trace) -> bool:
    """Whether something is missing or odd, so that what arrived may not be the whole story."""
    return bool(
        trace.orphans
        or trace.rings
        or not all(map(is_one_call, same_ids(trace.spans).values()))
        or len(trace.roots) > 1
        or odd_times(trace)
        or clocks_of(trace).broken
    )


def refused(root: Span) -> str:
    return "was not found" if http_status(root) == 404 else "was refused"


def alone(trace: Trace) -> str:
    return "" if any(span.kind.calls for span in trace.spans) else ", without calling anyone"


def what_failed(trace: Trace, failed: Sequence[Span]) -> str:
    first = failed[0]
    return f"{who(trace, first)} {how(trace, first)}{others(failed)}"


def callee(trace: Trace, call: Span) -> str:
    """What a call was to, by its own word or by the span that received it; empty if unknown."""
    if not call.kind.calls:
        return ""
    receiver = trace.receiver_of(call)
    return receiver.service if receiver else peer_of(call) or ""


def who(trace: Trace, cause: Span) -> str:
    """Whose failure it was: `auth`, `payment's bank`, `cart's redis`."""
    called = callee(trace, cause)
    if not called:
        return cause.service
    if trace.receiver_of(cause) or not (http_status(cause) or is_store(cause)):
        return called
    return f"{cause.service}'s {called}"


def how(trace: Trace, span: Span) -> str:
    """How a span failed, as what follows the name of who failed."""
    kind = text(span.attributes.get("error.type"))
    took = duration(span.duration_ns) if has_duration(span) else ""
    after = f" after {took}" if took else ""
    if status := http_status(span):
        # A caller may be unable to use what it got: then its span has another error than a status.
        useless = span.kind.calls and status < 400 and kind not in {"", str(status)}
        return f"answered {status}{after}" + (f", but unusably ({kind})" if useless else "")
    if span.kind.calls and ("timeout" in kind.lower() or kind == "DEADLINE_EXCEEDED"):
        return f"did not answer within {took}" if took else "did not answer in time"
    if kind == "breaker_open":
        return "was not called, since it kept failing"
    # gRPC's word for nobody there; of one who was there, it is the answer.
    nobody = kind == "UNAVAILABLE" and trace.receiver_of(span) is None
    if callee(trace, span) and (UNREACHABLE.search(kind) or nobody):
        return "could not be reached"
    why = reason(span) or kind
    return f"failed{after}" + (f" ({why})" if why else "")


def reason(span: Span) -> str:
    """The exception or the status message of a span, if it is short enough for a sentence."""
    for event in span.events:
        if event.name == "exception":
            kind = text(event.attributes.get("exception.type", "an exception")).rsplit(".", 1)[-1]
            message = text(event.attributes.get("exception.message"))
            why = f"{kind}: {message}" if message else kind
            break
    else:
        why = span.status_message
    return why if len(why) <= LONGEST_REASON else ""


def gave_up(trace: Trace, cause: Span) -> str:
    """Who was left without an answer by a service that failed by itself."""
    if cause.kind.calls:
        return ""
    callers = (span.service for span in trace.ancestors(cause) if span.service != cause.service)
    caller = next(callers, "")
    return f", so {caller} gave up" if caller else ""


def others(failed: Sequence[Span]) -> str:
    """What else failed: the same again, or something different."""
    first = (failed[0].service, failed[0].name)
    same = sum((span.service, span.name) == first for span in failed[1:])
    more = len(failed) - 1 - same
    again = f" ({same + 1} times)" if same else ""
    return again + (f", and {plural(more, 'other span')} failed as well" if more else "")


def retried(trace: Trace, cause: Span) -> bool:
    """Whether the same call, or one that waited for it, was made again and then went well."""
    return any(
        later.name == span.name and later.start_ns >= span.end_ns and not later.failed
        for span in (cause, *trace.ancestors(cause))
        if span.kind.calls and (parent := trace.parent_of(span)) is not None
        for later in trace.children_of(parent)
    )


def distinct(trace: Trace, failed: Iterable[Span]) -> tuple[Cause, ...]:
    """Spans that failed alike become one cause, in order of the first."""
    causes: dict[tuple[str, str, int, str], Cause] = {}
    for span in failed:
        why, status = reason(span), http_status(span)
        key = (who(trace, span), span.name, status, why)
        if key in causes:
            causes[key] = replace(causes[key], times=causes[key].times + 1)
        else:
            # Only an answer leaves the reason to be said.
            more = f" ({why})" if why and status else ""
            causes[key] = Cause(span, key[0], how(trace, span) + more)
    return tuple(causes.values())


def http_status(span: Span) -> int:
    """The status of the HTTP answer; 0 when there is none."""
    status = value_of(span.attributes, "http.response.status_code")
    if isinstance(status, str) and status.isdecimal() and len(status) < 5:
        return int(status)
    return status if isinstance(status, int) else 0


def is_store(span: Span) -> bool:
    """Whether a call was to a database or a stream of messages."""
    return value_of(span.attributes, "db.system.name") is not None or (
        "messaging.system" in span.attributes
    )


def text(value: object) -> str:
    """Text as it is, nothing as nothing, everything else as JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, default=str)
