"""The settings of each service that are its own."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import field_validator

from shared.origin import is_local
from shared.settings.environment import EnvironmentSettings
from shared.settings.parsers import one_of, whole
from shared.settings.service import ServiceSettings
from shared.settings.telemetry import TelemetrySettings
from shared.settings.values import (
    AnyText,
    Delay,
    Flag,
    Folder,
    HttpUrl,
    Port,
    Rate,
    Seconds,
    Secret,
    Text,
    TraceLinks,
    listed,
    variable,
)
from shared.topology import SERVICES

Role = Literal["presenter", "student", "none"]
ROLES = ("auto", "presenter", "student", "none")


class ShopSettings(ServiceSettings):
    """A service of the shop itself: it can fail on purpose."""

    failure_rate: Rate = variable(
        "", "share of failures of {service}; without it, that of its default fault"
    )
    latency_ms: Delay = variable("0", "delay before {service} does its work")


def demo_password() -> Any:
    """Set for the service that checks it, and for the one whose login page offers it."""
    return variable(
        "vmware1!",
        "password of the demo users eric, phoebe, dwight, han, elaine and walter",
        name="DEMO_PASSWORD",
        secret=True,
    )


class FrontendSettings(ShopSettings, env_prefix="FRONTEND_"):
    service: str = "frontend"
    demo_password: AnyText = demo_password()
    demo_login: Flag = variable("true", "the login page offers the demo users at one click")
    trace_links: TraceLinks = variable(
        "", "where the shop's pages link to for a trace; without it to lens"
    )
    draw_traces: Annotated[
        Literal["auto", "true", "false"],
        Text(one_of("auto", "true", "false"), "auto, true or false is allowed"),
    ] = variable(
        "auto",
        "whether the shop's pages draw a click's trace, which they get from lens; "
        "auto: unless FRONTEND_TRACE_LINKS leads elsewhere",
    )

    @property
    def draws_traces(self) -> bool:
        return not self.trace_links if self.draw_traces == "auto" else self.draw_traces == "true"


class GatewaySettings(ShopSettings, env_prefix="GATEWAY_"):
    service: str = "gateway"
    request_faults: Annotated[
        Literal["auto", "on", "off"],
        Text(one_of("auto", "on", "off"), "auto, on or off is allowed"),
    ] = variable(
        "auto",
        "whether callers of the gateway may say in baggage whose faults apply to them; "
        "auto: if ACME_HOST is this machine alone",
        name="ACME_REQUEST_FAULTS",
    )

    @property
    def trusts_baggage(self) -> bool:
        """Whether a caller's baggage may say whose faults apply."""
        return is_local(self.host) if self.request_faults == "auto" else self.request_faults == "on"


class AuthSettings(ShopSettings, env_prefix="AUTH_"):
    service: str = "auth"


def recovery() -> Any:
    """A setting that two services have: what one left half done the other may wait for."""
    return variable(
        "5",
        "how often orders and payment look for what a crash left half done, and how old it must be",
        name="ORDERS_RECOVERY_SECONDS",
    )


def internal() -> Any:
    """A setting of those who call each other over either protocol."""
    return variable(
        "http",
        "how orders calls payment, over http or grpc; payment opens its port for gRPC where that is"
        " wanted",
        name="ACME_INTERNAL",
    )


Internal = Annotated[
    Literal["http", "grpc"], Text(one_of("http", "grpc"), "http or grpc is allowed")
]


class OrdersSettings(ShopSettings, env_prefix="ORDERS_"):
    service: str = "orders"
    internal: Internal = internal()
    payment_grpc_url: HttpUrl = variable(
        "http://127.0.0.1:5055",
        "where orders finds payment over gRPC",
        name="PAYMENT_GRPC_URL",
    )
    recovery: Seconds = recovery()
    patience: Seconds = variable(
        "60",
        "how long an order that is not paid is left to its buyer, who may press again",
        name="ORDERS_PATIENCE_SECONDS",
    )


class ShippingSettings(ShopSettings, env_prefix="SHIPPING_"):
    service: str = "shipping"
    batch: Seconds = variable(
        "300",
        "how often shipping hands over the parcels that wait: what a shop would do each night",
        name="SHIPPING_BATCH_SECONDS",
    )


class CartSettings(ShopSettings, env_prefix="CART_"):
    service: str = "cart"


class PaymentSettings(ShopSettings, env_prefix="PAYMENT_"):
    service: str = "payment"
    internal: Internal = internal()
    grpc_port: Port = variable("5055", "port payment answers gRPC on, where ACME_INTERNAL=grpc")
    recovery: Seconds = recovery()
    accept_expired: Flag = variable(
        "false", "payment takes cards that have expired, for recorded clients"
    )

    @property
    def opened_alone(self) -> tuple[int, ...]:
        return (self.grpc_port,) if self.internal == "grpc" else ()


