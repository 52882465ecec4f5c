"""What is said at the start about variables that do not do what they seem to."""

import subprocess
import sys
from pathlib import Path

import opentelemetry.environment_variables as api
import opentelemetry.sdk.environment_variables as sdk
import pytest

from acme.launcher.environment import ROOT
from shared.errors import SettingError
from shared.settings import OrdersSettings
from shared.settings.notices import for_many, notices
from shared.settings.variables import VARIABLES
from shared.telemetry.provider import resource

ALL = ["orders", "cart"]
STANDARD = {
    text
    for module in (api, sdk)
    for text in vars(module).values()
    if isinstance(text, str) and text.startswith("OTEL_")
}


def lines(**environ: str) -> list[str]:
    return list(notices(environ, ["orders"]))


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("ACME_TIMOUT_MS", "ACME_TIMEOUT_MS"),
        ("OTEL_TRACES_EXPORTR", "OTEL_TRACES_EXPORTER"),
        ("OTEL_EXPORTER_OTLP_ENDPIONT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        ("ORDERS_OTEL_PROPAGATOR", "ORDERS_OTEL_PROPAGATORS"),
        ("ORDERS_FAILURE", "ORDERS_FAILURE_RATE"),
        ("AUTH_FAIL_RATE", "AUTH_FAILURE_RATE"),
        ("USERS_LATENCY", "USERS_LATENCY_MS"),
        ("LENS_MAX_TRACE", "LENS_MAX_TRACES"),
        ("CHAOS_TOKENS", "CHAOS_TOKEN"),
    ],
)
def test_a_misspelt_variable_is_named_with_the_one_that_is_meant(misspelt: str, meant: str) -> None:
    assert lines(**{misspelt: "1"}) == [f"{misspelt} is no setting; did you mean {meant}?"]


def test_a_name_of_ours_that_resembles_nothing_is_named_too() -> None:
    assert lines(ACME_QQQQQQQQQQQQQQ="1") == ["ACME_QQQQQQQQQQQQQQ is no setting"]


@pytest.mark.parametrize(
    "name",
    [
        "AUTH_SECRET",
        "AUTH_TOKEN",
        "CART_HOST",
        "SUGGESTIONS_HOST",
        "USERS_TABLE",
        "FRONTEND_HOST",
        "CHAOS_MESH_NAMESPACE",
        "REDIS_HOST",
        "MONGO_INITDB_ROOT_USERNAME",
        "ACME_BIND",
        "ACME_STACK_URL",
        "PATH",
        "ORDERS_SERVICE_HOST",
        "ORDERS_SERVICE_PORT_HTTP",
        "ORDERS_PORT_5002_TCP",
        "ORDERS_PORT_5002_TCP_ADDR",
    ],
)
def test_a_variable_of_another_program_gets_no_line(name: str) -> None:
    assert lines(**{name: "1"}) == []


def test_an_empty_variable_gets_no_line() -> None:
    assert lines(ACME_TIMOUT_MS=" ") == []


def test_what_kubernetes_says_of_a_port_is_no_port() -> None:
    environ = {"ORDERS_PORT": "tcp://10.0.0.7:5002"}

    assert lines(**environ) == []
    assert OrdersSettings.read(environ).port == 5002


@pytest.mark.parametrize("name", sorted(STANDARD - VARIABLES.keys()))
def test_a_standard_variable_that_is_not_read_is_named_as_unsupported(name: str) -> None:
    [line] = lines(**{name: "1"})

    assert line.startswith(f"{name} is not supported: ")


@pytest.mark.parametrize(
    "name",
    [
        "OTEL_CONFIG_FILE",
        "OTEL_EXPORTER_JAEGER_ENDPOINT",
        "OTEL_EXPORTER_OTLP_INSECURE",
        "ORDERS_OTEL_EXPORTER_OTLP_TRACES_INSECURE",
        "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS",
    ],
)
def test_these_are_named_as_unsupported(name: str) -> None:
    assert lines(**{name: "1"})[0].startswith(f"{name} is not supported: ")


def test_stable_conventions_are_written_and_no_others() -> None:
    assert lines(OTEL_SEMCONV_STABILITY_OPT_IN="http,database") == []
    [line] = lines(OTEL_SEMCONV_STABILITY_OPT_IN="http/dup, database")
    assert line.startswith("OTEL_SEMCONV_STABILITY_OPT_IN=http/dup is not supported")


def test_lines_about_names_come_before_the_error_about_a_value() -> None:
    said = notices({"ACME_TIMOUT_MS": "1", "ACME_TIMEOUT_MS": "never"}, ["orders"])

    assert next(said).startswith("ACME_TIMOUT_MS is no setting")
    with pytest.raises(SettingError, match="ACME_TIMEOUT_MS=never cannot be used"):
        next(said)


def test_one_name_for_all_services_is_ignored_and_named() -> None:
    environ = {
        "OTEL_SERVICE_NAME": "mine",
        "OTEL_RESOURCE_ATTRIBUTES": "team=a, service.name=mine",
        "ORDERS_OTEL_SERVICE_NAME": "own",
    }

    first, second = notices(environ, ALL)
    assert first.startswith("OTEL_SERVICE_NAME is ignored")
    assert second.startswith("service.name in OTEL_RESOURCE_ATTRIBUTES is ignored")
    assert for_many(environ) == {
        "OTEL_RESOURCE_ATTRIBUTES": "team=a",
        "ORDERS_OTEL_SERVICE_NAME": "own",
    }


def test_a_service_alone_takes_the_name_it_is_given() -> None:
    attributes = {"OTEL_RESOURCE_ATTRIBUTES": "team=a,service.name=second"}
    both = attributes | {"OTEL_SERVICE_NAME": "first"}

    assert lines(**both) == []
    assert named(both) == "first"
    assert named(attributes) == "second"
    assert named({}) == "orders"
    assert named(both | {"ORDERS_OTEL_SERVICE_NAME": "own"}) == "own"


def named(environ: dict[str, str]) -> object:
    return resource(OrdersSettings.read(environ)).attributes["service.name"]


@pytest.mark.parametrize(
    ("command", "refuses"),
    [(("acme.serve", "catalog"), "catalog cannot start: "), (("acme.cli", "up", "--run-dir"), "")],
)
def test_whoever_is_started_prints_each_line_once(
    tmp_path: Path, command: tuple[str, ...], refuses: str
) -> None:
    environ = {
        "PYTHONPATH": str(ROOT),
        "ACME_DATA": str(tmp_path),
        "ACME_TIMOUT_MS": "1",
        "ACME_LOOP": "never",
    }
    folder = [str(tmp_path / "run")] if command[-1] == "--run-dir" else []
    ended = subprocess.run(
        [sys.executable, "-m", *command, *folder],
        env=environ,
        check=False,
        capture_output=True,
        text=True,
    )

    assert ended.stderr.splitlines() == [
        "ACME_TIMOUT_MS is no setting; did you mean ACME_TIMEOUT_MS?",
        f"{refuses}ACME_LOOP=never cannot be used: auto, uvloop or asyncio is allowed",
    ]
