"""What the environment may say, and the one place where it is read.

`Settings.read` turns an environment into one frozen object per service. A value that cannot be used
is a `SettingError` of one line:
`AUTH_FAILURE_RATE=30 cannot be used: a number from 0 to 1 is allowed`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from shared.endpoints import endpoints
from shared.errors import SettingError
from shared.origin import is_local
from shared.topology import BY_NAME, SERVICES, Service
from shared.variables import TELEMETRY_VARIABLES, VARIABLES


@dataclass(frozen=True)
class TelemetrySettings:
    """How a service tells what it does; the standard variables of OpenTelemetry, read once.

    `endpoint` is the full address of the traces endpoint for http/protobuf, `host:port` for gRPC.
    Delays and timeouts are in seconds.
    """

    disabled: bool = False
    sampler: str = "parentbased_always_on"
    sampler_arg: str = ""
    propagators: tuple[str, ...] = ("tracecontext", "baggage")
    resource: Mapping[str, str] = field(default_factory=dict)
    protocol: str = "http/protobuf"
    traces_endpoint: str = "http://127.0.0.1:4318/v1/traces"
    logs_endpoint: str = "http://127.0.0.1:4318/v1/logs"
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 10.0
    export_logs: bool = True
    schedule_delay: float = 0.4
    max_queue_size: int = 16_384
    max_batch_size: int = 2_048


@dataclass(frozen=True)
class Settings:
    """Everything one service is told: addresses, folders, faults and telemetry. Durations are in
    seconds; `urls` are where services find each other, `shown` where browsers do; `given` are the
    variables that the environment really has.
    """

    service: str
    host: str = "127.0.0.1"
    port: int = 0
    also: tuple[int, ...] = ()
    urls: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    data: Path = Path(".acme/data")
    mocks: Path = Path("mocks")
    seed: int = 267
    profile: str = "default"
    scenarios: Path = Path("chaos/scenarios")
    request_faults: bool = True
    chaos_token: str = field(default="", repr=False)
    chaos_student_token: str = field(default="", repr=False)
    default_role: Literal["presenter", "student", "none"] = "presenter"
    failure_rate: float | None = None
    latency: float = 0.0
    timeout: float = 5.0
    log_level: str = "info"
    access_log: bool = False
    loop: str = "auto"
    mongo_url: str = field(default="", repr=False)
    redis_url: str = field(default="redis://127.0.0.1:16379", repr=False)
    demo_password: str = field(default="vmware1!", repr=False)
    demo_login: bool = True
    trace_links: Mapping[str, str] = field(default_factory=dict)
    draw_traces: bool = True
    accept_expired: bool = False
    recovery: float = 5.0
    patience: float = 60.0
    suggestions_batch: bool = False
    lens_max_traces: int = 20_000
    lens_max_mb: int = 256
    telemetry: TelemetrySettings = TelemetrySettings()
    given: frozenset[str] = frozenset()

    @classmethod
    def read(cls, service: str, environ: Mapping[str, str] | None = None) -> "Settings":
        """The settings of `service`, from `environ` or else from the process's own environment.

        Raises SettingError when a variable's value is not one that is allowed.
        """
        read = Reader(os.environ if environ is None else environ, service)
        row, name = BY_NAME[service], service.upper()
        local = is_local(read("ACME_HOST"))
        urls = {other.name: read(f"{other.name.upper()}_URL") for other in SERVICES}
        links = read("FRONTEND_TRACE_LINKS")
        return cls(
            service=service,
            host=read("ACME_HOST"),
            port=read(f"{name}_PORT"),
            also=(read("LENS_OTLP_PORT"),) if row.also else (),
            urls=urls,
            shown=shown(read, urls),
            data=Path(read("ACME_DATA")),
            mocks=Path(read("ACME_MOCKS")),
            seed=read("ACME_SEED"),
            profile=read("ACME_FAULTS"),
            scenarios=Path(read("ACME_SCENARIOS")),
            request_faults=chosen(read("ACME_REQUEST_FAULTS"), "on" if local else "off") == "on",
            chaos_token=read("CHAOS_TOKEN"),
            chaos_student_token=read("CHAOS_STUDENT_TOKEN"),
            default_role=chosen(read("CHAOS_DEFAULT_ROLE"), "presenter" if local else "none"),
            failure_rate=read(f"{name}_FAILURE_RATE") if row.traced else None,
            latency=read(f"{name}_LATENCY_MS") / 1000 if row.traced else 0.0,
            timeout=read("ACME_TIMEOUT_MS") / 1000,
            log_level=read("ACME_LOG_LEVEL"),
            access_log=read("ACME_ACCESS_LOG"),
            loop=read("ACME_LOOP"),
            mongo_url=read("MONGO_URL"),
            redis_url=read("REDIS_URL"),
            demo_password=read("DEMO_PASSWORD"),
            demo_login=read("FRONTEND_DEMO_LOGIN"),
            trace_links=links,
            draw_traces=chosen(read("FRONTEND_DRAW_TRACES"), "false" if links else "true")
            == "true",
            accept_expired=read("PAYMENT_ACCEPT_EXPIRED"),
            recovery=read("ORDERS_RECOVERY_SECONDS"),
            patience=read("ORDERS_PATIENCE_SECONDS"),
            suggestions_batch=read("SUGGESTIONS_BATCH"),
            lens_max_traces=read("LENS_MAX_TRACES"),
            lens_max_mb=read("LENS_MAX_MB"),
            telemetry=telemetry(read, row),
            given=read.given(),
        )


class Reader:
    """Reads variables by name: the environment's value, or else the default; an empty value is no
    value. A variable of telemetry may be meant for one service: `ORDERS_OTEL_PROPAGATORS`.
    """

    def __init__(self, environ: Mapping[str, str], service: str) -> None:
        self._environ, self._service = environ, service.upper()

    def __call__(self, name: str) -> Any:
        variable = VARIABLES[name]
        named = self._own(name) if self.is_own(name) else name
        text = self._given(named) or variable.default
        try:
            return variable.read(text)
        except ValueError:
            told = named if variable.secret else f"{named}={text}"
            raise SettingError(f"{told} cannot be used: {variable.allowed}") from None

    def is_own(self, name: str) -> bool:
        """Whether a variable of telemetry has a value that is meant for this service alone."""
        return VARIABLES[name] in TELEMETRY_VARIABLES and bool(self._given(self._own(name)))

    def given(self) -> frozenset[str]:
        """The names of the variables that have a value in the environment."""
        return frozenset(name for name in VARIABLES if self._given(name))

    def _own(self, name: str) -> str:
        return f"{self._service}_{name}"

    def _given(self, name: str) -> str:
        return self._environ.get(name, "").strip()


def shown(read: Reader, urls: Mapping[str, str]) -> dict[str, str]:
    """Where a browser finds the services that have pages for it."""
    pages = [row.name for row in SERVICES if row.pages]
    return {name: read(f"{name.upper()}_PUBLIC_URL") or urls[name] for name in pages}


def chosen(text: str, auto: str) -> Any:
    """What a choice with "auto" comes to."""
    return auto if text == "auto" else text


def telemetry(read: Reader, service: Service) -> TelemetrySettings:
    protocol, traces, logs = endpoints(read)
    return TelemetrySettings(
        disabled=read("OTEL_SDK_DISABLED") or not service.traced,
        sampler=read("OTEL_TRACES_SAMPLER"),
        sampler_arg=read("OTEL_TRACES_SAMPLER_ARG"),
        propagators=read("OTEL_PROPAGATORS"),
        resource=read("OTEL_RESOURCE_ATTRIBUTES"),
        protocol=protocol,
        traces_endpoint=traces,
        logs_endpoint=logs,
        headers=read("OTEL_EXPORTER_OTLP_HEADERS"),
        timeout=read("OTEL_EXPORTER_OTLP_TIMEOUT") / 1000,
        export_logs=bool(logs) and read("OTEL_LOGS_EXPORTER") == "otlp",
        schedule_delay=read("OTEL_BSP_SCHEDULE_DELAY") / 1000,
        max_queue_size=read("OTEL_BSP_MAX_QUEUE_SIZE"),
        max_batch_size=read("OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
    )
