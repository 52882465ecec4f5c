"""Docker's own command line, and the compose project as it is chosen now."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from acme.launcher import environment

NOT_THERE = "docker is not installed"
PATIENCE = 120
MIB = 1 << 20
SHOP = "localhost/acmeshop:dev"


class Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Target(Protocol):
    def write(self, data: bytes, /) -> object: ...


class DockerFailed(Exception):
    """Docker did not do what it was to do; the message is a sentence of it."""


@dataclass(frozen=True)
class Docker:
    """Calls `docker`; whatever goes wrong is a DockerFailed."""

    program: str = "docker"

    def ask(self, *arguments: str) -> str:
        """What it prints."""
        return self._run(arguments, capture_output=True, timeout=PATIENCE).decode().strip()

    def lines(self, *arguments: str) -> list[str]:
        return self.ask(*arguments).splitlines()

    def compose(self, *arguments: str) -> str:
        return self.ask("compose", *arguments)

    def feed(self, source: Source, *arguments: str) -> str:
        """What it prints when all of `source` has been put into it."""
        with self._start(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None
            try:
                while block := source.read(1 << 20):
                    process.stdin.write(block)
            except BrokenPipeError:
                pass  # it has given up: its exit code and its output say why
            printed = self._end(process, arguments)
        return printed.decode().strip()

    def pour(self, target: Target, *arguments: str) -> None:
        """Puts all that it prints into `target`."""
        with self._start(arguments, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            while block := process.stdout.read(1 << 20):
                target.write(block)
            self._end(process, arguments)

    def _start(self, arguments: tuple[str, ...], **options: Any) -> subprocess.Popen[bytes]:
        command = [self.program, *arguments]
        try:
            return subprocess.Popen(  # noqa: S603  # docker, by the user's PATH
                command, cwd=environment.ROOT, stderr=subprocess.PIPE, **options
            )
        except FileNotFoundError:
            raise DockerFailed(NOT_THERE) from None

    def _end(self, process: subprocess.Popen[bytes], arguments: tuple[str, ...]) -> bytes:
        printed, complaint = process.communicate()
        if process.returncode:
            raise DockerFailed(sentence(arguments, complaint))
        return printed or b""

    def _run(self, arguments: tuple[str, ...], **options: Any) -> bytes:
        command = [self.program, *arguments]
        try:
            done = subprocess.run(command, cwd=environment.ROOT, check=False, **options)  # noqa: S603
        except FileNotFoundError:
            raise DockerFailed(NOT_THERE) from None
        except subprocess.TimeoutExpired:
            raise DockerFailed(f"docker {arguments[0]} did not end in {PATIENCE} s") from None
        if done.returncode:
            raise DockerFailed(sentence(arguments, done.stderr or done.stdout))
        printed: bytes = done.stdout
        return printed


def sentence(arguments: tuple[str, ...], complaint: bytes) -> str:
    """The last line that docker printed, or a sentence that it printed nothing."""
    lines = complaint.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"docker {' '.join(arguments)} failed without a word"


@dataclass(frozen=True)
class Container:
    """A container of the project as `docker compose ps` has it; `health` is empty without a
    health check.
    """

    service: str
    state: str
    health: str = ""
    exit_code: int = 0

    @property
    def is_well(self) -> bool:
        return self.state == "running" and self.health in {"", "healthy"}

    @property
    def is_starting(self) -> bool:
        return self.state == "running" and self.health == "starting"

    @property
    def description(self) -> str:
        if self.state != "running":
            return f"{self.service} is {self.state} (exit code {self.exit_code})"
        return f"{self.service} is {self.health or 'running'}"


@dataclass(frozen=True)
class Project:
    services: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, docker: Docker) -> "Project":
        return cls(json.loads(docker.compose("config", "--format", "json"))["services"])

    def memory(self) -> int:
        """The sum of all limits, in MiB."""
        return sum(int(one.get("mem_limit", 0)) for one in self.services.values()) // MIB

    def images(self) -> list[str]:
        return sorted({one["image"] for one in self.services.values()})

    def ports(self) -> Iterator[tuple[str, str, int]]:
        """Service, address and port of this machine, for each that is published."""
        for name, one in self.services.items():
            for port in one.get("ports", ()):
                yield name, port.get("host_ip", "0.0.0.0"), int(port["published"])  # noqa: S104


def containers(docker: Docker) -> list[Container]:
    """What there is of the project, running or not."""
    rows = map(json.loads, docker.compose("ps", "--all", "--format", "json").splitlines())
    return [
        Container(row["Service"], row["State"], row.get("Health", ""), row.get("ExitCode", 0))
        for row in rows
    ]
