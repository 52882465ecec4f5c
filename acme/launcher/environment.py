"""The environment of the services, out of the launcher's own: the one place here that reads it."""

import os
import secrets
from collections.abc import Collection, Mapping, MutableMapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from acme.launcher.sockets import Place
from acme.redis.server import HOST
from shared.origin import is_local
from shared.settings import ChaosSettings, LauncherSettings, ServiceSettings, settings_for
from shared.topology import BY_NAME, SERVICES, Service

ROOT = Path(__file__).resolve().parents[2]
NEAR = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to reach it, not where to listen
LOOPBACK = ("127.0.0.1", "::1", "localhost")
REDIS = "redis"
FURTHER_PORTS = {  # in the order of the topology table
    "lens": ("LENS_OTLP_PORT", "LENS_SAMPLING_PORT", "LENS_OTLP_GRPC_PORT"),
    "payment": ("PAYMENT_GRPC_PORT",),
}
# Where the others find a further port, by its variable.
ADDRESSES = {"PAYMENT_GRPC_PORT": "PAYMENT_GRPC_URL"}


def own() -> MutableMapping[str, str]:
    """The environment this process was started with."""
    return os.environ


def with_folders(environ: Mapping[str, str], run: Path) -> dict[str, str]:
    """`environ` with the folders of this checkout where it names none, so that any working
    directory will do; an empty name is none, as for every setting.
    """
    folders = {
        "ACME_DATA": str(run / "data"),
        "ACME_MOCKS": str(ROOT / "mocks"),
        "ACME_SCENARIOS": str(ROOT / "chaos" / "scenarios"),
    }
    path = [str(ROOT), *filter(None, [environ.get("PYTHONPATH")])]
    named = {name: value for name, value in environ.items() if name not in folders or value.strip()}
    return {**folders, **named, "PYTHONPATH": os.pathsep.join(path)}


def with_token(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` with a token that nobody else knows, where the services need one to reach the
    control plane and none was named.
    """
    settings = ChaosSettings.read(environ)
    if settings.chaos_token or is_local(settings.host):
        return dict(environ)
    return {**environ, "CHAOS_TOKEN": secrets.token_urlsafe(24)}


def with_start_id(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` with an id of this start, by which the control plane tells it from others: ids of
    processes are the same ones again in a container.
    """
    return {**environ, "ACME_START_ID": secrets.token_hex(8)}


def ports_of(settings: ServiceSettings) -> list[int]:
    return [settings.port, *settings.also, *settings.opened_alone]


def place_of(settings: ServiceSettings) -> Place:
    return Place(settings.address, tuple(ports_of(settings)), settings.optional)


def needs_redis(names: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether one of these services needs a Redis, and nobody has named one."""
    named = environ.get("REDIS_URL", "").strip()
    return not named and any(BY_NAME[name].needs_redis for name in names)


def place_of_redis(environ: Mapping[str, str]) -> Place:
    """Where ours listens: for this machine alone, wherever the services do."""
    return Place(HOST, (LauncherSettings.read(environ).redis_port,))


def with_redis(environ: Mapping[str, str], port: int) -> dict[str, str]:
    return {**environ, "REDIS_PORT": str(port), "REDIS_URL": redis_address(port)}


def redis_address(port: int) -> str:
    return f"redis://{HOST}:{port}"


def with_ports(
    environ: Mapping[str, str], ports: Mapping[str, Sequence[int]], outside: Collection[str] = ()
) -> dict[str, str]:
    """`environ` with these services on these ports, and every service knows where they are.

    An address that leads elsewhere, to a proxy or another machine, stays as it is; so does any that
    is named for a service that is `outside`.
    """
    changed = dict(environ)
    for service in SERVICES:
        before = settings_for(service.name, environ)
        after = ports.get(service.name, ports_of(before))
        # A further port that is not opened has no number here, unless it was given one.
        numbers = dict(zip(port_variables(service), after, strict=False))
        changed |= {name: str(number) for name, number in numbers.items()}
        url = f"{service.name.upper()}_URL"
        named = service.name in outside and environ.get(url, "").strip()
        if leads_here(before, service) and not named:
            changed[url] = address(before.address, after[0])
            further = {ADDRESSES[name]: at for name, at in numbers.items() if name in ADDRESSES}
            changed |= {
                name: address(before.address, at)
                for name, at in further.items()
                if is_further(environ.get(name, ""), before, service)
            }
    if REDIS in ports:
        changed["REDIS_PORT"] = str(ports[REDIS][0])
    return changed


def leads_here(settings: ServiceSettings, service: Service) -> bool:
    url = urlsplit(settings.urls[service.name])
    return url.port in (settings.port, service.port) and url.hostname in (
        *LOOPBACK,
        settings.address,
    )


def is_further(url: str, settings: ServiceSettings, service: Service) -> bool:
    """Whether the address is none, or of one of the service's further ports."""
    ports = (*settings.opened_alone, *service.also)
    where = urlsplit(url.strip())
    return not where.netloc or (
        where.port in ports and where.hostname in (*LOOPBACK, settings.address)
    )


def port_variables(service: Service) -> list[str]:
    return [f"{service.name.upper()}_PORT", *FURTHER_PORTS.get(service.name, ())]


def address(host: str, port: int) -> str:
    """Where a service that listens on `host` is found from this machine."""
    name = near(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def near(host: str) -> str:
    return NEAR.get(host, host)


def block(first: int) -> dict[str, list[int]]:
    """Ports from `first` on: one for each row of the topology table, then the further ones, then
    the one of Redis.
    """
    ports = {service.name: [first + index] for index, service in enumerate(SERVICES)}
    following = first + len(SERVICES)
    for service in SERVICES:
        ports[service.name] += range(following, following + len(service.also))
        following += len(service.also)
    return {**ports, REDIS: [following]}
