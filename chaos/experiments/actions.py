"""The actions of experiments: functions that Chaos Toolkit calls to change the shop."""

import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from chaos.measures import Shop, is_applied_everywhere

TIMEOUT, PAUSE = 20.0, 0.05
ONE_ANSWER = 1.0


def put_fault(fault: dict[str, Any]) -> str:
    """Applies a fault, written as in docs/faults.md, and waits until every service has it."""
    control_plane = Shop.of_environment().control_plane
    control_plane.request("PUT", f"/faults/{fault['id']}", fault)
    end = time.monotonic() + TIMEOUT
    while not is_applied_everywhere(
        applied := str(control_plane.get(f"/faults/{fault['id']}", hidden="show")["applied"])
    ):
        if time.monotonic() > end:
            raise TimeoutError(f"only {applied} services applied {fault['id']} in {TIMEOUT:g} s")
        time.sleep(PAUSE)
    return f"{fault['id']} applied by {applied}"


def clear_faults(ids: Sequence[str]) -> str:
    """Removes those of the faults that still exist."""
    control_plane = Shop.of_environment().control_plane
    existing = {row["fault"]["id"] for row in control_plane.get("/faults", hidden="show")["faults"]}
    removed = [id_ for id_ in ids if id_ in existing]
    for id_ in removed:
        control_plane.request("DELETE", f"/faults/{id_}")
    return f"removed {', '.join(removed) or 'nothing'}"


def wait_until_healthy(service: str, timeout: float = TIMEOUT) -> str:
    """Waits until the service answers its health check. Raises TimeoutError."""
    url, start = Shop.of_environment().urls[service], time.monotonic()
    while time.monotonic() - start < timeout:
        if is_healthy(url):
            return f"{service} answers after {time.monotonic() - start:.1f} s"
        time.sleep(PAUSE)
    raise TimeoutError(f"{service} does not answer after {timeout:g} s")


def is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=ONE_ANSWER) as answer:  # noqa: S310  # a service of the shop
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False
