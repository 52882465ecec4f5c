"""docker-compose.yml says the same as the table of services, keeps to its budget, and names only
settings that there are.
"""

import shutil
import subprocess
from copy import deepcopy
from typing import Any

import pytest

from scripts.tables import ROOT
from tests.project.composed import filled, memory, problems, read_compose, read_defaults, started

COMPOSED, DEFAULTS = read_compose(), read_defaults()
BUDGETS = [
    ({"ACME_TRACES": "jaeger"}, 2560),
    ({"ACME_TRACES": "both"}, 3276),
    ({"ACME_TRACES": "jaeger", "ACME_SHOP": "compact", "ACME_STORES": "sqlite"}, 1433),
]


@pytest.fixture
def composed() -> dict[str, Any]:
    return deepcopy(COMPOSED)


def test_every_service_has_its_entry_and_nothing_is_wrong_with_any() -> None:
    found = list(problems(COMPOSED))

    assert not found, "\n".join(found)


@pytest.mark.parametrize(("chosen", "most"), BUDGETS, ids=str)
def test_the_limits_of_memory_keep_to_the_budget(chosen: dict[str, str], most: int) -> None:
    assert memory(started(COMPOSED, DEFAULTS | chosen)) <= most


@pytest.mark.parametrize("traces", ["jaeger", "tempo", "both", "lens", "none"])
@pytest.mark.parametrize("stores", ["mongo", "sqlite"])
def test_every_choice_has_its_files(traces: str, stores: str) -> None:
    chosen = DEFAULTS | {"ACME_TRACES": traces, "ACME_STORES": stores}
    entries = started(COMPOSED, chosen)
    files = [filled(name, chosen) for one in entries.values() for name in one.get("env_file", ())]
    configured = [
        filled(argument.removeprefix("--config=/etc/otelcol/"), chosen)
        for argument in entries.get("otel-collector", {}).get("command", ())
    ]

    assert [name for name in files if not (ROOT / name).is_file()] == []
    assert [n for n in configured if not (ROOT / "observability/collector" / n).is_file()] == []


def test_both_ways_to_run_the_shop_have_all_its_services() -> None:
    compact = COMPOSED["services"]["shop"]
    separate = started(COMPOSED, DEFAULTS)

    assert set(compact["command"][4:]) == {n for n, e in separate.items() if "build" in e} - {
        "lens"
    }


def test_a_missing_service_is_reported(composed: dict[str, Any]) -> None:
    del composed["services"]["payment"]

    assert "payment has no entry in docker-compose.yml" in problems(composed)


def test_a_health_check_of_another_port_is_reported(composed: dict[str, Any]) -> None:
    composed["services"]["cart"]["healthcheck"] = {"test": ["CMD", "http://127.0.0.1:1/readyz"]}

    problem = "cart: its health check asks http://127.0.0.1:1/readyz, not port 5004"
    assert problem in problems(composed)


def test_a_limit_over_the_budget_is_found(composed: dict[str, Any]) -> None:
    composed["services"]["jaeger"]["mem_limit"] = "1g"

    assert memory(started(composed, DEFAULTS | {"ACME_TRACES": "jaeger"})) > 2560


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"environment": {"AUTH_FAILUR_RATE": "1"}}, "auth: no service reads AUTH_FAILUR_RATE"),
        ({"mem_limit": "${ACME_MEMORY}"}, "auth: ${ACME_MEMORY} is no setting"),
        ({"ports": ["5001:5001"]}, "auth: publishes 5001:5001 to more than ACME_BIND"),
        (
            {"depends_on": {"jaeger": {}}},
            "auth: waits for jaeger; the shop waits for its stores only",
        ),
        ({"cap_drop": []}, "auth: keeps privileges that it does not need"),
        ({"read_only": False}, "auth: may write to its root"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_container_is_reported(
    composed: dict[str, Any], change: dict[str, Any], problem: str
) -> None:
    composed["services"]["auth"].update(change)

    assert problem in problems(composed)


def compose(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        ["docker", "compose", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_compose_itself_takes_the_file() -> None:
    if not shutil.which("docker") or compose("version")[0]:
        pytest.skip("docker compose is not installed")

    assert compose("config", "--quiet") == (0, "")
