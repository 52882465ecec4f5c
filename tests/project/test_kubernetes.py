"""k8s/ renders to manifests that an API server would take, that say the same as the table of
services, and that name only what there is.
"""

import re
import shutil
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from kubernetes_validate import utils

from scripts.tables import ROOT
from shared.topology import SERVICES
from tests.project import collected
from tests.project.kubernetes import memory, of_schema, problems
from tests.project.rendered import OVERLAYS, Manifest, arguments, configured, of_kind, pods, render

pytestmark = pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
OLDEST = "1.31"  # a later version of Kubernetes takes what this one takes
# MiB: with its eleven services, chaos and lens, `local` fits a node of 4 GiB. Each service that is
# added may have as much as the others.
OF_A_SERVICE, OF_THE_REST = 128, 1920
BUDGET = OF_THE_REST + OF_A_SERVICE * len(SERVICES)


@pytest.fixture
def manifests() -> list[Manifest]:
    return deepcopy(render("local"))


@pytest.fixture
def auth(manifests: list[Manifest]) -> Manifest:
    template = of_kind(manifests, "Deployment")["auth"]["spec"]["template"]
    return cast("Manifest", template["spec"]["containers"][0])


def test_every_object_is_one_that_kubernetes_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    # Else the library reads its largest file anew for each object.
    monkeypatch.setattr(utils, "schema_contents", cache(utils.schema_contents))
    distinct = {yaml.safe_dump(one): one for overlay in OVERLAYS for one in render(overlay)}

    assert list(of_schema(distinct.values(), OLDEST)) == []


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_nothing_is_wrong_with_any_object(overlay: str) -> None:
    found = list(problems(render(overlay)))

    assert not found, "\n".join(found)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_collector_has_layers_that_hang_together(overlay: str) -> None:
    for pod in pods(render(overlay)):
        if pod.name.startswith("otel-"):
            layers = [Path(argument).stem for argument in arguments(pod)]
            assert list(collected.problems(collected.layered(*layers))) == []


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_target_of_prometheus_is_a_service_with_that_port(overlay: str) -> None:
    there = {pod.name: pod for pod in pods(render(overlay))}
    services = of_kind(render(overlay), "Service")
    (text,) = configured(there["prometheus"], render(overlay)).values()
    targets = [
        (name, discovery["port"])
        for job in yaml.safe_load(text)["scrape_configs"]
        for discovery in job.get("dns_sd_configs", ())
        for name in discovery["names"]
    ] + [(name, int(port)) for name, port in re.findall(r"([a-z-]+):(\d+)\]", text)]

    for name, port in targets:
        if name in services or name not in {"jaeger", "tempo"}:  # backends that one may leave out
            assert port in {one["port"] for one in services[name]["spec"]["ports"]}


def test_every_overlay_is_checked_and_documented() -> None:
    folders = {path.name for path in (ROOT / "k8s/overlays").iterdir()}
    page = (ROOT / "docs/kubernetes.md").read_text()

    assert folders == set(OVERLAYS)
    assert {name for name in folders if f"| `{name}` |" not in page} == set()
    assert set(re.findall(r"k8s/overlays/([\w-]+)", page)) <= folders


def test_a_laptop_is_large_enough_for_the_local_overlay() -> None:
    assert memory(render("local")) <= BUDGET


def test_a_raised_limit_is_found(manifests: list[Manifest], auth: Manifest) -> None:
    auth["resources"]["limits"]["memory"] = "512Mi"

    assert memory(manifests) > BUDGET


def test_a_misspelt_key_of_a_probe_is_reported(manifests: list[Manifest], auth: Manifest) -> None:
    auth["readinessProbe"]["periodSecond"] = auth["readinessProbe"].pop("periodSeconds")

    (problem,) = of_schema([of_kind(manifests, "Deployment")["auth"]], OLDEST)
    assert problem.startswith("Deployment auth: ")
    assert "'periodSecond' was unexpected" in problem


def test_a_missing_service_is_reported(manifests: list[Manifest]) -> None:
    manifests.remove(of_kind(manifests, "Deployment")["payment"])

    assert "payment has no Deployment" in problems(manifests)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"env": [{"name": "AUTH_FAILUR_RATE"}]}, "auth: no service reads AUTH_FAILUR_RATE"),
        ({"env": [{"name": "CART_URL", "value": "x"}]}, "auth: finds cart at x"),
        ({"args": ["acme.serve", "cart"]}, "auth: its arguments are ['acme.serve', 'cart']"),
        ({"image": "acmeshop:latest"}, "auth: the tag of acmeshop:latest is not pinned"),
        ({"resources": {"limits": {}}}, "auth: has no limit of memory"),
        ({"readinessProbe": {}}, "auth: its readinessProbe asks None, not /readyz"),
        ({"securityContext": {}}, "auth: keeps capabilities"),
        ({"envFrom": [{"configMapRef": {"name": "x"}}]}, "auth: there is no config map x"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_container_is_reported(
    manifests: list[Manifest], auth: Manifest, change: dict[str, Any], problem: str
) -> None:
    auth.update(change)

    assert problem in problems(manifests)


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("PodDisruptionBudget", "auth: all its pods may be taken away at once"),
        ("HorizontalPodAutoscaler", "auth: a node with its only pod could never be emptied"),
    ],
)
def test_copies_without_a_budget_and_budgets_without_copies_are_reported(
    kind: str, problem: str
) -> None:
    manifests = deepcopy(render("production"))
    manifests.remove(of_kind(manifests, kind)["auth"])

    assert problem in problems(manifests)


def test_a_variable_that_a_file_of_configuration_misses_is_reported() -> None:
    manifests = deepcopy(render("production"))
    (outside,) = [m for name, m in of_kind(manifests, "ConfigMap").items() if "outside" in name]
    del outside["data"]["S3_BUCKET"]

    assert "tempo: tempo.yaml wants S3_BUCKET, which is not set" in problems(manifests)
