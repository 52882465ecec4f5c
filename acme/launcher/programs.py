"""What the launcher's children run: the services of the shop, and the Redis they share."""

from dataclasses import dataclass
from typing import Protocol

from acme.launcher import environment
from acme.launcher.nursery import Nursery
from acme.launcher.plan import OwnRedis
from acme.launcher.probe import HTTP, REDIS, Question
from acme.launcher.sockets import Door, Place
from acme.redis import log
from acme.redis.server import HOST, unreadable
from shared.settings import Settings
from shared.topology import BY_NAME


class Program(Protocol):
    """One that `serves` the others starts before them and stops after them; one that `listens` by
    itself, where others are given an open door, before all. `question` is answered once it is
    ready; `advice` is for when it ends before that.
    """

    @property
    def name(self) -> str: ...
    @property
    def place(self) -> Place: ...
    @property
    def url(self) -> str: ...
    @property
    def is_(self) -> str: ...
    @property
    def serves(self) -> bool: ...
    @property
    def listens(self) -> bool: ...
    @property
    def question(self) -> Question: ...
    @property
    def advice(self) -> str: ...

    def start(self, door: Door) -> tuple[int, int]:
        """Answers the new process's id and the pipe with all that it prints."""

    def told(self, line: str) -> str | None:
        """A line that it printed, as it goes to the journal, if it does."""


@dataclass(frozen=True)
class ServiceProgram:
    """A service of the shop."""

    settings: Settings
    nursery: Nursery
    listens: bool = False
    question: Question = HTTP
    advice: str = ""

    @property
    def name(self) -> str:
        return self.settings.service

    @property
    def place(self) -> Place:
        return environment.place_of(self.settings)

    @property
    def url(self) -> str:
        return environment.address(self.settings.host, self.settings.port)

    @property
    def is_(self) -> str:
        return BY_NAME[self.name].is_

    @property
    def serves(self) -> bool:
        return BY_NAME[self.name].keeps == "traces"

    def start(self, door: Door) -> tuple[int, int]:
        return self.nursery.start(self.settings, door)

    def told(self, line: str) -> str | None:
        return line


@dataclass(frozen=True)
class RedisProgram:
    """The Redis that comes with the shop. It opens its port by itself: what held it until then
    gives way to it."""

    own: OwnRedis
    nursery: Nursery
    name: str = environment.REDIS
    serves: bool = True
    listens: bool = True
    question: Question = REDIS

    @property
    def url(self) -> str:
        return environment.redis_address(self.own.port)

    @property
    def place(self) -> Place:
        return Place(HOST, (self.own.port,))

    @property
    def is_(self) -> str:
        return self.own.server.is_

    @property
    def advice(self) -> str:
        return "" if self.own.server.forgets else unreadable(self.own.folder)

    def start(self, door: Door) -> tuple[int, int]:
        command = self.own.server.command(self.own.port, self.own.folder)
        return self.nursery.launch(self.name, command, door)

    def told(self, line: str) -> str | None:
        return log.entry(line)
