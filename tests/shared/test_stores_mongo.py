"""What MongoDB's documents promise when there is no MongoDB, and how its client is set up."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NoOpTracer, StatusCode

from acme.launcher.sockets import listen, port_of
from shared.errors import SettingError, Unavailable
from shared.settings import OrdersSettings
from shared.stores.mongo import MongoClient, MongoDocuments, connect
from shared.telemetry.provider import Telemetry

MONGO_URL = os.environ.get("MONGO_URL", "")


@pytest.fixture
async def absent() -> AsyncIterator[MongoClient]:
    """A client of somebody who takes its calls and never answers.

    Nobody at all would do, were it not that pymongo leaks the socket with which it tries to connect
    at the moment when it is closed.
    """
    with listen("127.0.0.1", 0) as silent:
        client = connect(f"mongodb://ann:secret@127.0.0.1:{port_of(silent)}", 0.2)
        yield client
        await client.close()


async def test_an_absent_mongodb_is_an_error_of_the_span_and_says_unavailable(
    absent: MongoClient,
) -> None:
    spans = InMemorySpanExporter()
    tracer = Telemetry.open(OrdersSettings(), spans).tracer
    documents = MongoDocuments(absent, "orders", "orders", [], tracer)

    with pytest.raises(Unavailable, match="MongoDB refused") as raised:
        await documents.get("1")

    [span] = spans.get_finished_spans()
    assert span.name == "find orders"
    assert span.status.status_code is StatusCode.ERROR
    attributes = span.attributes or {}
    assert attributes["error.type"] == "ServerSelectionTimeoutError"
    assert (attributes["db.namespace"], attributes["server.address"]) == ("orders", "127.0.0.1")
    assert "secret" not in f"{raised.value} {span.to_json()}"


async def test_a_service_waits_for_mongodb_but_not_for_ever(
    absent: MongoClient, caplog: pytest.LogCaptureFixture
) -> None:
    documents = MongoDocuments(absent, "orders", "orders", ["user"], NoOpTracer())

    with pytest.raises(Unavailable, match=r"orders within 0\.5 s"):
        await documents.prepare(wait=0.5)

    assert caplog.text.count("waiting for MongoDB") == 1


async def test_an_address_with_a_database_separates_all_owners_in_it() -> None:
    client = connect("mongodb://127.0.0.1:1/shop", 1)

    ours = MongoDocuments(client, "payment", "charges", [], NoOpTracer())
    theirs = MongoDocuments(client, "bank", "charges", [], NoOpTracer())

    assert ours._collection.full_name == "shop.payment.charges"
    assert theirs._collection.full_name == "shop.bank.charges"
    await client.close()


async def test_an_address_without_a_database_gives_each_owner_one() -> None:
    client = connect("mongodb://127.0.0.1:1", 1)

    ours = MongoDocuments(client, "payment", "charges", [], NoOpTracer())

    assert ours._collection.full_name == "payment.charges"
    await client.close()


async def test_the_options_of_the_address_win() -> None:
    client = connect("mongodb://127.0.0.1:1/?maxPoolSize=3&JOURNAL=false", 2)

    assert client.options.pool_options.max_pool_size == 3
    assert client.options.pool_options.connect_timeout == 2
    assert client.write_concern.document == {"j": False}
    assert client.options.timeout == 2
    await client.close()


@pytest.mark.parametrize("url", ["mongodb://ann:se@cret@host", "mongodb://host:port", "mongodb://"])
def test_an_address_that_is_none_is_a_setting_error_without_it(url: str) -> None:
    with pytest.raises(
        SettingError, match="MONGO_URL is no address that pymongo can use"
    ) as raised:
        connect(url, 1)

    assert "cret" not in str(raised.value)


@pytest.mark.skipif(not MONGO_URL, reason="MONGO_URL names no MongoDB for tests")
async def test_fields_have_indexes_and_two_may_prepare_at_once() -> None:
    client = connect(MONGO_URL, 10)
    documents = MongoDocuments(client, "test-indexes", "orders", ["user", "status"], NoOpTracer())
    try:
        await asyncio.gather(documents.prepare(), documents.prepare())
        made = await documents._collection.index_information()
    finally:
        await client.drop_database("test-indexes")
        await client.close()

    assert [("user", 1), ("_id", 1)] in [index["key"] for index in made.values()]
    assert len(made) == 3
