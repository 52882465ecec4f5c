"""Which header formats a service sends and reads: by its profile, unless OTEL_PROPAGATORS says."""

import pytest

from shared.profiles import EVERY, PROFILES, W3C, Formats
from shared.settings import settings_for
from shared.telemetry.propagation import FORMATS
from shared.topology import BY_NAME, EDGES

CARRIES_TRACE = {"tracecontext", "b3", "b3multi", "jaeger"}


def formats(service: str, **environ: str) -> Formats:
    return settings_for(service, environ).formats


def common(caller: Formats, callee: Formats) -> set[str]:
    """The formats that the one sends and the other reads."""
    reads = {*callee.reads, *({"b3multi"} if "b3" in callee.reads else ())}
    return set(caller.sends) & reads & CARRIES_TRACE


def test_by_itself_a_service_sends_w3c_and_reads_everything() -> None:
    assert formats("orders") == Formats(W3C, EVERY)
    assert EVERY[-2:] == W3C


def test_its_own_propagators_count_before_the_profile_and_in_both_directions() -> None:
    environ = {"ACME_PROFILE": "mixed", "ORDERS_OTEL_PROPAGATORS": "jaeger"}

    assert formats("orders", **environ) == Formats(("jaeger",), ("jaeger",))
    assert formats("gateway", **environ) == PROFILES["mixed"]["gateway"]


def test_one_service_may_have_a_profile_of_its_own() -> None:
    assert formats("gateway", GATEWAY_ACME_PROFILE="mixed").sends == ("jaeger",)
    assert formats("cart", GATEWAY_ACME_PROFILE="mixed").sends == W3C


@pytest.mark.parametrize("profile", list(PROFILES))
def test_a_profile_names_services_and_formats_that_there_are(profile: str) -> None:
    for service, spoken in PROFILES[profile].items():
        assert BY_NAME[service].traced
        assert set(spoken.sends) | set(spoken.reads) <= FORMATS.keys()


def test_of_all_hops_of_the_shop_the_broken_profile_breaks_one() -> None:
    for profile, broken in (("standard", set()), ("mixed", set()), ("broken", {"gateway orders"})):
        hops = {
            f"{caller} {callee}"
            for caller, callee in EDGES
            if BY_NAME[callee].traced
            and not common(
                formats(caller, ACME_PROFILE=profile), formats(callee, ACME_PROFILE=profile)
            )
        }
        assert hops == broken


def test_in_the_mixed_profile_all_formats_are_sent_to_a_service() -> None:
    sent = {
        name
        for caller, callee in EDGES
        if BY_NAME[callee].traced
        for name in formats(caller, ACME_PROFILE="mixed").sends
    }
    assert sent >= CARRIES_TRACE
