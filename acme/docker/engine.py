"""Docker's own command line, asked from the folder of docker-compose.yml."""

import subprocess
from dataclasses import dataclass
from typing import Any, Protocol

from acme.launcher import environment

NOT_THERE = "docker is not installed"
PATIENCE = 120


class Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Target(Protocol):
    def write(self, data: bytes, /) -> object: ...


class DockerFailed(Exception):
    """Docker did not do what was asked; the message is a sentence of it."""


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
                pass  # it has given up: its exit code and its words tell why
            told = self._end(process, arguments)
        return told.decode().strip()

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
        told, complaint = process.communicate()
        if process.returncode:
            raise DockerFailed(sentence(arguments, complaint))
        return told or b""

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
    """The last line that docker said, or else that it said nothing."""
    lines = complaint.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"docker {' '.join(arguments)} failed without a word"
