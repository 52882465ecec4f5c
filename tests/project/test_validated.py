"""Each file of observability/ is taken by the program that reads it, in the version that is pinned.

The program is the one on PATH, where it has that version, or else the image that docker-compose.yml
names, where Docker has it. With neither a test is skipped, or fails if ACME_VALIDATE=all says so.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from scripts.tables import ROOT
from tests.project.composed import filled, read_compose, read_defaults

COMPOSED, DEFAULTS = read_compose()["services"], read_defaults()
OBSERVABILITY = "./observability/"
SOMEWHERE = {
    "KAFKA_BROKERS": "localhost:9092",
    "OPENSEARCH_URL": "http://localhost:9200",
    "S3_BUCKET": "traces",
    "S3_ENDPOINT": "localhost:9000",
    "S3_INSECURE": "true",
    "S3_REGION": "none",
}


@dataclass(frozen=True)
class Program:
    """What reads files of observability/: a service of docker-compose.yml, and its name on PATH."""

    service: str
    name: str
    version: tuple[str, ...] = ("--version",)
    entrypoint: str | None = None

    @property
    def image(self) -> str:
        return filled(COMPOSED[self.service]["image"], DEFAULTS)

    @property
    def pinned(self) -> str:
        return self.image.rpartition(":")[2].removeprefix("v")

    def folders(self) -> Iterator[tuple[Path, str]]:
        """Folders of this tree, and where the container has them."""
        for volume in COMPOSED[self.service]["volumes"]:
            here, there, *_ = volume.split(":")
            if here.startswith(OBSERVABILITY):
                yield ROOT / here, there

    def command(self, arguments: tuple[str, ...]) -> list[str] | str:
        """The command to run, or a sentence that says why there is none."""
        found, docker = shutil.which(self.name), shutil.which("docker")
        if found:
            printed = run([found, *self.version])
            if re.search(rf"(?<![\d.]){re.escape(self.pinned)}(?![\d.])", printed.stdout):
                return [found, *map(self.here, arguments)]
        if docker and run([docker, "image", "inspect", self.image]).returncode == 0:
            volumes = [f"--volume={here}:{there}:ro" for here, there in self.folders()]
            names = [f"--env={name}" for name in SOMEWHERE]
            entry = [f"--entrypoint={self.entrypoint}"] if self.entrypoint else []
            return [docker, "run", "--rm", *volumes, *names, *entry, self.image, *arguments]
        return f"neither {self.name} {self.pinned} nor its image is here"

    def here(self, argument: str) -> str:
        for here, there in self.folders():
            argument = argument.replace(there, str(here))
        return argument


COLLECTOR = Program("otel-collector", "otelcol-contrib")
JAEGER = Program("jaeger", "jaeger", version=("version",))
TEMPO = Program("tempo", "tempo")
LOKI = Program("loki", "loki")
PROMTOOL = Program("prometheus", "promtool", entrypoint="promtool")


def collector(*layers: str) -> tuple[Program, tuple[str, ...]]:
    return COLLECTOR, ("validate", *(f"--config=/etc/otelcol/{name}.yaml" for name in layers))


CASES = [
    *(
        collector("base", f"backend-{backend}", f"sampling-{sampling}", f"logs-{logs}", "lens")
        for backend, sampling, logs in product(
            ("jaeger", "tempo", "both"), ("all", "tail"), ("none", "loki")
        )
    ),
    collector("base", "backend-both", "sampling-tail", "logs-none", "lens", "production"),
    collector("balance", "logs-none"),
    collector("balance", "logs-loki"),
    *(
        (JAEGER, ("validate", f"--config=/etc/jaeger/{name}.yaml"))
        for name in (
            "config",
            "production/collector",
            "production/ingester",
            "production/query",
        )
    ),
    (TEMPO, ("-config.verify", "-config.file=/etc/tempo/tempo.yaml")),
    (
        TEMPO,
        (
            "-config.verify",
            "-config.expand-env=true",
            "-config.file=/etc/tempo/production/tempo.yaml",
        ),
    ),
    (LOKI, ("-verify-config", "-config.file=/etc/loki/loki.yaml")),
    (PROMTOOL, ("check", "config", "/etc/prometheus/prometheus.yaml")),
    (PROMTOOL, ("check", "config", "/etc/prometheus/production.yaml")),
    (PROMTOOL, ("check", "rules", "/etc/prometheus/rules.yaml")),
]


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=os.environ | SOMEWHERE, capture_output=True, text=True, check=False
    )


def named(case: object) -> str:
    if isinstance(case, Program):
        return case.service
    assert isinstance(case, tuple)
    return "+".join(re.findall(r"([\w/-]+)\.yaml", " ".join(case))).replace("/etc/", "")


@pytest.mark.parametrize(("program", "arguments"), CASES, ids=named)
def test_the_program_takes_its_file(program: Program, arguments: tuple[str, ...]) -> None:
    command = program.command(arguments)
    if isinstance(command, str):
        if os.environ.get("ACME_VALIDATE") == "all":
            pytest.fail(command)
        pytest.skip(command)

    done = run(command)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "deprecated" not in done.stderr.lower()


def test_every_file_is_read_by_some_program() -> None:
    there = {
        f"{target}/{file.relative_to(folder)}"
        for program in (COLLECTOR, JAEGER, TEMPO, LOKI, PROMTOOL)
        for folder, target in program.folders()
        for file in folder.rglob("*.yaml")
        if file.name != "kustomization.yaml"
    }
    read = {
        word.rpartition("=")[2] for _, arguments in CASES for word in arguments if ".yaml" in word
    }

    assert there - read == set()
