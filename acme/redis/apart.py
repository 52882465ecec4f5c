"""A Redis apart from any other, for a while: on a free port, in a folder of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acme.launcher import environment
from acme.launcher.sockets import listen, port_of
from acme.redis import ping
from acme.redis.server import HOST, Server

START, END = 20.0, 5.0
PAUSE = 0.01


@contextmanager
def redis_apart(server: Server, folder: Path) -> Iterator[str]:
    """Answers its address. Raises TimeoutError, with what it printed, when it does not start."""
    with listen(HOST, 0) as free:
        port = port_of(free)
    lifeline, held = os.pipe()  # it ends with this process, however that ends
    command = [sys.executable, "-m", "acme.launcher.tied", str(lifeline)]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  # our own choice
            [*command, *server.command(port, folder)],
            cwd=environment.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[lifeline],
        )
    os.close(lifeline)
    try:
        wait_until_ready(process, port, log)
        yield f"redis://{HOST}:{port}"
    finally:
        stop(process)
        os.close(held)


def wait_until_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + START
    while not ping.answers(HOST, port):
        if process.poll() is not None or time.monotonic() > end:
            raise TimeoutError(f"Redis does not start: {log.read_text()}")
        time.sleep(PAUSE)


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
