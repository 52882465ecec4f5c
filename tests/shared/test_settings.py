from dataclasses import replace

import pytest
from pydantic import ValidationError

from shared.errors import SettingError
from shared.settings import (
    SETTINGS,
    AuthSettings,
    CartSettings,
    ChaosSettings,
    FrontendSettings,
    GatewaySettings,
    OrdersSettings,
    UsersSettings,
    settings_for,
)
from shared.settings.environment import variables_of
from shared.settings.variables import KINDS, VARIABLES, readers_of
from shared.topology import BY_NAME


def test_without_an_environment_everything_has_its_default() -> None:
    settings = AuthSettings.read({})

    assert (settings.host, settings.port) == ("127.0.0.1", 5001)
    assert settings.failure_rate is None
    assert settings.urls["orders"] == "http://127.0.0.1:5002"
    assert settings.telemetry.traces.endpoint == "http://127.0.0.1:4318/v1/traces"


def test_an_empty_variable_is_no_variable() -> None:
    assert AuthSettings.read({"AUTH_PORT": " "}).port == 5001


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("AUTH_FAILURE_RATE", "30", "a number from 0 to 1 is allowed"),
        ("AUTH_FAILURE_RATE", "nan", "a number from 0 to 1 is allowed"),
        ("AUTH_LATENCY_MS", "-1", "milliseconds from 0 to 60000 are allowed"),
        ("AUTH_PORT", "0", "a port from 1 to 65535 is allowed"),
        ("AUTH_PORT", "http", "a port from 1 to 65535 is allowed"),
        ("ORDERS_URL", "orders:5002", "an http:// or https:// address is allowed"),
        ("OTEL_TRACES_SAMPLER", "sometimes", "always_on, always_off,"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "foo", "an http:// or https:// address is allowed"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://x:99999", "an http:// or https:// address"),
        ("TRACING_BACKEND_URL", "foo", "host:port is allowed"),
        ("AUTH_OTEL_PROPAGATORS", "ot", "a list of tracecontext,"),
        ("OTEL_PROPAGATORS", "b3,ot", "a list of tracecontext,"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team", "a list like key=value,key=value is allowed"),
        ("ACME_ACCESS_LOG", "maybe", "true or false is allowed"),
        ("ACME_SEED", "4.2", "a whole number from 0 to"),
    ],
)
def test_a_value_that_is_not_allowed_is_named_with_its_variable(
    variable: str, value: str, allowed: str
) -> None:
    with pytest.raises(SettingError) as caught:
        AuthSettings.read({variable: value})

    message = str(caught.value)
    assert message.startswith(f"{variable}={value} cannot be used: {allowed}")
    assert "\n" not in message


def test_a_service_reads_only_its_own_rate() -> None:
    environ = {"AUTH_FAILURE_RATE": "0.5", "ORDERS_FAILURE_RATE": "0.1"}

    assert AuthSettings.read(environ).failure_rate == 0.5
    assert OrdersSettings.read(environ).failure_rate == 0.1


def test_standard_variables_win_over_the_shops_own() -> None:
    environ = {
        "TRACING_BACKEND_URL": "tempo:4317",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318/",
    }

    telemetry = OrdersSettings.read(environ).telemetry

    assert (telemetry.traces.protocol, telemetry.traces.endpoint) == (
        "http/protobuf",
        "http://collector:4318/v1/traces",
    )


def test_one_variable_sends_one_service_to_another_backend() -> None:
    telemetry = OrdersSettings.read({"TRACING_BACKEND_URL": "tempo:4317"}).telemetry

    assert (telemetry.traces.protocol, telemetry.traces.endpoint) == ("grpc", "http://tempo:4317")


def test_a_variable_for_one_service_counts_before_one_for_all() -> None:
    environ = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318",
        "ORDERS_TRACING_BACKEND_URL": "tempo:4317",
    }

    orders, cart = (settings_for(name, environ).telemetry for name in ("orders", "cart"))

    assert (orders.traces.protocol, orders.traces.endpoint) == ("grpc", "http://tempo:4317")
    assert (cart.traces.protocol, cart.traces.endpoint) == (
        "http/protobuf",
        "http://collector:4318/v1/traces",
    )
    assert orders.logs is not None
    assert orders.logs.endpoint == "http://collector:4318/v1/logs"
    assert cart.logs == orders.logs


