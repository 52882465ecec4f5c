"""The network policies of k8s/ allow what the shop needs, and nothing else."""

import shutil

import pytest

from tests.project.networked import allowed, problems
from tests.project.rendered import OVERLAYS, of_kind, pods, render

pytestmark = pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_network_policies_allow_what_the_shop_needs(overlay: str) -> None:
    assert list(problems(render(overlay))) == []


@pytest.mark.parametrize(
    ("source", "target", "port"),
    [("grafana", "mongo", 27017), ("cart", "grafana", 3000), ("mongo", "chaos", 5010)],
)
def test_the_network_policies_allow_nothing_else(source: str, target: str, port: int) -> None:
    there = {pod.name: pod for pod in pods(render("local"))}

    assert not allowed(render("local"), there[source], there[target], port)


def test_a_missing_policy_is_reported() -> None:
    manifests = list(render("local"))
    manifests.remove(of_kind(manifests, "NetworkPolicy")["lens"])

    assert list(problems(manifests)) == ["otel-collector may not reach lens:4318"]
