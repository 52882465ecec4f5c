"""Where a service keeps things: documents, Redis, streams of events."""

# ruff: noqa: PLC0415 - the clients of MongoDB and of Redis are heavy: only where they are needed

from typing import TYPE_CHECKING

from opentelemetry.trace import NoOpTracer, Tracer

from shared.hooks import NO_HOOKS, Hooks
from shared.instrumentation import Instrumentation
from shared.runtime.lifecycle import Lifecycle
from shared.runtime.peers import check
from shared.settings import ServiceSettings
from shared.stores.documents import Documents
from shared.stores.sqlite import Instrument, SqliteDocuments, unchanged
from shared.telemetry.provider import Telemetry
from shared.topology import BY_NAME

if TYPE_CHECKING:
    from shared.stores.mongo import MongoClient
    from shared.stores.redis import Keys
    from shared.stores.streams import Stream


class Stores:
    """The stores of one service, opened when they are first used and closed with its life."""

    def __init__(
        self,
        settings: ServiceSettings,
        telemetry: Telemetry,
        hooks: Hooks,
        life: Lifecycle,
        instrumentation: Instrumentation,
    ) -> None:
        self._settings, self._telemetry = settings, telemetry
        self._hooks, self._life = hooks, life
        self._instrumentation, self._tracer = instrumentation, instrumentation.ours.tracer
        self._mongo: MongoClient | None = None
        self._keys: Keys | None = None

    def documents(self, collection: str, *fields: str) -> Documents:
        """The service's documents of one kind, with an index for each of the `fields`, if the
        topology table says that it keeps documents.
        """
        check(
            self._settings.service, "documents", "keeps", (BY_NAME[self._settings.service].keeps,)
        )
        return self._documents(
            self._settings.service,
            collection,
            fields,
            tracer=self._tracer,
            hooks=self._hooks,
            instrument=self._instrumentation.sqlite,
        )

    def books(self, system: str, collection: str, *fields: str) -> Documents:
        """Documents of a simulated third party: kept like ours, but in no trace."""
        return self._documents(system, collection, fields, tracer=NoOpTracer(), hooks=NO_HOOKS)

    def redis(self) -> "Keys":
        """What the service keeps in Redis, if the topology table says that it needs one."""
        settings = self._settings
        if not BY_NAME[settings.service].needs_redis:
            check(settings.service, "redis", "keeps", (BY_NAME[settings.service].keeps,))
        from shared.stores.redis import Keys

        if self._keys is None:
            self._keys = Keys.connect(
                settings.redis_url,
                self._tracer,
                settings.timeout,
                self._hooks,
                self._instrumentation.suppress,
            )
            self._instrumentation.redis(self._keys.client)
            self._life.closing(self._keys.close)
        return self._keys

    def stream(self, name: str) -> "Stream":
        """A stream of events, if the topology table says that the service publishes or consumes
        it.
        """
        from shared.stores.streams import Stream

        row = BY_NAME[self._settings.service]
        check(row.name, name, "publishes and consumes", row.publishes + row.consumes)
        return Stream(self.redis(), name, self._telemetry, hooks=self._hooks)

    def _documents(
        self,
        owner: str,
        collection: str,
        fields: tuple[str, ...],
        *,
        tracer: Tracer,
        hooks: Hooks,
        instrument: Instrument = unchanged,
    ) -> Documents:
        if self._settings.mongo_url:
            return self._in_mongo(owner, collection, fields, tracer, hooks=hooks)
        path = self._settings.data / f"{owner}.sqlite"
        store = SqliteDocuments(
            path, collection, fields, tracer, hooks=hooks, instrument=instrument
        )
        self._life.closing(store.close)
        return store

    def _in_mongo(
        self, owner: str, collection: str, fields: tuple[str, ...], tracer: Tracer, hooks: Hooks
    ) -> Documents:
        from shared.stores.mongo import MongoDocuments, connect

        if self._mongo is None:
            self._instrumentation.mongo()
            self._mongo = connect(self._settings.mongo_url, self._settings.timeout)
            self._life.closing(self._mongo.close)
        store = MongoDocuments(self._mongo, owner, collection, fields, tracer, hooks=hooks)
        self._life.starting(store.prepare)
        return store
