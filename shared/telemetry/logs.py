"""Log lines that know their span: JSON on standard output, and the same over OTLP.

Logging is the one thing here that belongs to the whole process: `configure` is for the program that
runs a service, and nothing else calls it.
"""

import json
import logging
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.resource.v1.resource_pb2 import Resource as ResourceMessage
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

from shared import __version__
from shared.events import Value
from shared.settings import Otlp, ServiceSettings, TelemetrySettings
from shared.telemetry.delivery import RetryingSender
from shared.telemetry.export import ExportQueue, endpoint_of
from shared.telemetry.provider import SCOPE, Telemetry

# Python's levels and the numbers OpenTelemetry has for them.
SEVERITY = {"DEBUG": 5, "INFO": 9, "WARNING": 13, "ERROR": 17, "CRITICAL": 21}
# The levels of OTEL_LOG_LEVEL.
LEVELS = {
    "none": logging.CRITICAL + 1,
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
}
FLUSH_SECONDS = 0.3
REPEAT_SECONDS, MAX_MESSAGES = 1.0, 1000
MINUTE = 60.0
# Loggers whose lines a caller can cause with each request; their messages are few and constant.
CAUSED_BY_CALLERS = {"shared.telemetry.w3c", "uvicorn.error"}


@dataclass(frozen=True)
class Line:
    """One log record, read where it was written: the thread that sends it has another span. It is
    an event when it was written with the `extra` of `shared.events.event`.
    """

    time_ns: int
    level: str
    logger: str
    message: str
    trace_id: int = 0
    span_id: int = 0
    exception: str = ""
    event: str = ""
    attributes: Mapping[str, Value] = field(default_factory=dict)

    @classmethod
    def of(cls, record: logging.LogRecord) -> "Line":
        context = get_current_span().get_span_context()
        exception = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
        return cls(
            int(record.created * 1e9),
            record.levelname,
            record.name,
            record.getMessage(),
            context.trace_id,
            context.span_id,
            exception,
            getattr(record, "event_name", ""),
            getattr(record, "event_attributes", {}),
        )


class JsonLines(logging.Formatter):
    """A record as one line of JSON; inside a span it carries `trace_id` and `span_id`."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line = Line.of(record)
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = {
            "time": time.replace("+00:00", "Z"),
            "level": line.level.lower(),
            "service": self._service,
            "message": line.message,
            "trace_id": format_trace_id(line.trace_id) if line.trace_id else None,
            "span_id": format_span_id(line.span_id) if line.trace_id else None,
            "exception": line.exception or None,
            "event": line.event or None,
            **line.attributes,
        }
        return json.dumps({key: value for key, value in fields.items() if value is not None})


class RateLimit(logging.Filter):
    """Lets a record that is marked `often` pass once a second, while its message is the same."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not getattr(record, "often", False):
            return True
        if len(self._last) > MAX_MESSAGES:
            self._last.clear()
        message = record.getMessage()
        if record.created - self._last.get(message, 0) < REPEAT_SECONDS:
            return False
        self._last[message] = record.created
        return True


class OncePerMinute(logging.Filter):
    """Of what any caller can cause with each request, such as a broken header, lets one line a
    minute pass, and has it say how many like it there were.
    """

    def __init__(self) -> None:
        super().__init__()
        self._passed: dict[str, float] = {}
        self._held_back: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            return True
        kind = record.msg
        passed = self._passed.get(kind)
        if passed is not None and record.created - passed < MINUTE:
            self._held_back[kind] += 1
            return False
        self._passed[kind] = record.created
        if count := self._held_back.pop(kind, 0):
            record.msg = f"{kind} ({count} more like it in the last minute)"
        return True


class Export(logging.Handler):
    """Queues every record for export, but for those about exporting itself."""

    def __init__(self, sender: RetryingSender[Line], settings: TelemetrySettings) -> None:
        super().__init__()
        self._sender = sender
        self._queue = ExportQueue(
            "log lines",
            sender.send,
            delay=settings.logs_schedule_delay,
            size=settings.logs_max_queue_size,
            batch=settings.logs_max_batch_size,
        )
        sender.backlog = self._queue.backlog

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("shared.telemetry"):
            self._queue.put(Line.of(record))

    def close(self) -> None:
        self._sender.stop_retrying()
        self._queue.close(FLUSH_SECONDS)
        self._sender.close()
        super().close()


def configure(
    settings: ServiceSettings,
    telemetry: Telemetry,
    handler: Callable[[Otlp], logging.Handler | None] = lambda _: None,
) -> None:
    """Has this process log JSON to standard output, and as the settings say to the backend: by the
    `handler` for it, if there is one.
    """
    printed = logging.StreamHandler(sys.stdout)
    printed.setFormatter(JsonLines(settings.service))
    printed.addFilter(RateLimit())
    exporting = settings.telemetry
    logging.basicConfig(level=settings.log_level.upper(), handlers=[printed], force=True)
    if exporting.logs is not None and not exporting.is_off:
        exported = handler(exporting.logs) or our_handler(exporting, exporting.logs, telemetry)
        logging.getLogger().addHandler(exported)
    for name in CAUSED_BY_CALLERS:
        logging.getLogger(name).filters = [OncePerMinute()]
    logging.getLogger("stamina").setLevel(logging.ERROR)  # each attempt has a span of its own
    if exporting.log_level:
        for name in ("opentelemetry", "shared.telemetry"):
            logging.getLogger(name).setLevel(LEVELS[exporting.log_level])


def our_handler(settings: TelemetrySettings, otlp: Otlp, telemetry: Telemetry) -> Export:
    endpoint, encoder = endpoint_of(otlp, "logs"), Encoder(telemetry.resource)
    exported = Export(RetryingSender(endpoint, encoder, settings.logs_export_timeout), settings)
    telemetry.on_close.append(exported.close)
    return exported


class Encoder:
    """Log lines as the bytes of an OTLP ExportLogsServiceRequest."""

    def __init__(self, resource: Resource) -> None:
        attributes = [text(key, str(value)) for key, value in resource.attributes.items()]
        self._resource = ResourceMessage(attributes=attributes)
        self._scope = InstrumentationScope(name=SCOPE, version=__version__)

    def __call__(self, lines: Sequence[Line]) -> bytes:
        records = ScopeLogs(scope=self._scope, log_records=map(log_record, lines))
        request = ExportLogsServiceRequest(
            resource_logs=[ResourceLogs(resource=self._resource, scope_logs=[records])]
        )
        return request.SerializeToString()


def log_record(line: Line) -> LogRecord:
    attributes = [text("logger.name", line.logger)]
    if line.exception:
        attributes.append(text("exception.stacktrace", line.exception))
    attributes += (KeyValue(key=key, value=any_value(v)) for key, v in line.attributes.items())
    return LogRecord(
        time_unix_nano=line.time_ns,
        observed_time_unix_nano=line.time_ns,
        severity_number=SEVERITY.get(line.level, 0),  # type: ignore[arg-type]  # an enum's number
        severity_text=line.level,
        body=AnyValue(string_value=line.message),
        attributes=attributes,
        event_name=line.event,
        trace_id=line.trace_id.to_bytes(16, "big") if line.trace_id else b"",
        span_id=line.span_id.to_bytes(8, "big") if line.span_id else b"",
    )


def any_value(value: Value) -> AnyValue:
    if isinstance(value, str):
        return AnyValue(string_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    return AnyValue(double_value=value)


def text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))
