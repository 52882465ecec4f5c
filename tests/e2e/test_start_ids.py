"""Faults end with the shop, also where the ids of its processes are the same ones again."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.acme.command_line import acme
from tests.e2e.launched import READY, Launched, get, until

# The program has a new PID namespace, is process 1 there, and is told to end with its parent.
UNSHARED = ("unshare", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child=TERM")


@pytest.fixture(scope="module", autouse=True)
def namespaces() -> None:
    """Skips where one may not make a PID namespace, as in most containers."""
    if not shutil.which("unshare") or subprocess.run([*UNSHARED, "true"], check=False).returncode:
        pytest.skip("no PID namespace can be made here")


@contextmanager
def alone(shop: Launched) -> Iterator[str]:
    """The control plane as `acme up` starts it, in a PID namespace; its address."""
    with shop.log_file.open("wb") as log:
        process = subprocess.Popen(
            [*UNSHARED, *shop.command("up", "chaos", "--port-base", str(shop.base))],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=shop.environ,
            cwd=shop.run.parent,
        )
    try:
        until(lambda: READY in shop.log() or process.poll() is not None)
        yield next(iter(shop.services().values()))["url"]
    finally:
        process.kill()
        process.wait()
        until(lambda: "the shop has stopped" in shop.log())


def test_the_next_start_forgets_the_faults_of_the_one_before(launched: Launched) -> None:
    with alone(launched) as url:
        assert acme("faults", "set", "payment-failure", "--url", url) == 0
        assert "payment-failure" in get(f"{url}/chaos/v1/faults")[1]

    with alone(launched) as url:
        assert "payment-failure" not in get(f"{url}/chaos/v1/faults")[1]
        assert "earlier faults forgotten: 1" in launched.log()
