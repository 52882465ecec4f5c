"""The faults that a service has by itself, and the source of each."""

from chaos.defaults import faults_of
from shared.settings import settings_for


def own(service: str, **environ: str) -> dict[str, tuple[float, str]]:
    """The rate and the source of each, by its id."""
    return {
        one.fault.id: (one.fault.rate, one.source)
        for one in faults_of(settings_for(service, environ))
    }


def test_a_row_of_the_table_has_its_fault_by_itself() -> None:
    assert own("auth") == {"auth-failure": (0.2, "topology")}
    assert own("orders") == {}


def test_a_fault_of_the_environment_names_its_variable() -> None:
    faults = own("auth", AUTH_FAILURE_RATE="0.2", AUTH_LATENCY_MS="5")

    assert faults == {
        "auth-failure": (0.2, "environment AUTH_FAILURE_RATE"),
        "auth-latency": (1.0, "environment AUTH_LATENCY_MS"),
    }


def test_a_service_without_a_fault_of_its_own_can_be_given_one() -> None:
    environment = "environment ORDERS_FAILURE_RATE"

    assert own("orders", ORDERS_FAILURE_RATE="0.5") == {"orders-failure": (0.5, environment)}
    assert own("orders", ORDERS_FAILURE_RATE="0") == {"orders-failure": (0, environment)}
    assert own("orders", ORDERS_FAILURE_RATE=" ") == {}


def test_what_is_not_traced_does_not_fail() -> None:
    assert own("lens") == {}
