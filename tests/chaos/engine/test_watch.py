"""Services keep their faults as the control plane wants them, over real sockets."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from time import monotonic
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chaos.engine.plane import WAIT
from chaos.engine.report import MOST_HITS
from chaos.engine.watch import FIRST_PAUSE
from chaos.watching import watching
from shared.runtime import Runtime
from shared.settings import OrdersSettings, ShippingSettings
from tests.chaos.engine.fake_plane import Plane
from tests.chaos.engine.pair import until
from tests.faulty import faults_in, hooks_in, open_runtime

TOKEN = "not-for-anybody"
POINT = {"side": "point", "operation": "here"}


def fault(**settings: Any) -> dict[str, Any]:
    return {"id": "late", "where": POINT, "effect": {"type": "latency", "ms": 0}, **settings}


@pytest.fixture
async def plane() -> AsyncIterator[Plane]:
    plane = Plane()
    await plane.open()
    yield plane
    await plane.go_away()


@pytest.fixture
async def watcher(plane: Plane) -> AsyncIterator[Runtime]:
    """A service that is about to watch."""
    known = OrdersSettings(urls={"chaos": plane.url}, chaos_token=TOKEN)
    async with open_runtime(known, exporter=InMemorySpanExporter()) as runtime:
        watching(runtime, hooks_in(runtime))
        yield runtime
        runtime.life.stop()


def ids(runtime: Runtime) -> list[str]:
    return [one.fault.id for one in faults_in(runtime).registry.active()]


async def test_who_starts_knows_the_faults_there_are(plane: Plane, watcher: Runtime) -> None:
    await plane.say(revision=3, faults=[fault()])
    await watcher.start()

    assert (faults_in(watcher).registry.revision, ids(watcher)) == (3, ["late"])


async def test_a_change_is_there_soon(plane: Plane, watcher: Runtime) -> None:
    await watcher.start()
    await plane.say(revision=1, faults=[fault()])
    await until(lambda: faults_in(watcher).registry.revision == 1, WAIT / 2)
    await plane.say(revision=2)
    await until(lambda: faults_in(watcher).registry.revision == 2)

    assert ids(watcher) == []


async def test_it_says_who_it_is_and_what_it_knows(plane: Plane, watcher: Runtime) -> None:
    await plane.say(revision=7)
    await watcher.start()
    await until(lambda: len(plane.polls) == 2)

    first, second = plane.polls
    assert first.query_params["service"] == "orders"
    assert first.query_params["instance"] == plane.polls[1].query_params["instance"]
    assert "if-none-match" not in first.headers
    assert second.headers["if-none-match"] == '"made-7"'
    assert first.headers["authorization"] == f"Bearer {TOKEN}"


async def test_a_fault_ends_by_itself_when_nobody_is_there_any_more(
    plane: Plane, watcher: Runtime
) -> None:
    await plane.say(revision=1, faults=[fault(ttl=0.3)])
    await watcher.start()
    await plane.go_away()

    assert ids(watcher) == ["late"]
    await until(lambda: ids(watcher) == [], 2)


async def test_it_is_found_again_and_only_two_lines_tell_of_it(
    plane: Plane, watcher: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "acmeshop")
    await watcher.start()
    await plane.go_away()
    await until(lambda: caplog.messages)
    plane.snapshot = {"revision": 9, "faults": [fault()]}
    await plane.open()
    await until(lambda: faults_in(watcher).registry.revision == 9)

    assert ids(watcher) == ["late"]
    assert caplog.messages[0].startswith("the control plane is away (")
    assert caplog.messages[1:] == ["the control plane is back"]


@pytest.mark.parametrize("status", [401, 404, 500])
async def test_an_answer_of_no_use_changes_nothing_and_starting_goes_on(
    plane: Plane, watcher: Runtime, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    plane.status = status
    await watcher.start()

    assert [f"it answers {status}" in line for line in caplog.messages] == [True]
    assert TOKEN not in caplog.text


async def test_an_immediate_answer_is_not_followed_by_an_immediate_poll(
    plane: Plane, watcher: Runtime
) -> None:
    plane.status = 304
    begun = monotonic()
    await watcher.start()
    await until(lambda: len(plane.polls) == 5)

    assert monotonic() - begun >= 4 * FIRST_PAUSE * 0.9


async def test_what_cannot_be_read_leaves_the_faults_as_they_were(
    plane: Plane, watcher: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    await plane.say(revision=1, faults=[fault()])
    await watcher.start()
    await plane.say(revision=2, faults=[{"id": "?"}])
    await until(lambda: caplog.messages)

    assert ids(watcher) == ["late"]
    assert "what it says cannot be read" in caplog.text


async def test_it_starts_also_where_there_is_none_and_misses_nothing(
    plane: Plane, watcher: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    await plane.go_away()
    await watcher.start()  # does not wait for what is not there

    assert caplog.messages == []


async def test_stopping_does_not_wait_for_the_poll_in_hand(plane: Plane, watcher: Runtime) -> None:
    await watcher.start()
    await until(lambda: len(plane.polls) == 2)
    watcher.life.stop()
    async with asyncio.timeout(WAIT / 2):
        await watcher.life.stack.aclose()


async def test_it_reports_its_revision_and_the_injected_faults(
    plane: Plane, watcher: Runtime
) -> None:
    await plane.say(revision=5, faults=[fault()])
    await watcher.start()
    await until(lambda: plane.reports and plane.reports[-1]["revision"] == 5)
    await watcher.hooks.point("here")
    await until(lambda: plane.reports[-1]["hits"])

    report = plane.reports[-1]
    assert report["service"] == "orders"
    assert report["tallies"] == {"late": {"matched": 1, "fired": 1}}
    assert [(hit["fault"], hit["place"], hit["fired"]) for hit in report["hits"]] == [
        ("late", "here", True)
    ]
    assert (report["overflow"], report["waiting"]) == (0, 0)


async def test_it_reports_the_faults_it_has_by_itself(plane: Plane) -> None:
    settings = ShippingSettings.read({"SHIPPING_LATENCY_MS": "5", "CHAOS_URL": plane.url})
    async with AsyncExitStack() as stack:
        runtime = await stack.enter_async_context(open_runtime(settings))
        watching(runtime, hooks_in(runtime))
        await runtime.start()
        await until(lambda: plane.reports)

    own = {one["fault"]["id"]: one["source"] for one in plane.reports[0]["own"]}
    assert own == {
        "shipping-failure": "topology",
        "shipping-latency": "environment SHIPPING_LATENCY_MS",
    }


async def test_no_hit_is_lost_or_reported_twice_during_an_outage_of_the_plane(
    plane: Plane, watcher: Runtime
) -> None:
    number = MOST_HITS + 500
    await plane.say(revision=1, faults=[fault(ttl=60)])
    await watcher.start()
    await plane.go_away()
    for _ in range(number):
        await watcher.hooks.point("here")
    await plane.open()
    await until(lambda: sum(len(report["hits"]) for report in plane.reports) >= number)
    before = len(plane.reports)
    await watcher.hooks.point("here")
    await until(lambda: len(plane.reports) > before)

    sizes = [len(report["hits"]) for report in plane.reports if report["hits"]]
    assert sizes == [MOST_HITS, 500, 1]


async def test_who_waits_in_a_fault_goes_on_when_it_is_taken_away(
    plane: Plane, watcher: Runtime
) -> None:
    await plane.say(revision=1, faults=[fault(effect={"type": "hang", "max_s": 30})])
    await watcher.start()
    waiting = asyncio.create_task(watcher.hooks.point("here"))
    await until(lambda: faults_in(watcher).waiting)
    await plane.say(revision=2)

    await asyncio.wait_for(waiting, 5)


async def test_a_process_that_is_to_crash_tells_of_it_first(plane: Plane, watcher: Runtime) -> None:
    died: list[int] = []
    faults_in(watcher).die = died.append
    await plane.say(revision=1, faults=[fault(effect={"type": "crash", "exit_code": 3})])
    await watcher.start()
    await asyncio.to_thread(asyncio.run, watcher.hooks.point("here"))

    assert died == [3]
    hits = [hit["type"] for report in plane.reports for hit in report["hits"]]
    assert hits[0] == "crash"
