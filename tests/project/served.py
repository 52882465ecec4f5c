"""What is wrong with the manifests of the shop's services, held against their table."""

from collections.abc import Iterator, Sequence

from shared.topology import BY_NAME, SERVICES, Service
from tests.project.rendered import Manifest, Pod, given, of_kind, pods

PROBES = {"startupProbe": "/healthz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}


def problems(manifests: Sequence[Manifest]) -> Iterator[str]:
    there = {pod.name: pod for pod in pods(manifests) if pod.component == "service"}
    for name in there.keys() - BY_NAME.keys():
        yield f"{name} is no service of shared/topology.py"
    for service in SERVICES:
        if service.name not in there:
            yield f"{service.name} has no Deployment"
        else:
            yield from of_service(service, there[service.name], manifests)


def of_service(service: Service, pod: Pod, manifests: Sequence[Manifest]) -> Iterator[str]:
    name, listens = service.name, {service.port, *service.also}
    arguments = pod.container["args"]
    if arguments != ["acme.serve", name]:
        yield f"{name}: its arguments are {arguments}"
    if set(pod.ports.values()) != listens:
        yield f"{name}: opens {sorted(pod.ports.values())}, but listens on {sorted(listens)}"
    published = of_kind(manifests, "Service").get(name, {}).get("spec", {}).get("ports", ())
    if {port["port"] for port in published} != listens:
        yield f"{name}: its Service does not have its ports"
    yield from of_probes(pod)
    yield from of_addresses(pod, manifests)
    if not service.traced and pod.replicas != 1:
        yield f"{name}: keeps what only one process may know, but is {pod.replicas}"


def of_probes(pod: Pod) -> Iterator[str]:
    for probe, path in PROBES.items():
        target = pod.container.get(probe, {}).get("httpGet")
        if target != {"path": path, "port": "http"}:
            yield f"{pod.name}: its {probe} asks {target}, not {path}"


def of_addresses(pod: Pod, manifests: Sequence[Manifest]) -> Iterator[str]:
    variables = given(pod, manifests)
    for other in SERVICES:
        url = variables.get(f"{other.name.upper()}_URL")
        if url != f"http://{other.name}:{other.port}":
            yield f"{pod.name}: finds {other.name} at {url}"
