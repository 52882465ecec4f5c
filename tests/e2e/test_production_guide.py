"""docs/production.md: what waits and what is lost while the backend hangs."""

import json
import re

from tests.e2e.launched import Launched, get, until

THING = "/suggestions/v1/7"
ROOM, FEW, MANY = 20, 5, 30


def value_of(metrics: str, name: str, labels: str = "") -> int:
    """The value of a series whose labels begin with these."""
    found = re.search(rf"^{name}{{{labels}[^}}]*}} (\d+)", metrics, re.MULTILINE)
    assert found, metrics
    return int(found[1])


def test_spans_wait_while_the_backend_hangs_and_the_oldest_are_dropped(shop: Launched) -> None:
    shop.environ["OTEL_BSP_MAX_QUEUE_SIZE"] = str(ROOM)
    shop.environ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "500"
    shop.up("suggestions", "lens")
    found = shop.services()
    url, lens = found["suggestions"]["url"], found["lens"]["url"]
    left, waiting = "otel_sdk_processor_span_processed_total", "otel_sdk_processor_span_queue_size"

    def metric(name: str, labels: str = "") -> int:
        return value_of(get(f"{url}/metrics")[1], name, labels)

    def arrived() -> int:
        return len(json.loads(get(f"{lens}/api/traces?service=suggestions&limit=100")[1])["data"])

    def hang_for(requests: int) -> int:
        """How many spans wait after so many requests behind the one whose span is on its way."""
        assert shop.acme("kill", "lens", "--signal", "STOP").returncode == 0
        assert get(url + THING)[0] == 200
        until(lambda: metric(waiting) == 0)
        for _ in range(requests):
            assert get(url + THING)[0] == 200, "no request waits for telemetry"
        found = metric(waiting)
        assert shop.acme("kill", "lens", "--signal", "CONT").returncode == 0
        return found

    assert hang_for(FEW) == FEW
    until(lambda: arrived() == 1 + FEW)
    assert metric(left, 'error_type="queue_full"') == 0

    assert hang_for(MANY) == ROOM
    until(lambda: arrived() == 1 + FEW + 1 + ROOM)
    assert metric(left, 'error_type="queue_full"') == MANY - ROOM