@pytest.mark.parametrize("general", ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "TRACING_BACKEND_URL"])
def test_an_endpoint_of_one_service_counts_before_any_for_all(general: str) -> None:
    environ = {
        general: "http://everybody:4317",
        "ORDERS_OTEL_EXPORTER_OTLP_ENDPOINT": "http://own:4318",
    }

    telemetry = OrdersSettings.read(environ).telemetry

    assert (telemetry.traces.protocol, telemetry.traces.endpoint) == (
        "http/protobuf",
        "http://own:4318/v1/traces",
    )


def test_log_lines_go_over_grpc_when_everything_does() -> None:
    environ = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
        "ORDERS_TRACING_BACKEND_URL": "tempo:4317",
    }

    telemetry = OrdersSettings.read(environ).telemetry

    assert telemetry.traces.endpoint == "http://tempo:4317"
    assert telemetry.logs is not None
    assert (telemetry.logs.protocol, telemetry.logs.endpoint) == ("grpc", "http://collector:4317")


def test_a_traces_endpoint_is_used_as_it_is() -> None:
    environ = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector/here"}

    assert OrdersSettings.read(environ).telemetry.traces.endpoint == "http://collector/here"


def test_telemetry_follows_lens_to_another_port() -> None:
    telemetry = OrdersSettings.read({"LENS_OTLP_PORT": "14318"}).telemetry

    assert telemetry.traces.endpoint == "http://127.0.0.1:14318/v1/traces"


def test_a_variable_of_telemetry_may_be_meant_for_one_service() -> None:
    environ = {"OTEL_PROPAGATORS": "tracecontext", "ORDERS_OTEL_PROPAGATORS": "b3,tracecontext"}

    assert OrdersSettings.read(environ).telemetry.propagators == ("b3", "tracecontext")
    assert AuthSettings.read(environ).telemetry.propagators == ("tracecontext",)


def test_an_empty_variable_of_one_service_leaves_it_the_one_for_all() -> None:
    environ = {"OTEL_PROPAGATORS": "b3", "ORDERS_OTEL_PROPAGATORS": " "}

    assert OrdersSettings.read(environ).telemetry.propagators == ("b3",)


def test_values_of_lists_may_be_percent_encoded() -> None:
    settings = AuthSettings.read({"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Basic%20abc"})

    assert settings.telemetry.traces.headers == {"authorization": "Basic abc"}


@pytest.mark.parametrize(
    ("variable", "value"),
    [("REDIS_URL", "http://:opensesame@host"), ("MONGO_URL", "mongo://u:opensesame@host")],
)
def test_a_secret_that_cannot_be_used_is_not_repeated(variable: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"^{variable} cannot be used: a ") as caught:
        CartSettings.read({variable: value})

    assert "opensesame" not in str(caught.value)


def test_settings_do_not_show_their_secrets() -> None:
    secrets = {
        "DEMO_PASSWORD": "opensesame",
        "MONGO_URL": "mongodb://u:opensesame@host",
        "REDIS_URL": "redis://:opensesame@host",
    }

    assert "opensesame" not in repr(UsersSettings.read(secrets))


def test_trace_links_are_addresses_with_a_place_for_the_trace() -> None:
    links = "Jaeger=http://host:16686/trace/{trace_id},Grafana=http://host:3000/t?id={trace_id}"

    assert FrontendSettings.read({"FRONTEND_TRACE_LINKS": links}).trace_links == {
        "Jaeger": "http://host:16686/trace/{trace_id}",
        "Grafana": "http://host:3000/t?id={trace_id}",
    }
    with pytest.raises(SettingError, match="FRONTEND_TRACE_LINKS"):
        FrontendSettings.read({"FRONTEND_TRACE_LINKS": "Jaeger=http://host/"})


@pytest.mark.parametrize(
    ("links", "wanted", "drawn"),
    [
        ("", "", True),
        ("Jaeger=http://host/trace/{trace_id}", "", False),
        ("Jaeger=http://host/trace/{trace_id}", "true", True),
        ("", "false", False),
    ],
)
def test_pages_draw_traces_unless_they_are_kept_elsewhere_or_it_is_set(
    links: str, wanted: str, *, drawn: bool
) -> None:
    environ = {"FRONTEND_TRACE_LINKS": links, "FRONTEND_DRAW_TRACES": wanted}

    assert FrontendSettings.read(environ).draws_traces == drawn


