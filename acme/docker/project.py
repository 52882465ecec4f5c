"""The compose project as it is chosen now: what would be started, and what runs of it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from acme.docker.engine import Docker

MIB = 1 << 20
SHOP = "localhost/acmeshop:dev"


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
    def told(self) -> str:
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
