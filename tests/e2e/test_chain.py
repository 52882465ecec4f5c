"""The order-status chain over real processes and sockets, and its traces in lens."""

import json
import signal
import threading
import urllib.error
import urllib.request
from collections import Counter
from urllib.parse import quote

import pytest

from tests.e2e.launched import Launched, get, until
from traces.testing import Backend, Tracing

CHAIN = ("gateway", "auth", "orders", "shipping", "lens")
CALM = {"AUTH_FAILURE_RATE": "0", "SHIPPING_FAILURE_RATE": "0"}
ORDER = "/orders/12345"


class Client:
    """Asks the gateway as anybody would, and notes the traces of the answers."""

    def __init__(self, shop: Launched) -> None:
        urls = {name: row["url"] for name, row in shop.services().items()}
        self.gateway, self.lens = urls["gateway"], urls["lens"]
        self.tracing = Tracing(Backend(self.lens))

    def ask(self, path: str = ORDER) -> tuple[int, dict[str, str]]:
        try:
            answer = urllib.request.urlopen(self.gateway + path, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self.tracing.note(answer.headers["traceresponse"])
            return answer.status, json.load(answer)

    def outcome(self) -> str:
        _, body = self.ask()
        return body.get("status") or body["detail"]


def test_a_request_through_real_processes_is_one_whole_trace(launched: Launched) -> None:
    launched.environ |= CALM
    launched.up(*CHAIN)
    client = Client(launched)

    with client.tracing() as t:
        assert client.ask()[0] == 200

    t.expect_whole()
    assert t.edges() == {("gateway", "auth"), ("gateway", "orders"), ("orders", "shipping")}
    t.expect(count=4, kind="SERVER")
    t.expect(count=1, service="shipping", kind="CLIENT", service__peer__name="carrier")
    t.expect(count=10)


def test_200_requests_fail_as_promised_and_again_alike_after_a_new_start(
    launched: Launched,
) -> None:
    runs = []
    for _ in range(2):
        up = launched.up(*CHAIN)
        client = Client(launched)
        runs.append([client.outcome() for _ in range(200)])
        if len(runs) == 1:
            up.send_signal(signal.SIGTERM)
            up.wait(10)

    first, second = runs
    assert first == second
    outcomes = Counter(first)
    assert outcomes.keys() == {
        "delivered",
        "Auth Service gave an error",
        "error fetching shipping status",
    }
    assert 18 <= outcomes["Auth Service gave an error"] <= 62  # 4 sigma about 40
    assert 22 <= outcomes["error fetching shipping status"] <= 75  # 4 sigma about 48

    failed = client.lens + "/api/traces?limit=500&service=auth&tags=" + quote('{"error":"true"}')
    expected = outcomes["Auth Service gave an error"]
    until(lambda: len(json.loads(get(failed)[1])["data"]) == 2 * expected)


def test_a_failed_request_is_found_by_its_error_and_names_its_root_cause(
    launched: Launched,
) -> None:
    launched.environ |= {"AUTH_FAILURE_RATE": "1"}
    launched.up(*CHAIN)
    client = Client(launched)

    with client.tracing() as t:
        status, body = client.ask()

    assert (status, body["detail"]) == (503, "Auth Service gave an error")
    t.expect_root_cause("auth", kind="SERVER", http__response__status_code=500)
    page = get(f"{client.lens}/search?service=gateway&errors=1")[1]
    assert t.spans[0].trace_id in page


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP])
def test_no_request_fails_when_lens_is_killed_or_hangs(
    launched: Launched, sent: signal.Signals
) -> None:
    launched.environ |= CALM
    launched.up(*CHAIN, "--no-restart")
    client = Client(launched)
    client.ask()

    statuses: list[int] = []
    enough = threading.Event()

    def load() -> None:
        while not enough.is_set():
            statuses.append(client.ask()[0])

    thread = threading.Thread(target=load)
    thread.start()
    try:
        until(lambda: len(statuses) >= 50)
        launched.acme("kill", "lens", "--signal", sent.name.removeprefix("SIG"))
        before = len(statuses)
        until(lambda: len(statuses) >= before + 300)
    finally:
        enough.set()
        thread.join()

    assert set(statuses) == {200}


def test_spans_of_an_outage_arrive_when_lens_is_back(launched: Launched) -> None:
    launched.environ |= CALM
    launched.up(*CHAIN)
    client = Client(launched)
    launched.acme("kill", "lens", "--signal", "STOP")
    with client.tracing() as t:
        client.ask()
        launched.acme("kill", "lens", "--signal", "KILL")

    t.expect_whole()
    t.expect(count=10)
