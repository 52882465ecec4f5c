"""The variables that every service has."""

from shared.topology import Service
from shared.variables.variable import ENDPOINT, MILLISECONDS, PORT, RATE, URL, Variable


def service_variables(service: Service) -> tuple[Variable, ...]:
    """The variables that carry the service's name: `AUTH_PORT`, `AUTH_URL`, `AUTH_FAILURE_RATE`,
    ...
    """
    name = service.name.upper()
    url = f"http://127.0.0.1:{service.port}"
    own = (
        Variable(f"{name}_PORT", str(service.port), *PORT, f"port of {service.name}"),
        Variable(f"{name}_URL", url, *URL, f"where the others find {service.name}"),
        *public(service),
    )
    if not service.traced:
        ports = (
            Variable(f"{name}_OTLP_PORT", str(port), *PORT, f"port {service.name} takes OTLP on")
            for port in service.also
        )
        return (*own, *ports)
    return (
        *own,
        Variable(
            f"{name}_FAILURE_RATE",
            "",
            *RATE,
            f"share of failures of {service.name}; without it, that of its default fault",
        ),
        Variable(
            f"{name}_LATENCY_MS", "0", *MILLISECONDS, f"delay before {service.name} does its work"
        ),
    )


def public(service: Service) -> tuple[Variable, ...]:
    """A browser may find a service elsewhere than the others do, as with ports that are
    published.
    """
    if not service.pages:
        return ()
    name = service.name.upper()
    meaning = f"where a browser finds {service.name}; without it at {name}_URL"
    return (Variable(f"{name}_PUBLIC_URL", "", *ENDPOINT, meaning),)
