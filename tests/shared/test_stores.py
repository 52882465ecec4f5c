"""What every store of documents promises, whichever database keeps them.

`MONGO_URL=mongodb://127.0.0.1:27017 make test` runs all of it against that MongoDB as well; the
address names no database, since each test makes one and drops it.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from shared.settings import OrdersSettings
from shared.stores.documents import Document, Documents
from shared.stores.mongo import MongoDocuments, connect
from shared.stores.sqlite import SqliteDocuments
from shared.telemetry.provider import Telemetry

MONGO_URL = os.environ.get("MONGO_URL", "")
NESTED: Document = {
    "id": "1",
    "name": "Kännchen ☕ \U0001f600 «»\"'\\",
    "lines": [{"name": "kettle", "price": 34.99, "gone": None}, {}],
    "address": {"street": {"number": 7, "flats": [1, 2]}},
    "paid": True,
    "cents": 2**53,
}


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


# test_stores_mongo says once what is left out without a MongoDB.
@pytest.fixture(params=["sqlite", "mongodb"] if MONGO_URL else ["sqlite"])
async def documents(
    request: pytest.FixtureRequest, tmp_path: Path, spans: InMemorySpanExporter
) -> AsyncIterator[Documents]:
    tracer = Telemetry.open(OrdersSettings(), spans).tracer
    store: Documents
    if request.param == "sqlite":
        store = SqliteDocuments(tmp_path / "orders.sqlite", "orders", ["user"], tracer)
        yield store
        await store.close()
        return
    client, owner = connect(MONGO_URL, 10), f"test-{uuid4().hex[:12]}"
    store = mongo = MongoDocuments(client, owner, "orders", ["user"], tracer)
    await mongo.prepare()
    yield store
    await client.drop_database(owner)
    await client.close()


@pytest.fixture
def operations(documents: Documents) -> dict[str, str]:
    """What the database calls what is done."""
    if isinstance(documents, SqliteDocuments):
        return {"read": "SELECT", "put": "INSERT", "add": "INSERT", "change": "UPDATE"}
    return {"read": "find", "put": "update", "add": "insert", "change": "update"}


async def test_what_was_put_is_got(documents: Documents) -> None:
    await documents.put("1", NESTED)

    assert await documents.get("1") == NESTED
    assert await documents.get("2") is None


async def test_a_document_is_found_under_its_id_whatever_it_says_itself(
    documents: Documents,
) -> None:
    await documents.put("ключ/1 '", {"id": "other"})
    await documents.add("added", {})

    assert await documents.get("ключ/1 '") == {"id": "other"}
    assert await documents.get("added") == {}


async def test_putting_again_replaces(documents: Documents) -> None:
    await documents.put("1", {"n": 1, "old": True})
    await documents.put("1", {"n": 2})

    assert await documents.get("1") == {"n": 2}


async def test_what_is_handed_over_is_left_as_it_was(documents: Documents) -> None:
    given: Document = {"n": 1}

    await documents.put("1", given)
    await documents.add("2", given)
    await documents.seed({"3": given})

    assert given == {"n": 1}


async def test_several_are_returned_in_the_order_of_the_ids(documents: Documents) -> None:
    for id_ in "abc":
        await documents.put(id_, {"id": id_})

    assert await documents.get_many(["c", "missing", "a"]) == [{"id": "c"}, {"id": "a"}]
    assert await documents.get_many([]) == []


async def test_many_change_in_one_operation_those_that_still_are_as_they_were(
    documents: Documents, spans: InMemorySpanExporter
) -> None:
    await documents.seed({id_: {"user": "ann", "n": id_} for id_ in "abc"} | {"d": {"user": "x"}})
    spans.clear()

    changed = await documents.change_many(["a", "c", "d", "nobody"], "user", "ann", {"user": "bob"})

    assert changed == 2
    (span,) = spans.get_finished_spans()
    assert (span.attributes or {})["db.operation.batch.size"] == 4
    assert await documents.find("user", "bob") == [
        {"user": "bob", "n": "a"},
        {"user": "bob", "n": "c"},
    ]
    assert await documents.change_many([], "user", "ann", {"user": "bob"}) == 0


async def test_all_come_in_order_of_their_ids_page_by_page(documents: Documents) -> None:
    for id_ in ("b", "é", "B", "a", "1"):
        await documents.put(id_, {"id": id_})

    first = await documents.all(limit=3)
    rest = await documents.all(after=first[-1]["id"])

    assert [found["id"] for found in first] == ["1", "B", "a"]
    assert [found["id"] for found in rest] == ["b", "é"]


async def test_documents_are_found_by_a_field_in_order_of_their_ids(documents: Documents) -> None:
    for id_, user in (("3", "ann"), ("1", "ann"), ("2", "bob"), ("4", "ann"), ("5", "Zoë ☕")):
        await documents.put(id_, {"id": id_, "user": user})

    assert [found["id"] for found in await documents.find("user", "ann")] == ["1", "3", "4"]
    assert [found["id"] for found in await documents.find("user", "ann", limit=2)] == ["1", "3"]
    assert [found["id"] for found in await documents.find("user", "Zoë ☕")] == ["5"]
    assert await documents.find("user", "' OR 1=1 --") == []
    assert await documents.find("other", "ann") == []


async def test_what_is_there_is_not_added_again(documents: Documents) -> None:
    assert await documents.add("1", {"n": 1})
    assert not await documents.add("1", {"n": 2})

    assert await documents.get("1") == {"n": 1}


async def test_of_many_who_add_the_same_one_does(documents: Documents) -> None:
    added = await asyncio.gather(*(documents.add("1", {"by": n}) for n in range(20)))

    assert sum(added) == 1
    assert await documents.get("1") == {"by": added.index(True)}


async def test_a_change_sets_fields_and_leaves_the_others(documents: Documents) -> None:
    await documents.put("1", NESTED | {"status": "new"})
    changes: Document = {
        "status": "shipped",
        "address": {"city": "Bonn"},
        "paid": None,
        "lines": [],
        "at": 1,
    }

    assert await documents.change("1", "status", "new", changes)

    assert await documents.get("1") == NESTED | changes


async def test_nothing_changes_when_the_field_is_no_longer_what_it_was(
    documents: Documents,
) -> None:
    await documents.put("1", {"status": "cancelled"})

    assert not await documents.change("1", "status", "new", {"status": "shipped"})
    assert not await documents.change("1", "other", "new", {"status": "shipped"})
    assert not await documents.change("2", "status", "new", {"status": "shipped"})

    assert await documents.get("1") == {"status": "cancelled"}
    assert await documents.get("2") is None


async def test_a_change_to_what_it_was_already_is_a_change(documents: Documents) -> None:
    await documents.put("1", {"status": "new"})

    assert await documents.change("1", "status", "new", {"status": "new"})


async def test_of_many_who_change_the_same_one_does(documents: Documents) -> None:
    await documents.put("1", {"status": "new"})

    changed = await asyncio.gather(
        *(documents.change("1", "status", "new", {"status": f"by {n}"}) for n in range(20))
    )

    assert sum(changed) == 1
    assert await documents.get("1") == {"status": f"by {changed.index(True)}"}


async def test_seeding_leaves_what_is_there(documents: Documents) -> None:
    await documents.put("1", {"n": "changed"})
    seeds = {"1": {"n": "seed"}, "2": {"n": "seed ☕"}, "3": {"user": "ann"}}

    await documents.seed(seeds)
    await documents.seed(seeds)
    await documents.seed({})

    assert await documents.get("1") == {"n": "changed"}
    assert await documents.get("2") == {"n": "seed ☕"}
    assert await documents.find("user", "ann") == [{"user": "ann"}]


async def test_many_who_seed_at_once_do_not_meet(documents: Documents) -> None:
    seeds = {str(n): {"n": n} for n in range(50)}

    await asyncio.gather(*(documents.seed(seeds) for _ in range(5)))

    assert len(await documents.all()) == 50


async def test_many_at_once_neither_lose_nor_mix(documents: Documents) -> None:
    await asyncio.gather(*(documents.put(str(n), {"n": n}) for n in range(200)))

    assert await asyncio.gather(*(documents.get(str(n)) for n in range(200))) == [
        {"n": n} for n in range(200)
    ]


async def test_each_operation_is_one_client_span(
    documents: Documents, spans: InMemorySpanExporter, operations: dict[str, str]
) -> None:
    await documents.add("1", {"user": "ann"})
    await documents.add("1", {"user": "ann"})
    await documents.put("1", {"user": "ann"})
    await documents.change("1", "user", "ann", {"user": "bob"})
    await documents.seed({"1": {}, "2": {}})
    await documents.get("1")
    await documents.get_many(["1", "2"])
    await documents.find("user", "bob")
    await documents.all()

    ended = spans.get_finished_spans()
    did = ["add", "add", "put", "change", "add", "read", "read", "read", "read"]
    assert [span.name for span in ended] == [f"{operations[one]} orders" for one in did]
    assert {span.kind for span in ended} == {SpanKind.CLIENT}
    assert all(span.status.is_unset for span in ended)
    assert [(span.attributes or {}).get("db.operation.batch.size") for span in ended][4] == 2


SECRET = "opensesame"


async def test_no_span_has_a_value_that_was_written_or_asked_for(
    documents: Documents, spans: InMemorySpanExporter
) -> None:
    kept = {"user": SECRET, "card": {"number": SECRET}}
    await documents.add(SECRET, kept)
    await documents.put(SECRET, kept)
    await documents.change(SECRET, "user", SECRET, {"card": SECRET, "user": SECRET})
    await documents.seed({SECRET: kept, f"{SECRET}2": kept})
    await documents.get(SECRET)
    await documents.get_many([SECRET])
    await documents.find("user", SECRET)
    await documents.all(SECRET)

    ended = spans.get_finished_spans()
    assert len(ended) == 8
    assert not any(SECRET in span.to_json() for span in ended)
    if isinstance(documents, SqliteDocuments):
        assert all("orders" in str((span.attributes or {})["db.query.text"]) for span in ended)


async def test_a_span_says_how_many_rows_were_read_and_nothing_of_what_was_written(
    documents: Documents, spans: InMemorySpanExporter
) -> None:
    await documents.seed({str(n): {"user": "ann"} for n in range(5)})
    await documents.put("7", {"user": "bob"})
    await documents.get("1")
    await documents.get("nobody")
    await documents.get_many(["1", "2", "nobody"])
    await documents.find("user", "ann")
    await documents.all(limit=2)

    rows = "db.response.returned_rows"
    read = [(span.attributes or {}).get(rows) for span in spans.get_finished_spans()]
    assert read == [None, None, 1, 0, 2, 5, 2]


async def test_a_span_says_what_the_conventions_ask_for(
    documents: Documents, spans: InMemorySpanExporter, operations: dict[str, str]
) -> None:
    await documents.get("1")

    attributes = dict(spans.get_finished_spans()[0].attributes or {})
    assert attributes.pop("db.operation.name") == operations["read"]
    assert attributes.pop("db.collection.name") == "orders"
    assert str(attributes.pop("db.namespace")).startswith(("orders", "test-"))
    assert attributes.pop("db.response.returned_rows") == 0
    if isinstance(documents, SqliteDocuments):
        text = "SELECT body FROM orders WHERE id = ?"
        assert attributes == {"db.system.name": "sqlite", "db.query.text": text}
    else:
        assert attributes.pop("db.system.name") == "mongodb"
        assert set(attributes) == {"server.address", "server.port"}


# Names of fields are ours, and values those that all agree on: SQLite and MongoDB about the size of
# numbers, and MongoDB and those who stand in for it about no list being directly in a list.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
PLAIN = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT
OBJECTS = st.recursive(
    st.dictionaries(st.sampled_from("xyz"), PLAIN),
    lambda inner: st.dictionaries(st.sampled_from("xyz"), inner | st.lists(inner, max_size=3)),
    max_leaves=5,
)
VALUES = PLAIN | OBJECTS | st.lists(PLAIN | OBJECTS, max_size=3)
DOCUMENTS = st.dictionaries(st.sampled_from(["a", "b", "c", "ümlaut", "_x"]), VALUES)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=DOCUMENTS, changes=DOCUMENTS.filter(bool))
async def test_whatever_is_kept_and_changed_is_as_in_a_dictionary(
    documents: Documents, before: Document, changes: Document
) -> None:
    await documents.put("1", before | {"state": "new"})

    assert await documents.get("1") == before | {"state": "new"}
    assert await documents.change("1", "state", "new", changes)
    assert await documents.get("1") == before | {"state": "new"} | changes
