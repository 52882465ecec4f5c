"""The control plane over real processes: what is put is everywhere at once, what is stopped ends at
once, and what nobody takes away ends by itself.
"""

import importlib.util
import json
import re
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chaos.engine.plane import WAIT
from chaos.experiments.toolkit import has_session_fault, read_file, shipped
from shared.topology import SERVICES
from tests.acme.command_line import acme
from tests.e2e.launched import Launched, get, until

TOKEN = "a-presenters-own"
TRACED = sum(service.traced for service in SERVICES)
CHANGES = 50
FORM = re.compile(r'name="form_token" value="([^"]+)"')
CLICKS = ("/products", "/", "/journal", "/products?q=lantern", "/products/storm-lantern", "/login")


class Control(httpx.Client):
    """The control plane as a presenter's client sees it."""

    def __init__(self, url: str) -> None:
        headers = {"authorization": f"Bearer {TOKEN}"}
        super().__init__(base_url=f"{url}/chaos/v1", headers=headers, timeout=30)

    def have(self, id_: str, **fault: Any) -> None:
        answer = self.put(f"/faults/{id_}", json=fault)
        assert answer.is_success, answer.text

    def stop_all(self) -> None:
        answer = self.post("/reset", json={"scope": "all"})
        assert answer.is_success, answer.text

    def read(self, path: str, **query: Any) -> Any:
        return self.get(path, params=query).json()

    def everywhere(self) -> bool:
        """Whether every process has applied the newest revision."""
        answer = self.read("/instances")
        current = [one for one in answer["instances"] if one["revision"] == answer["revision"]]
        return len(current) == TRACED


class Shop:
    """A shop that runs, with its control plane."""

    def __init__(self, launched: Launched) -> None:
        self.launched = launched
        self.urls = {name: row["url"] for name, row in launched.services().items()}
        self.control = Control(self.urls["chaos"])

    def applied(self, id_: str, **fault: Any) -> None:
        self.control.have(id_, **fault)
        until(self.control.everywhere)

    def calm(self) -> None:
        self.control.stop_all()
        until(self.control.everywhere)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One shop for all that follows; outsiders may not claim a session there."""
    folder = tmp_path_factory.mktemp("shop")
    launched = Launched(folder, tmp_path_factory.getbasetemp() / "bytecode")
    launched.environ |= {
        "AUTH_FAILURE_RATE": "0",
        "SHIPPING_FAILURE_RATE": "0",
        "CHAOS_TOKEN": TOKEN,
        "ACME_REQUEST_FAULTS": "off",
    }
    launched.up("--no-restart")
    shop = Shop(launched)
    with shop.control:
        yield shop
    launched.close()


@pytest.fixture
def shop(running: Shop) -> Iterator[Shop]:
    until(running.control.everywhere)
    yield running
    if get(running.urls["chaos"] + "/healthz")[0]:
        running.calm()


def test_every_change_gets_everywhere(shop: Shop) -> None:
    """None of them waits for the end of a poll."""
    for number in range(CHANGES):
        rate = number / CHANGES
        shop.control.have("slow", where={"service": "cart"}, rate=rate, effect={"type": "error"})
        until(shop.control.everywhere, WAIT / 2)


def test_stop_all_ends_a_hang(shop: Shop) -> None:
    hang: dict[str, Any] = {"type": "hang", "max_s": 120}
    shop.applied("stuck", where={"service": "gateway", "route": "/products"}, effect=hang)
    statuses: list[int] = []

    def ask() -> None:
        answer = httpx.get(shop.urls["gateway"] + "/products", timeout=hang["max_s"] / 2)
        statuses.append(answer.status_code)

    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: any(one["waiting"] for one in shop.control.read("/instances")["instances"]))
    shop.control.stop_all()
    asking.join()

    assert statuses == [200]


class Browser(httpx.Client):
    """A browser's session in the storefront."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(base_url=shop.urls["frontend"], timeout=30)
        self._control = shop.control

    @property
    def session(self) -> str:
        return self.cookies["shop_session"].partition(".")[0]

    def clicks(self, *, between: str = "") -> list[int]:
        """How the same clicks are answered, three times over; `between` is requested in between."""
        statuses = []
        for path in CLICKS * 3:
            statuses.append(self.get(path).status_code)
            if between:
                self.get(between)
        return statuses

    def restart(self) -> None:
        form = FORM.search(self.get("/clicks").text)
        assert form is not None
        answer = self.post("/session/restart", data={"form_token": form[1]})
        assert answer.status_code == 303
        assert self.cookies["shop_session"] == f"{self.session}.0"

    def hits(self, fault: str) -> list[dict[str, Any]]:
        """What became of the fault in this session."""
        query = {"session": self.session, "fault": fault, "limit": 5000}
        found: list[dict[str, Any]] = self._control.read("/hits", **query)["hits"]
        return found


