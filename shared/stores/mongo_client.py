"""The client of a MongoDB: one for all collections of a service."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from opentelemetry.util.types import AttributeValue
from pymongo import AsyncMongoClient
from pymongo.errors import ConfigurationError

from shared.errors import SettingError

MongoClient = AsyncMongoClient[dict[str, Any]]


def connect(url: str, timeout: float) -> MongoClient:
    """For the MongoDB at `url`, whose own options win; it is not called before the first
    operation, which belongs in the event loop of this process. Raises SettingError when it is
    none.
    """
    milliseconds = int(timeout * 1000)
    options: dict[str, Any] = {
        "appname": "acmeshop",  # how MongoDB's log and currentOp call us
        "timeoutMS": milliseconds,  # of a whole operation: finding a server, and trying again
        "serverSelectionTimeoutMS": milliseconds,  # the default is half a minute
        "connectTimeoutMS": milliseconds,
        "maxPoolSize": 20,  # a service is one process: to wait for a connection beats opening 100
        "journal": True,  # an answer means that the write outlives MongoDB's sudden death
    }
    given = {name.lower() for name, _ in parse_qsl(urlsplit(url).query)}
    own = {name: value for name, value in options.items() if name.lower() not in given}
    try:
        return AsyncMongoClient(url, **own)
    except (ConfigurationError, ValueError) as error:  # whose text may repeat the password
        message = f"MONGO_URL is no address that pymongo can use ({type(error).__name__})"
        raise SettingError(message) from None


def server_of(client: MongoClient) -> dict[str, AttributeValue]:
    """The first server of the client's address; without a port it is a name for several, or the
    path of a socket.
    """
    host, port = next(iter(client.topology_description.server_descriptions()))
    return {"server.address": host} | ({"server.port": port} if port else {})
