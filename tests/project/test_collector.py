"""Every choice of the collector's layers makes a configuration that hangs together."""

from itertools import product

import pytest

from tests.project.collected import layered, problems

CHOICES = list(product(["jaeger", "tempo", "both"], ["all", "tail"], ["none", "loki"]))


def chosen(backend: str, sampling: str, logs: str) -> tuple[str, ...]:
    return "base", f"backend-{backend}", f"sampling-{sampling}", f"logs-{logs}", "lens"


@pytest.mark.parametrize("choice", CHOICES, ids="-".join)
def test_every_choice_hangs_together(choice: tuple[str, str, str]) -> None:
    assert list(problems(layered(*chosen(*choice)))) == []


@pytest.mark.parametrize("choice", CHOICES, ids="-".join)
def test_each_backend_has_a_queue_of_its_own(choice: tuple[str, str, str]) -> None:
    config = layered(*chosen(*choice))
    ways = [
        pipeline["exporters"]
        for name, pipeline in config["service"]["pipelines"].items()
        if name.startswith("traces/") and "forward/kept" in pipeline["receivers"]
    ]

    assert all(len(exporters) == 1 for exporters in ways)
    assert all("sending_queue" in config["exporters"][way[0]] for way in ways)


@pytest.mark.parametrize("choice", CHOICES, ids="-".join)
def test_metrics_are_made_of_all_spans_and_not_of_the_sampled_ones(
    choice: tuple[str, str, str],
) -> None:
    pipelines = layered(*chosen(*choice))["service"]["pipelines"]

    assert {"span_metrics", "service_graph"} <= set(pipelines["traces/in"]["exporters"])
    assert "tail_sampling" not in pipelines["traces/in"]["processors"]


def test_metrics_of_the_services_reach_prometheus_with_their_exemplars() -> None:
    config = layered("base")
    pipeline = config["service"]["pipelines"]["metrics"]

    assert "otlp" in pipeline["receivers"]
    assert pipeline["exporters"] == ["prometheus"]
    assert config["exporters"]["prometheus"]["enable_open_metrics"]


def test_the_first_tier_passes_on_whatever_the_services_send() -> None:
    config = layered("balance", "logs-none")

    assert list(problems(config)) == []
    assert {"traces", "metrics", "logs"} <= config["service"]["pipelines"].keys()


def test_an_exporter_that_is_not_there_is_reported() -> None:
    config = layered(*chosen("both", "all", "none"))
    del config["exporters"]["otlp_grpc/tempo"]

    assert list(problems(config)) == [
        "traces/tempo: there is no otlp_grpc/tempo among the exporters"
    ]


def test_a_connector_that_leads_nowhere_is_reported() -> None:
    config = layered("base", "sampling-all", "logs-none")

    assert list(problems(config)) == ["forward/kept: no pipeline has it among its receivers"]
