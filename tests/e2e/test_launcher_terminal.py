"""`acme up` in a terminal, where a Ctrl-C goes to everything that belongs to the foreground."""

import fcntl
import os
import pty
import subprocess
import termios
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.e2e.launched import FEW, PATIENCE, READY, Launched, exists, until

CTRL_C = b"\x03"


class Terminal:
    """A terminal of which this side is the person."""

    def __init__(self) -> None:
        self.person, self.program = pty.openpty()
        self.seen = b""
        os.set_blocking(self.person, False)

    def runs(self, command: list[str], environ: dict[str, str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            env=environ,
            stdin=self.program,
            stdout=self.program,
            stderr=self.program,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads
        )

    def shows(self, text: str) -> bool:
        with suppress(BlockingIOError):
            self.seen += os.read(self.person, 65536)
        return text in self.seen.decode(errors="replace")

    def close(self) -> None:
        os.close(self.person)
        os.close(self.program)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    opened = Terminal()
    yield opened
    opened.close()


def test_ctrl_c_in_the_terminal_stops_the_shop_in_order(shop: Launched, terminal: Terminal) -> None:
    shop.environ.pop("NO_COLOR", None)
    up = shop.process = terminal.runs(
        shop.command("up", "--port-base", str(shop.base), *FEW), shop.environ
    )
    until(lambda: terminal.shows(READY) or up.poll() is not None)
    pids = shop.pids().values()

    os.write(terminal.person, CTRL_C)

    until(lambda: terminal.shows("the shop has stopped"), seconds=PATIENCE)
    assert up.wait(10) == 0
    assert not any(map(exists, pids))
    assert "\x1b[1macme        | \x1b[0m" in terminal.seen.decode(), "in colours"
    assert "Traceback" not in terminal.seen.decode()


def test_no_color_is_respected_in_a_terminal(shop: Launched, terminal: Terminal) -> None:
    environ = shop.environ | {"NO_COLOR": "1"}
    shop.process = terminal.runs(shop.command("up", "--port-base", str(shop.base), *FEW), environ)

    until(lambda: terminal.shows(READY))

    assert b"\x1b" not in terminal.seen
