"""docs/find-the-slow-request.md and docs/find-the-error.md, walked as a newcomer would."""

import json
import re
import shlex
import time
from collections.abc import Iterator

import pytest

from tests.e2e.launched import PATIENCE, Launched, get
from tests.guided import ACME, Step, steps

ID = re.compile(r"\b[0-9a-f]{32}\b")
CURL = "curl -s http://127.0.0.1:5000"
LIST = "traces list"


@pytest.fixture(scope="module")
def launched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    """One shop for both guides, as anyone starts it."""
    folder = tmp_path_factory.mktemp("guides")
    shop = Launched(folder, tmp_path_factory.getbasetemp() / "bytecode")
    shop.environ |= {"OTEL_BSP_SCHEDULE_DELAY": "100"}
    shop.up()
    yield shop
    shop.close()


def took(one: dict[str, str]) -> int:
    return int(one["maxEndTimeUnixNano"]) - int(one["minStartTimeUnixNano"])


class Newcomer:
    """Somebody who types the commands, and knows the ids of the last list."""

    def __init__(self, shop: Launched) -> None:
        self._shop = shop
        self._gateway = shop.services()["gateway"]["url"]
        self._known: dict[str, str] = {}

    def does(self, step: Step) -> None:
        """Types the command until it prints what the guide says: spans take a moment."""
        end = time.monotonic() + PATIENCE
        while step.missing_in(output := self.types(step.command)):
            assert time.monotonic() < end, f"{step.command}\n{output}\nlacks {step.lines}"
            time.sleep(0.1)
        if LIST in step.command:
            self._known["TRACE"] = self.newest(output)

    def types(self, command: str) -> str:
        if command.startswith(CURL):
            return get(self._gateway + command.removeprefix(CURL))[1]
        return self._acme(command.removeprefix(ACME))

    def newest(self, output: str) -> str:
        found = ID.search(output)
        assert found is not None
        return found[0]

    def quickest(self, operation: str) -> str:
        """The trace that one would choose out of the list."""
        done = self._shop.acme("traces", "list", "--json", "--operation", operation)
        return str(min(json.loads(done.stdout), key=took)["traceId"])

    def _acme(self, text: str) -> str:
        if "QUICK" in text:
            self._known["QUICK"] = self.quickest("GET /orders/{order_id}")
        words = [self._known.get(word, word) for word in shlex.split(text)]
        done = self._shop.acme(*words)
        return done.stdout + done.stderr


@pytest.mark.parametrize("guide", ["find-the-slow-request.md", "find-the-error.md"])
def test_a_newcomer_who_follows_the_guide_finds_it(guide: str, launched: Launched) -> None:
    newcomer, walk = Newcomer(launched), steps(guide)

    for step in walk:
        newcomer.does(step)
    assert any(LIST in step.command for step in walk)
    assert launched.acme("faults", "profile").stdout.strip().endswith("default.")
