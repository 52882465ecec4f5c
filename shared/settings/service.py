"""The settings that every service has."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from shared.origin import is_local
from shared.profiles import Formats, formats_of
from shared.settings.environment import EnvironmentSettings
from shared.settings.parsers import one_of, whole
from shared.settings.telemetry import TelemetrySettings
from shared.settings.values import (
    ADDRESS,
    AnyText,
    Endpoint,
    Flag,
    Folder,
    HostNames,
    HttpUrl,
    Milliseconds,
    MongoUrl,
    PerService,
    Port,
    RedisUrl,
    Secret,
    Text,
    listed,
    variable,
)
from shared.topology import BY_NAME, SERVICES

LOOPBACK = "127.0.0.1"
LEVELS, LOOPS = ("debug", "info", "warning", "error"), ("auto", "uvloop", "asyncio")
URLS = PerService(
    "URL",
    ADDRESS,
    "where the others find {}",
    lambda: {row.name: f"http://127.0.0.1:{row.port}" for row in SERVICES},
)
PUBLIC_URLS = PerService(
    "PUBLIC_URL",
    ADDRESS,
    "where a browser finds {0}; without it where the others do",
    lambda: {row.name: "" for row in SERVICES if row.pages},
)


def topology_port(data: Mapping[str, Any]) -> str:
    return str(BY_NAME[data["service"]].port)


class ServiceSettings(EnvironmentSettings):
    """What every service can be set to. Durations are in seconds; `urls` are where services find
    each other.
    """

    host: AnyText = variable(
        "127.0.0.1",
        "address of frontend, gateway, lens and chaos; of all services where it is a loopback one",
        name="ACME_HOST",
    )
    expose: Annotated[
        Literal["pages", "all"], Text(one_of("pages", "all"), "pages or all is allowed")
    ] = variable(
        "pages",
        "all: the services that trust their callers listen on ACME_HOST, too, not on 127.0.0.1",
        name="ACME_EXPOSE",
    )
    hosts: HostNames = variable(
        "",
        "further names that services answer to; *.example.org is for all below it, * for any",
        name="ACME_HOSTS",
    )
    port: Port = variable(topology_port, "port of {service}")
    urls: Annotated[Mapping[str, HttpUrl], URLS] = variable(URLS.defaults, "")
    page_urls: Annotated[Mapping[str, Endpoint], PUBLIC_URLS] = variable(PUBLIC_URLS.defaults, "")
    data: Folder = variable(".acme/data", "folder of the embedded stores", name="ACME_DATA")
    mocks: Folder = variable("mocks", "folder of the generated data", name="ACME_MOCKS")
    mongo_url: MongoUrl = variable(
        "",
        "keeps documents in this MongoDB; without it each service has an SQLite file in ACME_DATA",
        name="MONGO_URL",
        secret=True,
    )
    redis_url: RedisUrl = variable(
        "redis://127.0.0.1:16379",
        "keeps carts, sessions and events in this Redis; without it `acme up` starts one",
        name="REDIS_URL",
        secret=True,
    )
    timeout: Milliseconds = variable(
        "5000",
        "total deadline of one call from a service to another, its body included",
        name="ACME_TIMEOUT_MS",
    )
    log_level: Annotated[str, Text(one_of(*LEVELS), listed(LEVELS))] = variable(
        "info", "from which level on log lines are written", name="ACME_LOG_LEVEL"
    )
    access_log: Flag = variable("false", "one log line for every request", name="ACME_ACCESS_LOG")
    loop: Annotated[str, Text(one_of(*LOOPS), listed(LOOPS))] = variable(
        "auto", "event loop; auto takes uvloop where it is installed", name="ACME_LOOP"
    )
    chaos: Flag = variable(
        "on",
        "off: nothing fails on purpose, and no service loads the fault engine",
        name="ACME_CHAOS",
    )
    seed: Annotated[
        int, Text(whole(0, 2**63 - 1), "a whole number from 0 to 9223372036854775807 is allowed")
    ] = variable(
        "267",
        "seed of every fault's draws: same seed and same requests, same outcomes",
        name="ACME_SEED",
    )
    chaos_token: Secret = variable(
        "",
        "what presenters and services show to the control plane",
        name="CHAOS_TOKEN",
        secret=True,
    )
    telemetry: TelemetrySettings = variable(dict, "")

    @property
    def also(self) -> tuple[int, ...]:
        """The further ports that it serves HTTP on."""
        return ()

    @property
    def optional(self) -> frozenset[int]:
        """Those of its ports without which it starts as well."""
        return frozenset()

    @property
    def opened_alone(self) -> tuple[int, ...]:
        """Ports that it opens by itself, as they are not served by its web server."""
        return ()

    @property
    def address(self) -> str:
        """Where it listens."""
        inside = not BY_NAME[self.service].pages and self.expose == "pages"
        return LOOPBACK if inside and not is_local(self.host) else self.host

    @property
    def names(self) -> frozenset[str]:
        """The names under which it may be called, as far as they are set."""
        urls = (*self.urls.values(), *self.page_urls.values())
        found = {urlsplit(url).hostname or "" for url in urls}
        return frozenset({self.service, self.host, *self.hosts, *found} - {""})

    @property
    def formats(self) -> Formats:
        """The header formats that its contexts travel in."""
        if (own := self.telemetry.propagators) is not None:
            return Formats(own, own)
        return formats_of(self.service, self.telemetry.profile)

    @property
    def public_urls(self) -> dict[str, str]:
        """Where a browser finds the services that have pages for it."""
        return {name: url or self.urls[name] for name, url in self.page_urls.items()}
