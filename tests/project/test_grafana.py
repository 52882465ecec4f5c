"""Grafana's data sources and dashboards, Prometheus and Jaeger's Monitor tab name what there is."""

from typing import Any

import pytest

from tests.project.collected import layered
from tests.project.composed import read_compose
from tests.project.watched import (
    SOURCES,
    dashboards,
    listening,
    made,
    of_metrics,
    of_sources,
    of_targets,
    read,
    values,
)

DASHBOARDS = dashboards()
COLLECTOR = layered("base")
CONTAINERS = read_compose()["services"]
JAEGERS = ["jaeger/config.yaml", "jaeger/production/query.yaml"]


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_names_data_sources_and_metrics_that_there_are(name: str) -> None:
    assert list(of_sources(read(SOURCES), DASHBOARDS[name])) == []
    assert list(of_metrics(COLLECTOR, DASHBOARDS[name])) == []


@pytest.mark.parametrize("name", DASHBOARDS)
def test_the_panels_of_a_dashboard_have_ids_of_their_own(name: str) -> None:
    ids = [panel["id"] for panel in DASHBOARDS[name]["panels"]]

    assert len(ids) == len(set(ids))


def test_dashboards_have_uids_of_their_own() -> None:
    uids = {board["uid"] for board in DASHBOARDS.values()}

    assert len(uids) == len(DASHBOARDS) >= 2


def test_the_data_sources_name_each_other_and_metrics_that_there_are() -> None:
    assert list(of_sources(read(SOURCES), read(SOURCES))) == []
    assert list(of_metrics(COLLECTOR, read(SOURCES))) == []


def test_the_data_sources_are_containers() -> None:
    hosts = {source["url"].split("/")[2].split(":")[0] for source in read(SOURCES)["datasources"]}

    assert hosts <= CONTAINERS.keys()


def test_prometheus_asks_containers_on_the_ports_where_they_tell() -> None:
    scraping = read("prometheus/prometheus.yaml")

    assert list(of_targets(scraping, listening(COLLECTOR), CONTAINERS)) == []


def test_the_rules_read_metrics_that_there_are_and_no_two_have_one_name() -> None:
    rules = [rule for group in read("prometheus/rules.yaml")["groups"] for rule in group["rules"]]
    names = [rule.get("alert") or rule["record"] for rule in rules]

    assert list(of_metrics(COLLECTOR, {"rules": rules})) == []
    assert len(names) == len(set(names)) >= 8


def test_the_boards_rates_errors_and_durations_are_those_that_services_measure() -> None:
    panels = {panel["title"]: panel for panel in DASHBOARDS["health"]["panels"]}
    for title in ("Requests per second", "Share of requests that failed", "By route"):
        queries = list(values(panels[title], "expr"))
        assert queries
        assert all("http_server_request_duration_seconds" in query for query in queries)


@pytest.mark.parametrize("name", JAEGERS)
def test_the_monitor_tab_reads_the_metrics_that_the_collector_makes(name: str) -> None:
    spans = COLLECTOR["connectors"]["span_metrics"]
    (red,) = (backend["prometheus"] for backend in values(read(name), "red"))

    assert red["metric_namespace"] == spans["namespace"].replace(".", "_")
    assert red["latency_unit"] == spans["histogram"]["unit"]


def test_both_pages_of_jaeger_have_the_same_menu() -> None:
    assert read("jaeger/ui.json") == read("jaeger/production/ui.json")


@pytest.mark.parametrize(
    "content",
    [
        {"panels": [{"datasource": {"uid": "mimir"}}]},
        {"jsonData": {"serviceMap": {"datasourceUid": "mimir"}}},
    ],
    ids=["dashboard", "data source"],
)
def test_a_data_source_that_is_not_there_is_reported(content: dict[str, Any]) -> None:
    assert list(of_sources(read(SOURCES), content)) == ["there is no data source mimir"]


def test_a_metric_that_nobody_makes_is_reported() -> None:
    content = {"targets": [{"expr": "rate(traces_spanmetrics_call_total[5m])"}]}

    problem = ["neither the collector nor a service makes traces_spanmetrics_call_total"]
    assert list(of_metrics(COLLECTOR, content)) == problem


def test_a_metric_that_no_service_measures_is_reported() -> None:
    content = {"targets": [{"expr": "rate(acmeshop_orders_lost_total[5m])"}]}

    problem = ["neither the collector nor a service makes acmeshop_orders_lost_total"]
    assert list(of_metrics(COLLECTOR, content)) == problem


def test_another_unit_or_namespace_changes_what_is_made() -> None:
    changed = {"namespace": "shop.spans", "histogram": {"unit": "ms"}}
    names = made({**COLLECTOR, "connectors": {"span_metrics": changed}})

    assert "shop_spans_duration_milliseconds_bucket" in names
    assert "traces_spanmetrics_calls_total" not in names


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("otelcol:8889", "otelcol:8889: there is no container otelcol"),
        ("tempo:9090", "tempo:9090: tempo serves its metrics on 3200"),
    ],
)
def test_a_target_of_prometheus_that_nobody_listens_on_is_reported(
    target: str, problem: str
) -> None:
    scraping = {"scrape_configs": [{"static_configs": [{"targets": [target]}]}]}

    assert list(of_targets(scraping, listening(COLLECTOR), CONTAINERS)) == [problem]