def victims(hits: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    return {(hit["step"], hit["place"], hit["hop"], hit["attempt"]) for hit in hits if hit["fired"]}


def test_the_same_clicks_have_the_same_victims(shop: Shop) -> None:
    half = {"where": {"service": "catalog"}, "rate": 0.5, "effect": {"type": "error"}}
    shop.applied("half", **half)
    with Browser(shop) as browser:
        first = browser.clicks()
        browser.restart()
        begun = time.time()
        second = browser.clicks(between="/clicks")

        def halves() -> list[list[dict[str, Any]]] | None:
            """What was noted before and after, once all of it has been reported."""
            hits = browser.hits("half")
            found = [hit for hit in hits if hit["at"] < begun], [h for h in hits if h["at"] > begun]
            return list(found) if 0 < len(found[0]) == len(found[1]) else None

        before, after = until(halves)

    assert first == second
    assert {200, 502} <= set(first)
    assert victims(before) == victims(after) != set()


def test_only_the_storefront_may_say_whose_click_it_is(shop: Shop) -> None:
    with Browser(shop) as one, Browser(shop) as other:
        one.get("/")
        other.get("/")
        match = {"match": {"session": one.session}}
        shop.applied(
            "mine", where={"service": "catalog", **match}, effect={"type": "error"}, ttl=60
        )
        affected, spared = one.get("/products"), other.get("/products")
        outsider = httpx.get(
            shop.urls["gateway"] + "/products",
            headers={"baggage": f"session.id={one.session},acmeshop.seal=made-up"},
        )

    assert (affected.status_code, spared.status_code, outsider.status_code) == (502, 200, 200)
    assert "1 fault active for you" in affected.text.replace("<b>", "")
    assert "active for you" not in spared.text


def test_checks_refuse_to_click_where_a_session_of_their_own_is_not_trusted(
    running: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAOS_TOKEN", TOKEN)
    monkeypatch.delenv("CHAOS_URL", raising=False)
    run = ("--run-dir", str(running.launched.run))

    assert acme("scenario", "check", "moody-carrier", *run) == 1
    assert "start the shop with ACME_REQUEST_FAULTS=on" in capsys.readouterr().err
    if importlib.util.find_spec("chaostoolkit"):
        assert acme("experiment", "run", "private-outage", *run) == 1
        assert "start the shop with ACME_REQUEST_FAULTS=on" in capsys.readouterr().err


def test_only_what_is_aimed_at_a_session_needs_one() -> None:
    assert [file.stem for file in shipped() if has_session_fault(read_file(file))] == [
        "private-outage"
    ]


def test_the_token_is_in_no_log_and_no_file(shop: Shop) -> None:
    folder = Path(shop.launched.run)
    found = [
        path.name
        for path in (shop.launched.log_file, *folder.rglob("*"))
        if path.is_file() and TOKEN.encode() in path.read_bytes()
    ]

    assert found == []


def test_a_fault_ends_also_when_its_control_plane_was_killed(shop: Shop) -> None:
    where = {"service": "gateway", "route": "/products"}
    shop.applied("brief", where=where, effect={"type": "error"}, ttl=4)
    failed = get(shop.urls["gateway"] + "/products")[0]
    shop.launched.acme("kill", "chaos", "--signal", signal.SIGKILL.name.removeprefix("SIG"))
    until(lambda: get(shop.urls["gateway"] + "/products")[0] == 200)

    assert get(shop.urls["chaos"] + "/healthz")[0] == 0
    assert failed == 503
    assert json.loads(get(shop.urls["gateway"] + "/products")[1])["data"]
