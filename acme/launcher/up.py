"""`acme up`: opens the ports, starts the services, tells what runs where, stays until the end."""

import os
import sys
import time

from acme.launcher import environment
from acme.launcher.child import Child
from acme.launcher.events import Events
from acme.launcher.journal import Journal
from acme.launcher.nursery import Nursery, can_fork, preload
from acme.launcher.output import Output
from acme.launcher.overview import overview
from acme.launcher.plan import CannotStart, Plan, Wishes, plan
from acme.launcher.programs import Program, RedisProgram, ServiceProgram
from acme.launcher.state import RunFolder, State
from acme.launcher.supervisor import Supervisor
from acme.terminal import Colours, wanted
from shared.errors import SettingError

LAST_LINES = 0.2
FORGETFUL = (
    "there is no Redis on this machine: fakeredis stands in, and forgets carts, sessions and events"
    " at its end; redis-server or valkey-server would keep them"
)


def up(wishes: Wishes) -> int:
    """Runs the shop until it is stopped; answers the exit code."""
    begun = time.monotonic()
    run = RunFolder(wishes.run)
    if run.lock() is None:
        print(already_runs(run), file=sys.stderr)
        return 1
    try:
        told = environment.with_folders(environment.own(), run.path)
        planned = plan(wishes, environment.with_token(told))
    except (CannotStart, SettingError) as error:
        print(error, file=sys.stderr)
        return 1
    state = State(os.getpid(), time.time(), planned.settings[0].seed, wishes.restarting)
    run.write(state)
    forking = not wishes.spawning and can_fork()
    if forking:
        preload(wishes.names)
    nursery = Nursery(planned.environ, forking)
    try:
        return Shop(planned, wishes, run, nursery=nursery, state=state, begun=begun).live()
    finally:
        run.clear()


class Shop:
    """One run of the shop, from the first process to the last."""

    def __init__(
        self,
        planned: Plan,
        wishes: Wishes,
        run: RunFolder,
        *,
        nursery: Nursery,
        state: State,
        begun: float,
    ) -> None:
        self._plan = planned
        self._wishes = wishes
        self._run = run
        self._state = state
        self._begun = begun
        self._events = Events()
        self._output = Output(sys.stdout.fileno(), self._events)
        colours = Colours(wanted(planned.environ, sys.stdout.isatty()))
        self._children = [Child(program) for program in programs(planned, nursery)]
        names = [child.name for child in self._children]
        self._journal = Journal(self._output, names, colours, wishes.raw)

    def live(self) -> int:
        for move in self._plan.moved:
            self._journal.say(f"port {move.port} is busy: {move.service} takes {move.to} instead")
        if self._plan.redis and self._plan.redis.server.forgets:
            self._journal.say(FORGETFUL)
        supervisor = Supervisor(
            self._children,
            self._journal,
            self._events,
            restarting=self._wishes.restarting,
            on_ready=self._ready,
            on_change=self._changed,
        )
        self._output.on_closed(supervisor.stop)
        code = supervisor.run(self._plan.doors)
        self._journal.say("the shop has stopped")
        self._output.drain(LAST_LINES)
        self._events.close()
        return code

    def _changed(self) -> None:
        self._state.services = {child.name: child.as_process() for child in self._children}
        self._run.write(self._state)

    def _ready(self) -> None:
        self._journal.show(overview(self._children, self._plan.settings))
        taken = time.monotonic() - self._begun
        self._journal.say(f"all {len(self._children)} services are ready after {taken:.1f} s")


def programs(planned: Plan, nursery: Nursery) -> list[Program]:
    """What is going to run: the services, and behind them their Redis if they need one."""
    running: list[Program] = [ServiceProgram(one, nursery) for one in planned.settings]
    if planned.redis:
        running.append(RedisProgram(planned.redis, nursery))
    return running


def already_runs(run: RunFolder) -> str:
    state = run.read()
    who = f"pid {state.pid}" if state else "it is just starting"
    return f"The shop already runs from {run.path} ({who}); `acme down` stops it."
