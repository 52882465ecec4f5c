"""Watches over the services: starts them, restarts what crashes, stops them in order."""

import errno
import os
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from acme.launcher import environment
from acme.launcher.child import FIRST, Child, ending
from acme.launcher.events import READ, Events
from acme.launcher.log import Log
from acme.launcher.readiness import Readiness
from acme.launcher.sockets import Listeners, open_listeners

CANNOT_START = 78
START_TIMEOUT = 60.0
POLITE, LAST_WORD = 1.2, 1.8  # seconds after which those that serve, then everyone, must go


class Supervisor:
    """The life of the shop in one event loop. `on_ready` is called once, when all are ready;
    `on_change` whenever a process has come or gone."""

    def __init__(
        self,
        children: Sequence[Child],
        log: Log,
        events: Events,
        *,
        restarting: bool,
        on_ready: Callable[[], None],
        on_change: Callable[[], None],
    ) -> None:
        self._children = children
        self._log = log
        self._events = events
        self._restarting = restarting
        self._on_ready = on_ready
        self._on_change = on_change
        self._starting = True
        self._stopping = False
        self._terminated: set[int] = set()
        self._code = 0

    def run(self, listeners: Mapping[str, Listeners]) -> int:
        """Starts everything, and comes back with an exit code when everything has ended."""
        self._events.on_signal(signal.SIGCHLD, self._reap)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._events.on_signal(number, self._interrupted)
        for child in sorted(self._children, key=Child.start_order):
            self._start(child, listeners[child.name])
        self._on_change()
        self._events.later(START_TIMEOUT, self._start_timed_out)
        self._events.run()
        return self._code

    def stop(self, code: int = 0) -> None:
        """Stops everything: first those that send spans, then those that keep them."""
        if self._stopping:
            return
        self._stopping, self._code = True, code
        for child in self._children:
            self._end_readiness(child)
        self._terminate(serving=False)
        self._events.later(POLITE, lambda: self._terminate(serving=True))
        self._events.later(LAST_WORD, self._kill)
        self._carry_on_stopping()

    def _start(self, child: Child, listeners: Listeners) -> None:
        program = child.program
        child.started(*program.start(listeners))
        self._events.watch(child.pipe, READ, lambda: self._pass_on(child))
        host, port = environment.near(program.place.host), program.place.ports[0]
        ready = partial(self._became_ready, child)
        child.readiness = Readiness(self._events, program.readiness, host, port, ready)

    def _pass_on(self, child: Child) -> bool:
        """Passes on what the child printed; False when there is no more for now, or ever."""
        try:
            piece = os.read(child.pipe, 65536)
        except BlockingIOError:
            return False
        self._print(child, child.lines.add(piece) if piece else child.lines.end())
        if not piece:
            self._close_pipe(child)
        return bool(piece)

    def _print(self, child: Child, lines: Iterable[str]) -> None:
        for line in lines:
            entry = child.program.log_line(line)
            if entry is not None:
                self._log.printed(child.name, entry)

    def _close_pipe(self, child: Child) -> None:
        self._events.forget(child.pipe)
        os.close(child.pipe)
        child.pipe = -1

    def _became_ready(self, child: Child) -> None:
        child.ready = True
        self._check_all_ready()

    def _check_all_ready(self) -> None:
        if self._starting and all(child.ready or child.given_up for child in self._children):
            self._starting = False
            self._on_ready()

    def _start_timed_out(self) -> None:
        if self._starting and not self._stopping:
            waiting = ", ".join(child.name for child in self._children if not child.ready)
            self._log.say(f"not ready after {START_TIMEOUT:.0f} s: {waiting}; stopping the shop")
            self.stop(1)

    def _reap(self) -> None:
        for child in self._children:
            if child.pid:
                pid, status = os.waitpid(child.pid, os.WNOHANG)
                if pid:
                    self._ended(child, status)
        self._on_change()
        if self._stopping:
            self._carry_on_stopping()

    def _ended(self, child: Child, status: int) -> None:
        while child.pipe >= 0 and self._pass_on(child):
            pass
        self._print(child, child.lines.end())
        if child.pipe >= 0:
            self._close_pipe(child)
        self._end_readiness(child)
        pid, child.pid = child.pid, 0
        if not self._stopping:
            self._deal_with(child, f"{child.name} (pid {pid}) {ending(status)}", status)

    def _deal_with(self, child: Child, what: str, status: int) -> None:
        code = os.waitstatus_to_exitcode(status)
        if code == CANNOT_START or (self._starting and code > 0):
            self._log.say(f"{what} before it was ready; stopping the shop")
            if child.program.advice:
                self._log.say(child.program.advice)
            self.stop(1)
        elif not self._restarting:
            child.given_up = True
            self._log.say(f"{what}; it stays down")
            self._check_all_ready()
        elif wait := child.wait():
            self._log.say(f"{what}; next start in {wait:g} s ({child.restarts + 1})")
            self._events.later(wait, lambda: self._restart(child, f"{child.name} was down"))
        else:
            self._restart(child, what)

    def _restart(self, child: Child, what: str) -> None:
        if self._stopping:
            return
        listeners, busy = open_listeners({child.name: child.program.place})
        if busy:
            listeners[child.name].close()
            wait = child.backoff.wait(lived=0) or FIRST
            taken = os.strerror(busy[0].reason.errno or errno.EADDRINUSE)
            self._log.say(f"{what}; port {busy[0].port}: {taken}; next try in {wait:g} s")
            self._events.later(wait, lambda: self._restart(child, f"{child.name} was down"))
            return
        self._start(child, listeners[child.name])
        child.restarts += 1
        self._log.say(f"{what}; restarted as pid {child.pid} ({child.restarts})")
        self._on_change()

    def _interrupted(self) -> None:
        if self._stopping:
            self._kill()
            return
        self._log.say("stopping the shop; once more kills it")
        self.stop()

    def _carry_on_stopping(self) -> None:
        left = [child for child in self._children if child.pid]
        if not left:
            self._events.end()
        elif all(child.program.serves for child in left):
            self._terminate(serving=True)

    def _terminate(self, serving: bool) -> None:
        for child in self._children:
            if child.program.serves == serving and child.pid not in self._terminated:
                self._terminated.add(child.pid)
                child.signal(signal.SIGTERM)

    def _kill(self) -> None:
        for child in self._children:
            child.signal(signal.SIGKILL)

    @staticmethod
    def _end_readiness(child: Child) -> None:
        if child.readiness:
            child.readiness.end()
            child.readiness = None
