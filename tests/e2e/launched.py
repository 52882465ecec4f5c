"""The shop as `acme up` starts it: real processes on ports of their own, in a folder of its own."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psutil

from acme.ephemeral import free_block
from shared.settings.variables import VARIABLES
from shared.topology import SERVICES

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
T = TypeVar("T")
FEW = ("articles", "suggestions")
READY = "ready after"
REDIS = len(SERVICES) + sum(len(service.also) for service in SERVICES)  # after all the others
PORTS = REDIS + 1


def until(ask: Callable[[], T | None], seconds: float = PATIENCE) -> T:
    """Asks again and again until the answer is true; fails when that takes too long."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < end, f"still not so after {seconds} s"
        time.sleep(0.02)
    return answer


def exists(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def get(url: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Status and text of an answer; 0 and the error's name when there is none."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    try:
        connection.request("GET", f"{where.path}?{where.query}", headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError as error:
        return 0, type(error).__name__
    finally:
        connection.close()


class Launched:
    """One run folder, and the commands of `acme` in it."""

    def __init__(self, folder: Path, bytecode: Path) -> None:
        self.run = folder / "run"
        self.log_file = folder / "log"
        self.base = free_block()
        self.environ = {
            name: text for name, text in os.environ.items() if name not in VARIABLES
        } | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"}  # no table wraps a cell
        if self.environ.pop("PYTHONDONTWRITEBYTECODE", None):  # who starts so much needs some
            self.environ["PYTHONPYCACHEPREFIX"] = str(bytecode)
        self.left: list[int] = []
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "acme.cli", *arguments, "--run-dir", str(self.run)]

    def acme(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end."""
        return subprocess.run(
            self.command(*arguments),
            check=False,
            capture_output=True,
            text=True,
            env=self.environ,
            cwd=self.run.parent,
            timeout=PATIENCE,
        )

    def start(
        self, *arguments: str, ports: bool = True, stdout: int | None = None
    ) -> subprocess.Popen[bytes]:
        """Starts `acme up`; standard error goes to the log, and so does its output by default."""
        block = ["--port-base", str(self.base)] if ports else []
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                self.command("up", *block, *arguments),
                stdin=subprocess.DEVNULL,
                stdout=log if stdout is None else stdout,
                stderr=log,
                env=self.environ,
                cwd=self.run.parent,
            )
        return self.process

    def up(self, *arguments: str, ports: bool = True) -> subprocess.Popen[bytes]:
        """Starts the shop and waits until it says that all is ready."""
        process = self.start(*arguments, ports=ports)
        until(lambda: READY in self.log() or process.poll() is not None)
        assert READY in self.log(), self.log()
        return process

    def log(self) -> str:
        return self.log_file.read_text()

    def services(self) -> dict[str, dict[str, Any]]:
        """Each service as `acme ps --json` prints it."""
        done = self.acme("ps", "--json")
        assert done.returncode == 0, done.stderr
        return {row["service"]: row for row in json.loads(done.stdout)["services"]}

    def pids(self) -> dict[str, int]:
        state = json.loads((self.run / "run.json").read_text())
        pids = {name: process["pid"] for name, process in state["services"].items()}
        self.left = list(filter(None, pids.values()))
        return pids

    def close(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pid in self.left:
            with suppress(psutil.Error):
                left = psutil.Process(pid)
                if Path(left.cwd()) == self.run.parent:  # still ours, not a pid used again
                    left.kill()
