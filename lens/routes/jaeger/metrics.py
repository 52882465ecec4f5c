"""What Jaeger's page *Monitor* asks for: latencies, calls and errors over time, out of the spans.

There is no envelope around these answers: they are families of metrics as OpenMetrics has them.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from lens.domain.red import Sample, Samples, Window, windows
from lens.routes.answers import BadParameter, answering, json_response
from lens.routes.documents import WHOLE, answering_with, in_path, parameter, query, taking
from lens.routes.jaeger import parameters as read
from lens.routes.jaeger.parameters import Parameters
from lens.store import TraceStore
from traces.model import Kind

MS = 1_000_000
HOUR, TEN_MINUTES, FIVE_SECONDS = 3_600_000 * MS, 600_000 * MS, 5_000 * MS
MOST_POINTS = 2_000
HELP: Mapping[str, tuple[str, str]] = {
    "latencies": ("latencies", "quantile of the durations, in milliseconds, {by}"),
    "calls": ("call_rate", "calls a second, {by}"),
    "errors": ("error_rate", "share of the calls that failed, {by}"),
}
PARAMETERS = (
    in_path("name", "What is measured", enum=list(HELP)),
    parameter(
        "service",
        "Of which services",
        {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
        required=True,
    ),
    query("quantile", "Of latencies, from 0 to 1", "^(0?[.][0-9]+|[01]([.]0*)?)?$"),
    query("groupByOperation", "A series for each operation, if it is `true`"),
    parameter("spanKind", "Of which kinds; server", {"type": "array", "items": {"type": "string"}}),
    query("endTs", "Until when, in milliseconds since the epoch; by default now", WHOLE),
    query("lookback", "How long before, in milliseconds; an hour", WHOLE),
    query("step", "From point to point, in milliseconds; 5000", WHOLE),
    query("ratePer", "How much time a point looks back on, in milliseconds; 600000", WHOLE),
)


class Family(BaseModel):
    """A family of metrics: a series of points for each service, or for each of its operations."""

    name: str
    type: str
    help: str
    metrics: list[dict[str, Any]]


class Problem(BaseModel):
    """What Jaeger answers when it cannot."""

    data: None
    errors: list[dict[str, Any]]


def failure(status: int, message: str) -> Response:
    return json_response({"data": None, "errors": [{"code": status, "msg": message}]}, status)


answered = answering(failure)


@dataclass(frozen=True, slots=True)
class Question:
    """What is measured of whom; times in nanoseconds."""

    name: str
    services: tuple[str, ...]
    kinds: tuple[str, ...]
    by_operation: bool
    quantile: float
    end_ns: int
    lookback_ns: int
    step_ns: int
    window_ns: int

    @property
    def times(self) -> Sequence[int]:
        first = self.end_ns - self.lookback_ns // self.step_ns * self.step_ns
        return range(first, self.end_ns + 1, self.step_ns)

    @property
    def value(self) -> Callable[[Window], float | None]:
        if self.name == "latencies":
            return lambda window: window.quantile(self.quantile)
        if self.name == "calls":
            return lambda window: window.calls
        return lambda window: window.error_share


def add_metrics(router: APIRouter, store: TraceStore) -> None:
    @router.get(
        "/metrics/{name}",
        responses=answering_with(Family, Problem, 400, 404),
        openapi_extra=taking(*PARAMETERS),
    )
    @answered
    async def read_metrics(request: Request) -> Response:
        if request.path_params["name"] not in HELP:
            return failure(404, f"there are {', '.join(HELP)}")
        question = question_of(request.path_params["name"], Parameters(request), time.time_ns())
        start = max(0, question.times[0] - question.window_ns)
        samples = await store.samples(start, question.end_ns, question.services, question.kinds)
        return json_response(await to_thread.run_sync(family, question, samples))


def question_of(name: str, params: Parameters, now_ns: int) -> Question:
    services = tuple(filter(None, params.all("service")))
    if not services:
        raise BadParameter("parameter 'service' is required")
    quantile = params.read(share, "quantile")
    if quantile is None and name == "latencies":
        raise BadParameter("parameter 'quantile' is required")
    question = Question(
        name=name,
        services=services,
        kinds=tuple(map(kind, filter(None, params.all("spanKind")))) or ("server",),
        by_operation=params.text("groupByOperation") == "true",
        quantile=quantile or 0.0,
        end_ns=params.read(read.milliseconds, "endTs") or now_ns,
        lookback_ns=params.read(positive, "lookback") or HOUR,
        step_ns=params.read(positive, "step") or FIVE_SECONDS,
        window_ns=params.read(positive, "ratePer") or TEN_MINUTES,
    )
    if len(question.times) > MOST_POINTS:
        raise BadParameter(
            f"{len(question.times)} points are more than {MOST_POINTS}: make 'step' longer, or"
            " 'lookback' shorter"
        )
    return question


def positive(text: str) -> int:
    value = read.milliseconds(text)
    if value < MS:
        raise ValueError(f"{text} is not a number of milliseconds from 1 on")
    return value


def share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError(f"{text} is not a share from 0 to 1")
    return value


def kind(text: str) -> str:
    """`server`, or as the protocol has it, `SPAN_KIND_SERVER`."""
    word = text.upper().removeprefix("SPAN_KIND_")
    if word not in Kind.__members__:
        raise BadParameter(f"malformed parameter spanKind: {text} is not a kind of spans")
    return word.lower()


def family(question: Question, samples: Samples) -> dict[str, Any]:
    """The answer, with a series for each service or operation of which there are spans."""
    series: dict[tuple[str, ...], list[Sample]] = defaultdict(list)
    for work, found in samples.items():
        label = (work.service, work.name) if question.by_operation else (work.service,)
        series[label].extend(found)
    name, says = HELP[question.name]
    by = "grouped by service and operation" if question.by_operation else "grouped by service"
    return {
        "name": f"service_{'operation_' if question.by_operation else ''}{name}",
        "type": "GAUGE",
        "help": says.format(by=by),
        "metrics": [
            {"labels": labels_of(label), "metricPoints": list(points(question, found))}
            for label, found in sorted(series.items())
        ],
    }


def labels_of(label: Sequence[str]) -> list[dict[str, str]]:
    names = ("service_name", "operation")
    pairs = [{"name": name, "value": value} for name, value in zip(names, label, strict=False)]
    return pairs[::-1]


def points(question: Question, samples: Sequence[Sample]) -> Iterator[dict[str, Any]]:
    """A point for each step at which there is something to say."""
    for time_ns, window in windows(samples, question.times, question.window_ns):
        value = question.value(window)
        if value is not None:
            at = datetime.fromtimestamp(time_ns / 1e9, UTC).isoformat(timespec="milliseconds")
            yield {"gaugeValue": {"doubleValue": value}, "timestamp": at.replace("+00:00", "Z")}
