"""`acme contract` against the shop's own services, and against programs in their place."""

from acme.contract.check import Service, check
from acme.contract.table import CONTRACTS
from acme.contract.tracing import Traces
from acme.launcher import environment
from tests.acme.little_suggestions import Flaws, LittleSuggestions, served
from tests.e2e.launched import Launched, get

PATIENT = 60.0  # seconds of a call, for a machine that is busy with other things


def test_every_service_of_the_shop_keeps_its_contract(shop: Launched) -> None:
    shop.environ["ACME_FAULTS"] = "calm"
    shop.up()
    found = shop.services()
    lens = found["lens"]
    traces = Traces(lens["url"], environment.address("127.0.0.1", lens["ports"][1]))

    for name in CONTRACTS:
        findings = list(check(Service(name, found[name]["url"], PATIENT), traces))
        assert [one for one in findings if one.mark == "fail"] == [], name
        assert any("continues the trace of its caller" in one.what for one in findings), name


def test_a_program_that_drops_traceparent_breaks_the_contract(shop: Launched) -> None:
    shop.environ["ACME_TIMEOUT_MS"] = str(int(PATIENT * 1000))
    shop.up("articles", "lens", "--without", "suggestions")
    found = shop.services()
    url, (port,) = found["suggestions"]["url"], found["suggestions"]["ports"]
    otlp = environment.address("127.0.0.1", found["lens"]["ports"][1])
    articles = found["articles"]["url"]

    with served(LittleSuggestions(Flaws(drops_traceparent=True), otlp), port):
        assert get(f"{articles}/articles/v1/?with_suggested=1")[0] == 200, "its answers are right"
        done = shop.acme("contract", "suggestions")
        of_articles = list(
            check(Service("articles", articles, PATIENT), Traces(found["lens"]["url"]), 2.0)
        )

    assert done.returncode == 1
    assert "fail  drops traceparent: the request was part of trace" in done.stdout
    assert f"suggestions at {url} breaks its contract: 1 of" in done.stdout
    assert any("no span of suggestions is below one of its own" in one.what for one in of_articles)

    with served(LittleSuggestions(Flaws(), otlp), port):
        done = shop.acme("contract", "suggestions")

    assert done.returncode == 0, done.stdout
    assert f"suggestions at {url} keeps its contract" in done.stdout
