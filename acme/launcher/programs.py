"""What the launcher's children run: the services of the shop, and the Redis they share."""

from dataclasses import dataclass
from typing import Protocol

from acme.launcher import environment
from acme.launcher.plan import OwnRedis
from acme.launcher.readiness import HTTP, REDIS, ReadinessCheck
from acme.launcher.sockets import Listeners, Place
from acme.launcher.spawner import Spawner
from acme.redis.server import HOST, log_entry, unreadable
from shared.settings import ServiceSettings
from shared.topology import BY_NAME


class Program(Protocol):
    """One that `serves` the others starts before them and stops after them; one that opens its port
    by itself, where others are given a listening socket, before all. The `readiness` check is
    answered once it is ready; `advice` is for when it ends before that.
    """

    @property
    def name(self) -> str: ...
    @property
    def place(self) -> Place: ...
    @property
    def url(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def serves(self) -> bool: ...
    @property
    def opens_port(self) -> bool: ...
    @property
    def readiness(self) -> ReadinessCheck: ...
    @property
    def advice(self) -> str: ...

    def start(self, listeners: Listeners) -> tuple[int, int]:
        """Returns the new process's id and the pipe with all that it prints."""

    def log_line(self, line: str) -> str | None:
        """A line that it printed, as it goes to the log; None for one that does not."""


@dataclass(frozen=True)
class ServiceProgram:
    """A service of the shop."""

    settings: ServiceSettings
    spawner: Spawner
    opens_port: bool = False
    readiness: ReadinessCheck = HTTP
    advice: str = ""

    @property
    def name(self) -> str:
        return self.settings.service

    @property
    def place(self) -> Place:
        return environment.place_of(self.settings)

    @property
    def url(self) -> str:
        return environment.address(self.settings.address, self.settings.port)

    @property
    def description(self) -> str:
        return BY_NAME[self.name].is_

    @property
    def serves(self) -> bool:
        return BY_NAME[self.name].keeps == "traces"

    def start(self, listeners: Listeners) -> tuple[int, int]:
        return self.spawner.start(self.settings, listeners)

    def log_line(self, line: str) -> str | None:
        return line


@dataclass(frozen=True)
class RedisProgram:
    """The Redis that comes with the shop. It opens its port by itself: the socket that held it
    until then is closed before."""

    own: OwnRedis
    spawner: Spawner
    name: str = environment.REDIS
    serves: bool = True
    opens_port: bool = True
    readiness: ReadinessCheck = REDIS

    @property
    def url(self) -> str:
        return environment.redis_address(self.own.port)

    @property
    def place(self) -> Place:
        return Place(HOST, (self.own.port,))

    @property
    def description(self) -> str:
        return self.own.server.description

    @property
    def advice(self) -> str:
        return "" if self.own.server.forgets else unreadable(self.own.folder)

    def start(self, listeners: Listeners) -> tuple[int, int]:
        command = self.own.server.command(self.own.port, self.own.folder)
        return self.spawner.start_program(self.name, command, listeners)

    def log_line(self, line: str) -> str | None:
        return log_entry(line)