class CatalogSettings(ShopSettings, env_prefix="CATALOG_"):
    service: str = "catalog"


class UsersSettings(ShopSettings, env_prefix="USERS_"):
    service: str = "users"
    demo_password: AnyText = demo_password()


class ArticlesSettings(ShopSettings, env_prefix="ARTICLES_"):
    service: str = "articles"
    suggestions_batch: Flag = variable(
        "false",
        "articles gets all suggestions in one call, which ends the N+1",
        name="SUGGESTIONS_BATCH",
    )


class SuggestionsSettings(ShopSettings, env_prefix="SUGGESTIONS_"):
    service: str = "suggestions"


class UntracedSettings(ServiceSettings):
    """What watches the shop is no part of what is watched."""

    @field_validator("telemetry")
    @classmethod
    def disabled(cls, telemetry: TelemetrySettings) -> TelemetrySettings:
        return telemetry.model_copy(update={"disabled": True})


class LensSettings(UntracedSettings, env_prefix="LENS_"):
    service: str = "lens"
    otlp_port: Port = variable("4318", "port lens takes OTLP over HTTP on")
    otlp_grpc_port: Port = variable("4317", "port lens takes OTLP over gRPC on")
    sampling_port: Port = variable(
        "5778", "port lens serves sampling strategies on, or the next one if it is busy"
    )
    tail: AnyText = variable(
        "off",
        "which traces lens keeps, decided when they are over: on, off, or as in "
        "wait=5s,slow=800ms,share=0.1",
        name="LENS_TAIL_SAMPLING",
    )
    max_traces: Annotated[
        int, Text(whole(1, 10_000_000), "a whole number from 1 to 10000000 is allowed")
    ] = variable("20000", "how many traces lens keeps before it forgets the oldest")
    max_mb: Annotated[int, Text(whole(1, 1_000_000), "megabytes from 1 to 1000000 are allowed")] = (
        variable("256", "how large lens's file may grow before it forgets the oldest traces")
    )

    @property
    def also(self) -> tuple[int, ...]:
        return (self.otlp_port, self.sampling_port)

    @property
    def optional(self) -> frozenset[int]:
        return frozenset({self.sampling_port})

    @property
    def opened_alone(self) -> tuple[int, ...]:
        return (self.otlp_grpc_port,)


class ChaosSettings(UntracedSettings, env_prefix="CHAOS_"):
    service: str = "chaos"
    profile: AnyText = variable(
        "default",
        "which faults there are at the start: calm, default, realistic, or a file of faults",
        name="ACME_FAULTS",
    )
    scenarios: Folder = variable(
        "chaos/scenarios", "folder of the scenarios", name="ACME_SCENARIOS"
    )
    start_id: AnyText = variable(
        "",
        "which start of the shop this is: faults of an earlier one are forgotten; `acme up` makes "
        "one at each start",
        name="ACME_START_ID",
    )
    student_token: Secret = variable("", "what students show to the control plane", secret=True)
    default_role: Annotated[
        Literal["auto", "presenter", "student", "none"], Text(one_of(*ROLES), listed(ROLES))
    ] = variable(
        "auto",
        "who one is without a token; auto: a presenter if ACME_HOST is this machine "
        "alone, else nobody",
    )

    @property
    def anonymous_role(self) -> Role:
        if self.default_role == "auto":
            return "presenter" if is_local(self.host) else "none"
        return self.default_role


class LauncherSettings(EnvironmentSettings):
    """What `acme up` reads for itself."""

    redis_port: Port = variable(
        "16379", "port of the Redis that `acme up` starts", name="REDIS_PORT"
    )


def without_own(name: str) -> type[ShopSettings]:
    """The settings of a service that has no variables of its own."""

    class Settings(ShopSettings, env_prefix=f"{name.upper()}_"):
        service: str = name

    return Settings


OWN: dict[str, type[ServiceSettings]] = {
    kind.model_fields["service"].default: kind
    for kind in (
        FrontendSettings,
        GatewaySettings,
        AuthSettings,
        OrdersSettings,
        ShippingSettings,
        CartSettings,
        PaymentSettings,
        CatalogSettings,
        UsersSettings,
        ArticlesSettings,
        SuggestionsSettings,
        LensSettings,
        ChaosSettings,
    )
}
SETTINGS = {row.name: OWN.get(row.name) or without_own(row.name) for row in SERVICES}


def settings_for(service: str, environ: Mapping[str, str] | None = None) -> ServiceSettings:
    """The settings of a service by its name; raises SettingError for a bad value."""
    return SETTINGS[service].read(environ)
