"""`acme up`: opens the ports, starts the services, shows what runs where, stays until the end."""

import os
import sys
import time
from collections.abc import Mapping, Sequence

from acme.launcher import environment
from acme.launcher.child import Child
from acme.launcher.events import Events
from acme.launcher.exposure import exposure
from acme.launcher.formats import formats_line
from acme.launcher.log import Log
from acme.launcher.output import Output
from acme.launcher.outside import Outside, Watch
from acme.launcher.plan import CannotStart, Plan, UpOptions, plan
from acme.launcher.programs import Program, RedisProgram, ServiceProgram
from acme.launcher.spawner import Spawner, can_fork, preload
from acme.launcher.state import RunFolder, State, UnusableFolder
from acme.launcher.supervisor import Supervisor
from acme.terminal import Colours, columns, wanted
from chaos.control_plane.store import profiles
from shared.errors import SettingError
from shared.instrumentation import packages
from shared.settings import ChaosSettings, ServiceSettings
from shared.settings.notices import for_many, notices
from shared.telemetry.redaction import redacted_url
from shared.topology import BY_NAME
from traces.units import plural

LAST_LINES = 0.2
FORGETFUL = (
    "there is no Redis on this machine: fakeredis stands in, and forgets carts, sessions and events"
    " at its end; redis-server or valkey-server would keep them"
)
HINTS = (
    ("frontend", "the shop", "/"),
    ("gateway", "an order", "/orders/12345"),
    ("lens", "explorer", "/"),
    ("chaos", "control room", "/"),
)


def up(options: UpOptions) -> int:
    """Runs the shop until it is stopped; returns the exit code."""
    begun = time.monotonic()
    run = RunFolder(options.run)
    run.keep_private()
    try:
        if run.lock() is None:
            print(already_runs(run), file=sys.stderr)
            return 1
        environ = environment.with_folders(environment.own(), run.path)
        if options.profile:
            environ["ACME_PROFILE"] = options.profile
        for line in notices(environ, options.names):
            print(line, file=sys.stderr)
        if len(options.names) > 1:
            environ = for_many(environ)
        check_faults(options, environ)
        planned = plan(options, environment.with_start_id(environment.with_token(environ)))
        check_instrumentation(planned.settings)
        state = State(os.getpid(), time.time(), planned.settings[0].seed, options.restarting)
        run.write(state)
    except (CannotStart, SettingError, UnusableFolder) as error:
        print(error, file=sys.stderr)
        return 1
    forking = not options.spawning and can_fork()
    if forking:
        auto = any(map(is_auto, planned.settings))
        preload(options.names, chaos=planned.settings[0].chaos, auto=auto)
    spawner = Spawner(planned.environ, forking)
    try:
        return Shop(planned, options, run, spawner=spawner, state=state, begun=begun).live()
    finally:
        run.clear()


class Shop:
    """One run of the shop, from the first process to the last."""

    def __init__(
        self,
        planned: Plan,
        options: UpOptions,
        run: RunFolder,
        *,
        spawner: Spawner,
        state: State,
        begun: float,
    ) -> None:
        self._plan = planned
        self._options = options
        self._run = run
        self._state = state
        self._begun = begun
        self._events = Events()
        self._output = Output(sys.stdout.fileno(), self._events)
        colours = Colours(wanted(planned.environ, sys.stdout.isatty()))
        self._children = [Child(program) for program in programs(planned, spawner)]
        names = [child.name for child in self._children]
        self._log = Log(self._output, names, colours, options.raw)
        self._watches = [Watch(one, self._log.say) for one in planned.outside]

    def live(self) -> int:
        for move in self._plan.moved:
            self._log.say(f"port {move.port} is busy: {move.service} takes {move.to} instead")
        if self._plan.redis and self._plan.redis.server.forgets:
            self._log.say(FORGETFUL)
        self._log.say(exposure(self._plan.settings))
        for watch in self._watches:
            self._log.say(watch.outside.expected)
            watch.start(self._events)
        supervisor = Supervisor(
            self._children,
            self._log,
            self._events,
            restarting=self._options.restarting,
            on_ready=self._ready,
            on_change=self._changed,
        )
        self._output.on_closed(supervisor.stop)
        code = supervisor.run(self._plan.listeners)
        for watch in self._watches:
            watch.end()
        self._log.say("the shop has stopped")
        self._output.drain(LAST_LINES)
        self._events.close()
        return code

    def _changed(self) -> None:
        started = {child.name: child.as_process() for child in self._children}
        self._state.services = started | {one.name: one.as_process() for one in self._plan.outside}
        try:
            self._run.write(self._state)
        except UnusableFolder as error:  # the shop goes on; `acme ps` and the others may be misled
            self._log.say(str(error))

    def _ready(self) -> None:
        self._log.show(overview(self._children, self._plan))
        taken = time.monotonic() - self._begun
        names = [child.name for child in self._children]
        self._log.say(f"{everything(names)} ready after {taken:.1f} s")
        for watch in self._watches:
            if watch.silent:
                self._log.say(watch.outside.missing)


