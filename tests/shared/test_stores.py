"""What every store of documents promises."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.errors import SettingError
from shared.settings import Settings
from shared.stores.documents import Documents
from shared.stores.sqlite import SqliteDocuments
from shared.telemetry.provider import Telemetry


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
async def documents(tmp_path: Path, spans: InMemorySpanExporter) -> AsyncIterator[Documents]:
    tracer = Telemetry.open(Settings("orders"), spans).tracer
    store = SqliteDocuments(tmp_path / "orders.sqlite", "orders", tracer)
    yield store
    await store.close()


async def test_what_was_put_is_got(documents: Documents) -> None:
    await documents.put("1", {"id": "1", "lines": [{"name": "kettle ☕"}]})

    assert await documents.get("1") == {"id": "1", "lines": [{"name": "kettle ☕"}]}
    assert await documents.get("2") is None


async def test_putting_again_replaces(documents: Documents) -> None:
    await documents.put("1", {"n": 1})
    await documents.put("1", {"n": 2})

    assert await documents.get("1") == {"n": 2}


async def test_documents_are_found_by_a_field_in_order_of_their_ids(documents: Documents) -> None:
    for id_, user in (("3", "ann"), ("1", "ann"), ("2", "bob")):
        await documents.put(id_, {"id": id_, "user": user})

    assert [found["id"] for found in await documents.find("user", "ann")] == ["1", "3"]
    assert await documents.find("user", "' OR 1=1 --") == []


async def test_seeding_leaves_what_is_there(documents: Documents) -> None:
    await documents.put("1", {"n": "changed"})

    await documents.seed({"1": {"n": "seed"}, "2": {"n": "seed"}})

    assert await documents.get("1") == {"n": "changed"}
    assert await documents.get("2") == {"n": "seed"}


async def test_documents_outlive_the_store(tmp_path: Path, documents: Documents) -> None:
    await documents.put("1", {"n": 1})

    again = SqliteDocuments(
        tmp_path / "orders.sqlite",
        "orders",
        Telemetry.open(Settings("orders"), InMemorySpanExporter()).tracer,
    )

    assert await again.get("1") == {"n": 1}
    await again.close()


async def test_each_operation_is_one_span(
    documents: Documents, spans: InMemorySpanExporter
) -> None:
    await documents.put("1", {"n": 1})
    await documents.get("1")

    assert [span.name for span in spans.get_finished_spans()] == ["INSERT orders", "SELECT orders"]


async def test_many_at_once_neither_lose_nor_mix(documents: Documents) -> None:
    await asyncio.gather(*(documents.put(str(n), {"n": n}) for n in range(200)))

    assert await asyncio.gather(*(documents.get(str(n)) for n in range(200))) == [
        {"n": n} for n in range(200)
    ]


async def test_the_database_is_never_touched_on_the_event_loops_thread(
    documents: Documents,
) -> None:
    assert isinstance(documents, SqliteDocuments)

    used = await documents._run("SELECT", lambda _: threading.current_thread())

    assert used is not threading.current_thread()


def test_a_collections_name_cannot_smuggle_sql(tmp_path: Path) -> None:
    tracer = Telemetry.open(Settings("orders"), InMemorySpanExporter()).tracer

    with pytest.raises(ValueError, match="is no name for a collection"):
        SqliteDocuments(tmp_path / "x.sqlite", "orders; DROP TABLE orders", tracer)


def test_a_file_that_is_no_database_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "orders.sqlite"
    path.write_bytes(b"no database at all, " * 300)
    tracer = Telemetry.open(Settings("orders"), InMemorySpanExporter()).tracer

    with pytest.raises(SettingError, match=r"orders\.sqlite cannot be used .*delete it"):
        SqliteDocuments(path, "orders", tracer)


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    tracer = Telemetry.open(Settings("orders"), InMemorySpanExporter()).tracer

    with pytest.raises(SettingError, match="name another folder with ACME_DATA"):
        SqliteDocuments(tmp_path / "file" / "orders.sqlite", "orders", tracer)