def test_a_browser_may_find_a_service_elsewhere_than_the_others_do() -> None:
    environ = {"LENS_URL": "http://lens:16686", "LENS_PUBLIC_URL": "http://localhost:16680/"}

    settings = FrontendSettings.read(environ)

    assert (settings.urls["lens"], settings.public_urls["lens"]) == (
        "http://lens:16686",
        "http://localhost:16680",
    )
    assert settings.public_urls["gateway"] == settings.urls["gateway"]


@pytest.mark.parametrize(
    ("host", "role", "trusted"),
    [
        ("127.0.0.1", "presenter", True),
        ("::1", "presenter", True),
        ("localhost", "presenter", True),
        ("0.0.0.0", "none", False),  # noqa: S104
        ("10.1.2.3", "none", False),
    ],
)
def test_who_is_trusted_depends_on_who_can_reach_the_shop(
    host: str, role: str, *, trusted: bool
) -> None:
    environ = {"ACME_HOST": host}

    assert ChaosSettings.read(environ).anonymous_role == role
    assert GatewaySettings.read(environ).trusts_baggage == trusted


def test_who_is_trusted_can_be_set() -> None:
    environ = {"CHAOS_DEFAULT_ROLE": "student", "ACME_REQUEST_FAULTS": "off"}

    assert ChaosSettings.read(environ).anonymous_role == "student"
    assert not GatewaySettings.read(environ).trusts_baggage


def test_settings_know_which_variables_were_given() -> None:
    given = AuthSettings.read({"AUTH_FAILURE_RATE": "0", "AUTH_PORT": " ", "PATH": "/"}).given

    assert given == {"AUTH_FAILURE_RATE"}


@pytest.mark.parametrize("variable", ["CHAOS_TOKEN", "CHAOS_STUDENT_TOKEN"])
def test_a_token_is_repeated_nowhere(variable: str) -> None:
    assert "s3cret" not in repr(ChaosSettings.read({variable: "s3cret"}))
    with pytest.raises(SettingError) as caught:
        ChaosSettings.read({variable: "s3cret, s3cret"})

    assert "s3cret" not in str(caught.value)
    assert str(caught.value).startswith(f"{variable} cannot be used")


def test_every_service_has_a_class_of_its_own() -> None:
    assert SETTINGS.keys() == BY_NAME.keys()
    assert all(settings_for(name, {}).port == row.port for name, row in BY_NAME.items())


def test_a_service_reads_its_own_variables_and_no_others() -> None:
    assert readers_of("ACME_TIMEOUT_MS") == list(BY_NAME)
    assert readers_of("ORDERS_RECOVERY_SECONDS") == ["orders", "payment"]
    assert readers_of("CHAOS_STUDENT_TOKEN") == ["chaos"]
    assert readers_of("LENS_MAX_MB") == ["lens"]
    assert readers_of("AUTH_FAILURE_RATE") == ["auth"]
    assert OrdersSettings.read({"LENS_MAX_MB": "much"}) == OrdersSettings.read({})


def test_a_variable_that_several_read_is_the_same_for_all() -> None:
    for kind in KINDS:
        for variable in variables_of(kind):
            shared = VARIABLES[variable.name]
            assert replace(variable, place=(), in_group=False) == replace(
                shared, place=(), in_group=False
            )


def test_settings_cannot_be_changed() -> None:
    settings = OrdersSettings.read({})

    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1
    with pytest.raises(ValidationError, match="frozen"):
        settings.telemetry.sampler = "always_off"


def test_settings_made_by_hand_never_look_at_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ORDERS_PORT", "1")
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")

    assert OrdersSettings() == OrdersSettings.read({})
    assert OrdersSettings.read().port == 1


def test_what_watches_the_shop_is_not_traced() -> None:
    assert settings_for("lens", {}).telemetry.disabled
    assert settings_for("chaos", {"OTEL_SDK_DISABLED": "false"}).telemetry.disabled
