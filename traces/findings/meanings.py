"""What each kind of finding is called, how much weight it has, and why it matters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Weight = Literal["problem", "notice", "fact"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A `problem` needs somebody, a `notice` is worth a look, a `fact` says how it was."""

    title: str
    weight: Weight
    why: str


MEANINGS: Mapping[str, Meaning] = {
    "injected": Meaning(
        "On purpose",
        "fact",
        "A fault was injected here; its id says which one, so nobody needs to look for a bug.",
    ),
    "error": Meaning(
        "Where the error began",
        "problem",
        "Every caller above a failure turns red as well. The deepest red span has the "
        "cause; the others only pass it on.",
    ),
    "handled": Meaning(
        "A failure that was handled",
        "notice",
        "A fallback turns an outage into a worse answer, and every span above it stays "
        "green. Count such answers: an outage that is handled well is easily overlooked.",
    ),
    "retried": Meaning(
        "A call that was tried again",
        "notice",
        "A retry hides a failure and costs time. It is right only where the call may be "
        "made twice, in one layer, with pauses that grow.",
    ),
    "retry_storm": Meaning(
        "A retry storm",
        "problem",
        "Retries in several layers multiply, and the calls they add keep the callee down. "
        "Retry in one layer: the one that knows that the call is idempotent.",
    ),
    "n_plus_one": Meaning(
        "An N+1",
        "problem",
        "Each call is quick, so no list of slow queries shows them; their number grows "
        "with the data. One call for all of them takes about as long as one of these.",
    ),
    "fan_out": Meaning(
        "A parallel fan-out",
        "fact",
        "The calls overlap, so together they take about as long as the slowest. The callee"
        " still has all of them to answer, at once.",
    ),
    "lock_step": Meaning(
        "Calls that wait for each other",
        "notice",
        "Sequential calls add up. Where none needs the answer of another, they may be made"
        " at the same time, and then take as long as the slowest.",
    ),
    "outlived": Meaning(
        "Work for nobody",
        "problem",
        "A timeout means unknown, not failed: the work may be done, and a retry may do it "
        "twice. Pass the deadline on, so that the callee stops as well, and make the call "
        "idempotent.",
    ),
    "waited_for": Meaning(
        "What a call waited for",
        "problem",
        "A call that timed out says only who did not answer. What the callee did meanwhile"
        " says why.",
    ),
    "slow_body": Meaning(
        "An answer that came slowly",
        "problem",
        "Many instrumentations end the CLIENT span when the head of the answer is there; "
        "reading the body has no span. A timeout for each read does not help: give the "
        "whole call a deadline.",
    ),
    "gap": Meaning(
        "A gap without a span",
        "notice",
        "Spans show work; a queue for a connection, a lock, a busy event loop or code "
        "without instrumentation is the gap between them. Compare it with a quick trace of"
        " the same kind.",
    ),
    "queue": Meaning(
        "Time in a queue",
        "notice",
        "The message waited for its consumer. If such waits grow, messages arrive faster "
        "than they are handled.",
    ),
    "context_lost": Meaning(
        "A trace that ends too early",
        "problem",
        "The callee sends spans, and answered, but has none here: its part is in another "
        "trace. Usually the caller's client does not send traceparent, or something on the"
        " way drops it.",
    ),
    "unread_context": Meaning(
        "Headers that were not read",
        "problem",
        "Both sides propagate a context, each in a format that the other does not read. Have "
        "one of them read or send a format of the other, or have all of them read all.",
    ),
    "slower": Meaning(
        "Slower than usual",
        "problem",
        "The usual is the middle of the last traces of the same kind. What has grown most "
        "by itself, and not because of what it called, is where to look.",
    ),
    "orphans": Meaning(
        "Spans that are missing",
        "problem",
        "A process that crashed, an exporter that could not keep up, or a sampler that "
        "decides for itself loses spans; what they would have said is unknown.",
    ),
    "ring": Meaning(
        "Spans in a ring",
        "problem",
        "Ids are reused or written wrongly: such spans have no place in the tree.",
    ),
    "roots": Meaning(
        "Several roots",
        "notice",
        "Something made a new root in a trace that had one: often a job that was given the"
        " trace id without a parent.",
    ),
    "same_id": Meaning(
        "Spans with one id",
        "notice",
        "It is a guess which of them is whose parent, so the tree may be another one.",
    ),
    "time_odd": Meaning(
        "Times that cannot be right",
        "notice",
        "What such a span says of durations cannot be believed.",
    ),
    "clock_skew": Meaning(
        "Clocks that disagree",
        "notice",
        "Spans of hosts whose clocks disagree seem to begin before their callers. "
        "Durations are right, starts are not; the waterfall adjusts them.",
    ),
    "link": Meaning(
        "Follows another trace",
        "fact",
        "A link, not a parent: the sender did not wait for this work.",
    ),
    "followed": Meaning(
        "Another trace follows",
        "fact",
        "Work that a message asked for is a trace of its own, with a link to the span that"
        " sent it.",
    ),
    "long": Meaning(
        "A long trace",
        "fact",
        "A trace of days is usually a workflow, or an id that is used again.",
    ),
    "time": Meaning(
        "Where the time went",
        "fact",
        "The critical path is the chain of work that kept the trace from being done "
        "earlier. Only what is on it is worth making faster.",
    ),
}