def check_faults(options: UpOptions, environ: Mapping[str, str]) -> None:
    """Refuses what the control plane would, before anything is started. Raises SettingError."""
    if "chaos" in options.names:
        profiles(ChaosSettings.read(environ).profile)


def check_instrumentation(settings: Sequence[ServiceSettings]) -> None:
    """Raises SettingError where packages are to make the spans, and are not installed."""
    if any(map(is_auto, settings)):
        packages()


def is_auto(settings: ServiceSettings) -> bool:
    return settings.telemetry.instrumentation == "auto"


def everything(names: Sequence[str]) -> str:
    """What is ready: the shop's services by their number, by its name what is none of them."""
    services = [name for name in names if name in BY_NAME and BY_NAME[name].traced]
    others = [name for name in names if name not in services]
    *first, last = [*([plural(len(services), "service")] if services else []), *others]
    verb = "is" if len(names) == 1 else "are"
    return f"{', '.join(first)} and {last} {verb}" if first else f"{last} {verb}"


def programs(planned: Plan, spawner: Spawner) -> list[Program]:
    """What is going to run: the services, and behind them their Redis if they need one."""
    running: list[Program] = [ServiceProgram(one, spawner) for one in planned.settings]
    if planned.redis:
        running.append(RedisProgram(planned.redis, spawner))
    return running


def already_runs(run: RunFolder) -> str:
    state = run.read()
    who = f"pid {state.pid}" if state else "it is just starting"
    return f"The shop already runs from {run.path} ({who}); `acme down` stops it."


def overview(children: Sequence[Child], planned: Plan) -> str:
    return f"\n{table(children, planned.outside)}\n\n{hints(children, planned)}\n"


def table(children: Sequence[Child], outside: Sequence[Outside]) -> str:
    rows = [[one.name, one.program.url, str(one.pid), one.program.description] for one in children]
    rows += [[one.name, redacted_url(one.url), "-", one.description] for one in outside]
    return columns(("SERVICE", "URL", "PID", "WHAT IT IS"), rows, right=("PID",))


def hints(children: Sequence[Child], planned: Plan) -> str:
    urls = {one.name: redacted_url(one.url) for one in planned.outside}
    urls |= {child.name: child.program.url for child in children}
    links = [f"{text}: {urls[name]}{path}" for name, text, path in HINTS if name in urls]
    seed = planned.settings[0].seed
    return "\n".join(
        [
            *links,
            *elsewhere(planned.settings),
            *filter(None, [formats_line(planned.settings)]),
            f"seed {seed}: the same seed and the same requests give the same faults",
            "`.venv/bin/acme ps` shows how they are; Ctrl-C stops everything",
        ]
    )


def elsewhere(settings: Sequence[ServiceSettings]) -> list[str]:
    """Where spans go that the explorer will not show, one line for each place."""
    here = {f":{port}/" for one in settings for port in one.also}
    telemetry = [one.telemetry for one in settings if not one.telemetry.is_off]
    ends = {one.traces.endpoint for one in telemetry if "otlp" in one.traces_exporters}
    away = sorted(end for end in ends if not any(port in f"{end}/" for port in here))
    return [f"spans go to {redacted_url(end)}: the explorer does not show those" for end in away]
