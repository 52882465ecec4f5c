"""Are Redis and MongoDB there, and do they keep what they are given?"""

import secrets
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from acme.doctor.finding import Finding
from acme.redis.server import OLDEST
from shared.stores.redis import code_of

PATIENCE = 3.0
NEED = "Use a Redis or a Valkey of today: streams need at least version 6.2."


def redis(url: str, fix: str) -> Iterator[Finding]:
    """What is at `url`, and whether it gives back what it takes; `fix` is for when not."""
    where = place(url)
    try:
        with connect(url) as client:
            client.ping()
            name, version = kind(client)
            old = bool(version) and version < OLDEST
            found = (
                f"{name} {'.'.join(map(str, version)) or '(of some version)'} answers at {where}"
            )
            yield Finding("fail", found, NEED) if old else Finding("ok", found)
            yield keeps(client)
    except (RedisError, OSError, ValueError) as error:  # the last is an address that makes no sense
        yield Finding("fail", f"Redis at {where} cannot be used: {reason(error)}", fix)


def connect(url: str) -> Redis:
    return Redis.from_url(
        url,
        decode_responses=True,
        protocol=2,
        socket_connect_timeout=PATIENCE,
        socket_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )


def kind(client: Redis) -> tuple[str, tuple[int, ...]]:
    """Its name and version; a Valkey names the version of Redis that it equals as well, and some
    servers name none.
    """
    try:
        info = client.info("server")
    except ResponseError:
        return "Redis", ()
    name, version = "Redis", info["redis_version"]
    if "valkey_version" in info:
        name, version = "Valkey", info["valkey_version"]
    return name, tuple(int(part) for part in str(version).split(".")[:3])


def keeps(client: Redis) -> Finding:
    key, value = f"doctor:{secrets.token_hex(8)}", secrets.token_hex(8)
    begun = time.perf_counter()
    client.set(key, value, ex=10)
    got = client.get(key)
    taken = (time.perf_counter() - begun) * 1000
    client.delete(key)
    if got != value:
        return Finding("fail", f"Redis gave back {got!r} for {value!r}", "Is there another one?")
    return Finding("ok", f"Redis took a value and gave it back in {taken:.1f} ms")


def mongo(url: str) -> Iterator[Finding]:
    """Whether the MongoDB at `url` answers a ping."""
    where, limit = place(url), int(PATIENCE * 1000)
    try:
        with MongoClient[dict[str, object]](url, serverSelectionTimeoutMS=limit) as client:
            begun = time.perf_counter()
            client.admin.command("ping")
            taken = (time.perf_counter() - begun) * 1000
            version = client.server_info()["version"]
    except (PyMongoError, ValueError) as error:
        what = f"MongoDB at {where} cannot be used: {reason(error)}"
        yield Finding("fail", what, "Mend MONGO_URL, or unset it: documents are then in SQLite.")
    else:
        yield Finding("ok", f"MongoDB {version} at {where} answered a ping after {taken:.1f} ms")


def reason(error: Exception) -> str:
    """What kind of error it is, and no more: its text may repeat an address with its password."""
    code = code_of(error) if isinstance(error, ResponseError) else None
    return code or type(error).__name__


def place(url: str) -> str:
    """The host of an address, without what nobody should read."""
    netloc = urlsplit(url).netloc
    if url.count("@") > netloc.count("@"):  # a password with a slash: nobody knows where it ends
        return "an address whose password is not %-encoded"
    return netloc.rpartition("@")[2]
