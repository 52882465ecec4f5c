"""Sampling strategies in lens: served as by Jaeger, edited over HTTP and on a page, and kept."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from lens.app import Options, create_app, open_store
from lens.domain.strategies import Strategies
from lens.store.strategies import StrategyStore

ROOT = Path(__file__).parents[2]
PAGES, SAMPLERS = 16686, 5778
QUARTER = {"type": "probabilistic", "param": 0.25}
FIVE = {"type": "ratelimiting", "param": 5}


class Open(Protocol):
    def __call__(self, port: int = PAGES) -> AbstractAsyncContextManager[httpx.AsyncClient]: ...


@pytest.fixture
def lens(tmp_path: Path) -> Open:
    """lens over the same folder, as if started anew each time."""

    @asynccontextmanager
    async def opened(port: int = PAGES) -> AsyncIterator[httpx.AsyncClient]:
        options = Options(data=tmp_path, sampling_port=SAMPLERS)
        store = open_store(options)
        transport = httpx.ASGITransport(create_app(store, options))
        base = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            yield client
        store.close()

    return opened


def strategies(**services: dict[str, Any]) -> Strategies:
    rows = [{"service": name, **one} for name, one in services.items()]
    return Strategies.model_validate({"service_strategies": rows})


@pytest.mark.parametrize(
    ("strategy", "answer"),
    [
        (
            QUARTER,
            {"strategyType": "PROBABILISTIC", "probabilisticSampling": {"samplingRate": 0.25}},
        ),
        (
            FIVE,
            {"strategyType": "RATE_LIMITING", "rateLimitingSampling": {"maxTracesPerSecond": 5}},
        ),
        (
            QUARTER | {"operation_strategies": [{"operation": "GET /", "param": 1}]},
            {
                "strategyType": "PROBABILISTIC",
                "probabilisticSampling": {"samplingRate": 0.25},
                "operationSampling": {
                    "defaultSamplingProbability": 0.25,
                    "defaultLowerBoundTracesPerSecond": 0,
                    "perOperationStrategies": [
                        {"operation": "GET /", "probabilisticSampling": {"samplingRate": 1}}
                    ],
                    "defaultUpperBoundTracesPerSecond": 0,
                },
            },
        ),
    ],
    ids=["share", "rate", "operations"],
)
def test_a_strategy_is_answered_as_jaeger_does(
    strategy: dict[str, Any], answer: dict[str, Any]
) -> None:
    assert strategies(orders=strategy).answer("orders") == answer


def test_the_operations_of_the_default_hold_for_services_without_a_rate_limit() -> None:
    default = QUARTER | {"operation_strategies": [{"operation": "GET /", "param": 1}]}
    rows = [{"service": "orders", "type": "probabilistic", "param": 0.5}]
    rows.append({"service": "cart"} | FIVE)
    found = Strategies.model_validate({"default_strategy": default, "service_strategies": rows})
    operations = found.answer("orders")["operationSampling"]
    assert operations["defaultSamplingProbability"] == 0.5
    assert [one["operation"] for one in operations["perOperationStrategies"]] == ["GET /"]
    assert "operationSampling" not in found.answer("cart")


@pytest.mark.parametrize(
    ("strategy", "sentence"),
    [
        (QUARTER | {"param": 25}, "25 is no probability from 0 to 1; 0.25 is 25 %"),
        (QUARTER | {"param": 250}, "250 is no probability from 0 to 1"),
        (QUARTER | {"param": -1}, "param: Input should be greater than or equal to 0"),
        (FIVE | {"param": 2.5}, "2.5 is no whole number of traces per second"),
        (QUARTER | {"parm": 1}, "parm: Extra inputs are not permitted"),
        ({"type": "const", "param": 1}, "type: Input should be 'probabilistic' or 'ratelimiting'"),
        (
            FIVE | {"operation_strategies": [{"operation": "GET /", "param": 1}]},
            "operations have probabilities, beside which a rate limit has no say",
        ),
        (
            QUARTER | {"operation_strategies": [{"operation": "GET /", "param": 1}] * 2},
            "the operation GET / is there twice",
        ),
    ],
)
async def test_what_cannot_be_a_strategy_is_one_sentence(
    lens: Open, strategy: dict[str, Any], sentence: str
) -> None:
    async with lens() as client:
        refused = await client.put("/lens/api/sampling/services/orders", json=strategy)
        assert refused.status_code == 400
        assert refused.json()["detail"].endswith(sentence)
        assert (await client.get("/lens/api/sampling")).json()["service_strategies"] == []


async def test_an_edit_is_served_on_the_port_for_samplers_and_kept_over_a_restart(
    lens: Open,
) -> None:
    async with lens() as client:
        assert (
            await client.put("/lens/api/sampling/services/orders", json=QUARTER)
        ).status_code == 200
    async with lens(SAMPLERS) as client:
        answered = await client.get("/sampling", params={"service": "orders"})
        legacy = await client.get("/", params={"service": "orders"})
        other = await client.get("/sampling", params={"service": "cart"})
        nobody = await client.get("/sampling")
    share = {"probabilisticSampling": {"samplingRate": 0.25}}
    assert answered.json() == {"strategyType": "PROBABILISTIC"} | share
    assert legacy.json() == {"strategyType": 0} | share
    assert other.json()["probabilisticSampling"] == {"samplingRate": 1}
    assert (nobody.status_code, nobody.text) == (400, "'service' parameter must be provided once")


async def test_a_service_is_left_to_the_strategy_of_all_others_again(lens: Open) -> None:
    async with lens() as client:
        await client.put("/lens/api/sampling/default", json=FIVE)
        await client.put("/lens/api/sampling/services/orders", json=QUARTER)
        removed = await client.delete("/lens/api/sampling/services/orders")
        assert removed.json() == {"default_strategy": FIVE, "service_strategies": []}
        again = await client.delete("/lens/api/sampling/services/orders")
        assert (again.status_code, again.json()["detail"]) == (
            404,
            "orders has no strategy of its own",
        )


async def test_the_file_is_the_one_that_jaeger_reads_in_both_directions(
    lens: Open, tmp_path: Path
) -> None:
    jaegers = json.loads((ROOT / "observability" / "jaeger" / "sampling.json").read_text())
    async with lens() as client:
        assert (await client.put("/lens/api/sampling", json=jaegers)).json() == jaegers
        await client.put("/lens/api/sampling/services/orders", json=QUARTER)
        file = (await client.get("/lens/api/sampling/file")).json()
    assert file == jaegers | {"service_strategies": [{"service": "orders", **QUARTER}]}
    assert json.loads((tmp_path / "sampling.json").read_text()) == file


async def test_another_sites_page_cannot_edit(lens: Open) -> None:
    foreign = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    form = {"service": "orders", "type": "probabilistic", "param": "0", "do": "save"}
    async with lens() as client:
        sent = await client.post("/sampling", data=form, headers=foreign)
        put = await client.put("/lens/api/sampling/default", json=FIVE, headers=foreign)
        assert (sent.status_code, put.status_code) == (403, 403)
        assert "every trace" in (await client.get("/sampling")).text


@pytest.mark.parametrize(
    ("content", "reason"),
    [("{", "Invalid JSON"), ('{"default_strategy": {"type": "const", "param": 1}}', "type")],
)
def test_a_file_that_makes_no_sense_is_said_and_left_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str, reason: str
) -> None:
    file = tmp_path / "sampling.json"
    file.write_text(content)
    with caplog.at_level(logging.WARNING):
        store = StrategyStore(file)
    assert store.current == Strategies()
    (line,) = caplog.messages
    assert f"{file} is not used, every trace is recorded: " in line
    assert reason in line
    assert file.read_text() == content


async def test_the_page_edits_services_and_operations_and_says_who_polls(lens: Open) -> None:
    async with lens() as client:

        async def send(**form: str) -> httpx.Response:
            return await client.post("/sampling", data=form)

        saved = await send(service="orders", type="probabilistic", param="0,25", do="save")
        assert (saved.status_code, saved.headers["location"]) == (303, "/sampling?saved=orders")
        await send(service="orders", operation="GET /x", param="1", do="save operation")
        await client.get("/api/sampling", params={"service": "bakery"})
        page = (await client.get("/sampling?saved=orders")).text
        for text in ("25 % of the traces", "GET /x", "polled just now", "Saved for orders"):
            assert text in page
        found = (await client.get("/lens/api/sampling")).json()["service_strategies"]
        (row,) = found
        assert (row["param"], row["operation_strategies"][0]["param"]) == (0.25, 1)
        await send(service="orders", operation="GET /x", do="remove operation")
        await send(service="orders", do="remove")
        assert (await client.get("/lens/api/sampling")).json()["service_strategies"] == []


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"type": "probabilistic", "param": "many", "do": "save"}, "“many” is not a number"),
        ({"type": "probabilistic", "param": "nan", "do": "save"}, "finite number"),
        ({"type": "ratelimiting", "param": "1.5", "do": "save"}, "1.5 is no whole number"),
        ({"operation": "", "param": "1", "do": "save operation"}, "operation"),
        ({"type": "probabilistic", "param": "1"}, "the form does not say what to do"),
    ],
)
async def test_the_page_says_what_of_a_form_cannot_be_used(
    lens: Open, form: dict[str, str], sentence: str
) -> None:
    async with lens() as client:
        refused = await client.post("/sampling", data={"service": "orders", **form})
        assert refused.status_code == 400
        assert "Nothing was changed for orders" in refused.text
        assert sentence in refused.text
