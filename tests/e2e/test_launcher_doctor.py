"""`acme doctor` against a real lens, and against a running shop."""

from shared.topology import SERVICES
from tests.e2e.launched import REDIS, Launched, until


def test_without_a_shop_it_sends_a_span_through_a_lens_of_its_own(shop: Launched) -> None:
    for index, service in enumerate(SERVICES):
        shop.environ[f"{service.name.upper()}_PORT"] = str(shop.base + index)
    shop.environ["LENS_OTLP_PORT"] = str(shop.base + len(SERVICES))
    shop.environ["REDIS_PORT"] = str(shop.base + REDIS)

    done = shop.acme("doctor")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "ports are free" in done.stdout
    assert "lens starts alone" in done.stdout
    assert "was read back" in done.stdout
    assert "Redis took a value and gave it back" in done.stdout
    assert "fail" not in done.stdout


def test_with_a_shop_it_asks_every_service_and_its_lens(shop: Launched) -> None:
    shop.up("--no-restart")

    well = shop.acme("doctor")
    shop.acme("kill", "orders")
    until(lambda: not shop.pids()["orders"])
    unwell = shop.acme("doctor")

    assert well.returncode == 0, well.stdout + well.stderr
    for service in SERVICES:
        assert f"{service.name} is ready" in well.stdout
    assert "was read back" in well.stdout
    assert f"answers at 127.0.0.1:{shop.base + REDIS}" in well.stdout
    assert unwell.returncode == 1
    assert "fail  orders at" in unwell.stdout
    assert "It is not restarted: `acme down`, then `acme up`." in unwell.stdout
