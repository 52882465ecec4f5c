"""`acme doctor`: looks at this machine and at the shop, down to a span that arrives in lens and a
value that Redis gives back.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from acme.doctor import databases, machine, roundtrip
from acme.doctor.finding import Finding
from acme.ephemeral import ephemeral_redis
from acme.launcher import environment
from acme.launcher.state import Process, RunFolder, State
from acme.redis.server import choose
from shared.errors import SettingError
from shared.settings import CartSettings, LensSettings, OrdersSettings
from shared.telemetry.redaction import redacted_url
from shared.topology import BY_NAME

ANEW = "`acme kill redis` starts it anew; the shop's log says more."
GIVEN = "Start it, or unset REDIS_URL: `acme up` then starts one."
INSTALL = "Install redis-server or valkey-server to keep carts, sessions and events."


def findings(run: RunFolder) -> Iterator[Finding]:
    """Everything about this machine and the shop that runs from the folder, if one does."""
    environ = environment.with_folders(environment.own(), run.path)
    yield from machine.python()
    yield from machine.packages()
    yield from machine.services()
    yield from machine.memory()
    yield from machine.disk(Path(environ["ACME_DATA"]))
    yield from machine.settings(environ)
    if state := run.running():
        yield from of_running(state, environ)
    else:
        yield from of_stopped(environ)


def of_running(state: State, environ: Mapping[str, str]) -> Iterator[Finding]:
    yield Finding("ok", f"the shop runs (pid {state.pid})")
    services = {name: one for name, one in state.services.items() if name in BY_NAME}
    for name, process in services.items():
        yield readiness_of(state, name, process)
    lens = state.services.get("lens")
    if lens and not lens.outside:
        host = LensSettings.read(environ).host
        otlp = environment.address(host, lens.ports[1])
        yield from roundtrip.round_trip(otlp, lens.url)
    elif not lens:
        what = "lens does not run: no span can be read back"
        yield Finding("warn", what, "`acme up` without names starts it too.")
    if own := state.services.get(environment.REDIS):
        yield from databases.redis(own.url, ANEW)
    elif any(BY_NAME[name].needs_redis for name in services):
        yield from databases.redis(CartSettings.read(environ).redis_url, GIVEN)
    yield from mongo(environ)


def readiness_of(state: State, name: str, process: Process) -> Finding:
    shown = redacted_url(process.url)
    status, body = roundtrip.call("GET", f"{process.url}/readyz")
    named = f"{name}, which is outside," if process.outside else name
    if status == 200:
        return Finding("ok", f"{named} is ready at {shown}")
    answer = f"answers {status} {body}" if status else f"does not answer: {body}"
    return Finding("fail", f"{named} at {shown} {answer}", fix_of(state, name, process))


def fix_of(state: State, name: str, process: Process) -> str:
    if process.outside:
        contract = f"; `acme contract {name}` says what it must answer"
        return f"Start your program there{contract if BY_NAME[name].traced else ''}."
    if not state.restarting:
        return "It is not restarted: `acme down`, then `acme up`."
    if not process.pid:
        return "It is started again in a moment; the shop's log says why it ended."
    return f"`acme kill {name}` starts it anew; the shop's log says more."


def of_stopped(environ: Mapping[str, str]) -> Iterator[Finding]:
    yield Finding("ok", "the shop does not run")
    try:
        yield from machine.ports(environ)
        if "lens" in BY_NAME:
            yield from roundtrip.alone()
        yield from redis_alone(environ)
        yield from mongo(environ)
    except SettingError:
        yield Finding("warn", "ports and lens were not looked at", "Mend the setting first.")


def redis_alone(environ: Mapping[str, str]) -> Iterator[Finding]:
    """The Redis that the shop would use: the one that is named, or ours in a folder of its own."""
    if not environment.needs_redis(list(BY_NAME), environ):
        yield from databases.redis(CartSettings.read(environ).redis_url, GIVEN)
        return
    server = choose(environ.get("PATH", os.defpath))
    yield Finding(
        "warn" if server.forgets else "ok", server.description, INSTALL if server.forgets else ""
    )
    with tempfile.TemporaryDirectory(prefix="acme-") as folder:
        try:
            with ephemeral_redis(server, Path(folder)) as url:
                yield from databases.redis(url, "Try `acme up cart`: its log says more.")
        except TimeoutError as error:
            yield Finding("fail", str(error), INSTALL)


def mongo(environ: Mapping[str, str]) -> Iterator[Finding]:
    if url := OrdersSettings.read(environ).mongo_url:
        yield from databases.mongo(url)
