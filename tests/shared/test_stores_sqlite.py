"""What only SQLite promises: files, threads, and plans that use an index."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NoOpTracer, StatusCode

from acme.launcher.environment import ROOT
from shared.errors import SettingError, Unavailable
from shared.settings import OrdersSettings
from shared.stores.sqlite import SqliteDocuments
from shared.stores.sqlite_file import open_database
from shared.telemetry.provider import Telemetry

PLACES_ORDERS = """
import asyncio, sys
from pathlib import Path
from opentelemetry.trace import NoOpTracer
from shared.stores.sqlite import SqliteDocuments

async def main():
    orders = SqliteDocuments(Path(sys.argv[1]), "orders", ["user"], NoOpTracer())
    for n in range(1_000_000):
        assert await orders.add(sys.argv[2] + str(n), {"user": sys.argv[2]})
        print(sys.argv[2] + str(n), flush=True)

asyncio.run(main())
"""


def opened(path: Path) -> SqliteDocuments:
    return SqliteDocuments(path, "orders", ["user"], NoOpTracer())


def order_placer(path: Path, prefix: str) -> "subprocess.Popen[str]":
    """A process that adds orders until it is killed, and prints which ones are kept."""
    command = [sys.executable, "-c", PLACES_ORDERS, str(path), prefix]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.sqlite"


@pytest.fixture
async def documents(path: Path, spans: InMemorySpanExporter) -> AsyncIterator[SqliteDocuments]:
    tracer = Telemetry.open(OrdersSettings(), spans).tracer
    store = SqliteDocuments(path, "orders", ["user"], tracer)
    yield store
    await store.close()


async def test_documents_outlive_the_store(path: Path, documents: SqliteDocuments) -> None:
    await documents.put("1", {"n": 1})

    again = opened(path)

    assert await again.get("1") == {"n": 1}
    await again.close()


async def test_acknowledged_documents_outlive_a_killed_process(path: Path) -> None:
    with order_placer(path, "a") as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().strip() for _ in range(100)]
        process.kill()
        acknowledged += process.stdout.read().split()

    orders = opened(path)
    assert len(await orders.get_many(acknowledged)) == len(acknowledged) >= 100
    await orders.close()


async def test_several_processes_may_write_to_one_file(path: Path) -> None:
    placers = [order_placer(path, prefix) for prefix in "abc"]
    for placer in placers:
        assert placer.stdout is not None
        assert all(placer.stdout.readline() for _ in range(50))
        placer.kill()
        placer.communicate()

    orders = opened(path)
    for prefix in "abc":
        assert len(await orders.find("user", prefix)) >= 50
    await orders.close()


async def test_many_may_open_a_new_file_at_once(path: Path) -> None:
    stores = await asyncio.gather(*(asyncio.to_thread(opened, path) for _ in range(8)))

    await asyncio.gather(*(store.put(str(n), {"n": n}) for n, store in enumerate(stores)))

    assert len(await stores[0].all()) == 8
    for store in stores:
        await store.close()


@pytest.mark.parametrize(
    ("ask", "plan"),
    [
        (lambda store: store.find("user", "ann"), "SEARCH orders USING INDEX orders_user"),
        (lambda store: store.get("1"), "SEARCH orders USING INDEX"),
        (lambda store: store.get_many(["1"]), "SEARCH orders USING INDEX"),
        (lambda store: store.all("1"), "SEARCH orders USING INDEX"),
        (
            lambda store: store.change("1", "user", "ann", {"n": 1}),
            "SEARCH orders USING INDEX",
        ),
        (
            lambda store: store.change_many(["1"], "user", "ann", {"n": 1}),
            "SEARCH orders USING INDEX",
        ),
    ],
)
async def test_nothing_is_searched_row_by_row_or_sorted(
    documents: SqliteDocuments, monkeypatch: pytest.MonkeyPatch, ask: object, plan: str
) -> None:
    assert callable(ask)
    plans: list[str] = []

    def explained(
        database: sqlite3.Connection, sql: str, values: tuple[str, ...]
    ) -> tuple[list[int], int]:
        rows = database.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
        plans.extend(row[3] for row in rows)
        return [], 0

    monkeypatch.setattr("shared.stores.sqlite.done", explained)
    await ask(documents)

    assert plans[0].startswith(plan)
    assert not any("TEMP B-TREE" in step for step in plans)


async def test_a_failure_is_an_error_of_its_span_and_says_unavailable(
    path: Path, documents: SqliteDocuments, spans: InMemorySpanExporter
) -> None:
    with sqlite3.connect(path) as other:
        other.execute("DROP TABLE orders")
    other.close()

    with pytest.raises(Unavailable, match="SQLite refused: SQLITE_ERROR"):
        await documents.get("1")

    [span] = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    attributes = span.attributes or {}
    assert attributes["error.type"] == attributes["db.response.status_code"] == "SQLITE_ERROR"


async def test_the_database_is_never_touched_on_the_event_loops_thread(
    documents: SqliteDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[threading.Thread] = []

    def seen(*_: object) -> tuple[list[int], int]:
        used.append(threading.current_thread())
        return [], 0

    monkeypatch.setattr("shared.stores.sqlite.done", seen)
    await documents.all()

    assert len(used) == 1
    assert used[0] is not threading.current_thread()


@pytest.mark.parametrize("fields", [("orders; DROP TABLE orders",), ("orders", "a') --")])
def test_a_name_cannot_smuggle_sql(path: Path, fields: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="is no name for a collection"):
        SqliteDocuments(path, fields[0], fields[1:], NoOpTracer())


async def test_the_name_of_a_field_cannot_either(documents: SqliteDocuments) -> None:
    with pytest.raises(ValueError, match="is no name for a collection or a field"):
        await documents.find("user') = '' OR 1=1 --", "ann")
    with pytest.raises(ValueError, match="is no name for a collection or a field"):
        await documents.change("1", "user", "ann", {"a.b": 1})


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SettingError, match="name another folder with ACME_DATA"):
        open_database(tmp_path / "file" / "orders.sqlite", "orders", [])


def rows(path: Path, count: int = 300) -> None:
    """A file of many pages."""
    database = open_database(path, "orders", [])
    body = json.dumps({"x": "y" * 500})
    database.executemany("INSERT INTO orders VALUES (?, ?)", [(str(n), body) for n in range(count)])
    database.close()


def overwrite(path: Path, start: int, count: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xff" * count)


def damage_all(path: Path) -> None:
    """Damages all pages but the first."""
    overwrite(path, 4_096, path.stat().st_size - 4_096)


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE orders (number INTEGER)")
    database.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"no database at all, " * 300),
        lambda path: os.truncate(path, path.stat().st_size // 2),
        lambda path: os.truncate(path, 100),
        lambda path: overwrite(path, 0, 100),
        lambda path: overwrite(path, 100, 3_000),
        lambda path: overwrite(path, 10 * 4_096, 4_096),
        damage_all,
    ],
    ids=["text", "half", "head alone", "no head", "schema", "one page", "all pages"],
)
def test_a_damaged_file_is_found_when_it_is_opened(
    path: Path, damage: Callable[[Path], object]
) -> None:
    rows(path)
    damage(path)

    with pytest.raises(SettingError, match=r"orders\.sqlite cannot be used .*delete it"):
        open_database(path, "orders", [])


@pytest.mark.parametrize("fields", [[], ["state"]])
def test_a_table_of_another_program_is_not_used(path: Path, fields: list[str]) -> None:
    foreign(path)

    with pytest.raises(SettingError, match=r"orders\.sqlite cannot be used \(no such column"):
        open_database(path, "orders", fields)


def test_a_file_that_cannot_be_written_is_found_when_it_is_opened(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows(path, 1)
    connect = sqlite3.connect

    def read_only(file: Path, **how: Any) -> sqlite3.Connection:
        database: sqlite3.Connection = connect(f"{file.as_uri()}?mode=ro", uri=True, **how)
        return database

    monkeypatch.setattr(sqlite3, "connect", read_only)
    with pytest.raises(SettingError, match=r"readonly database\): make the file .* writable"):
        open_database(path, "orders", [])


async def test_a_page_that_is_damaged_later_is_one_line_in_the_log_and_an_answer_without_paths(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows(path)
    documents = SqliteDocuments(path, "orders", [], NoOpTracer())
    # What another changes has the pages read again.
    open_database(path, "others", []).close()
    damage_all(path)

    for _ in range(3):
        with pytest.raises(Unavailable) as caught:
            await documents.all()
        assert (
            str(caught.value) == "orders.sqlite cannot be used (database disk image is malformed)"
        )

    (line,) = caplog.messages
    assert line.startswith(f"{path} cannot be used (database disk image is malformed): delete it")
    await documents.close()
