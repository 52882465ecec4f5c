"""Who may talk to whom by the network policies, and who has to."""

from collections.abc import Iterator, Sequence

from shared.topology import BY_NAME, EDGES, SERVICES
from tests.project.rendered import Manifest, Pod, of_kind, pods, selected

Way = tuple[str, str, int]
TELEMETRY: tuple[Way, ...] = (
    ("otel-collector", "lens", 4318),
    ("otel-collector", "jaeger", 4317),
    ("otel-collector", "tempo", 4317),
    ("otel-collector", "otel-sampler", 4317),
    ("otel-sampler", "lens", 4318),
    ("otel-sampler", "jaeger-collector", 4317),
    ("otel-sampler", "tempo", 4317),
    ("prometheus", "otel-collector", 8888),
    ("prometheus", "otel-sampler", 8889),
    ("prometheus", "jaeger", 8888),
    ("prometheus", "jaeger-ingester", 8888),
    ("prometheus", "tempo", 3200),
    ("jaeger", "prometheus", 9090),
    ("jaeger-query", "prometheus", 9090),
    ("grafana", "prometheus", 9090),
    ("grafana", "tempo", 3200),
    ("grafana", "jaeger", 16686),
)


def wanted() -> Iterator[Way]:
    """Every connection that some part of the shop opens."""
    for caller, callee in EDGES:
        yield caller, callee, BY_NAME[callee].port
    for service in SERVICES:
        if service.traced:
            yield service.name, "otel-collector", 4318
        if service.traced and "chaos" in BY_NAME:
            yield service.name, "chaos", BY_NAME["chaos"].port
        if service.keeps == "documents":
            yield service.name, "mongo", 27017
        if service.needs_redis:
            yield service.name, "valkey", 6379
    yield from TELEMETRY


def problems(manifests: Sequence[Manifest]) -> Iterator[str]:
    there = {pod.name: pod for pod in pods(manifests)}
    for source, target, port in wanted():
        both = source in there and target in there
        if both and not allowed(manifests, there[source], there[target], port):
            yield f"{source} may not reach {target}:{port}"


def allowed(manifests: Sequence[Manifest], source: Pod, target: Pod, port: int) -> bool:
    """Whether the one may leave for the other, and the other be entered from the one."""
    out = passes(manifests, "Egress", source, target, port)
    return out and passes(manifests, "Ingress", target, source, port)


def passes(manifests: Sequence[Manifest], way: str, pod: Pod, other: Pod, port: int) -> bool:
    """What the policies for this pod say together; it is free where there is none."""
    policies = [one["spec"] for one in of_kind(manifests, "NetworkPolicy").values()]
    mine = [
        policy
        for policy in policies
        if way in policy["policyTypes"] and selected(policy["podSelector"], pod.labels)
    ]
    peers = "to" if way == "Egress" else "from"
    rules = [rule for policy in mine for rule in policy.get(way.lower(), ())]
    return not mine or any(admits(rule, port) and meets(rule.get(peers), other) for rule in rules)


def admits(rule: Manifest, port: int) -> bool:
    ports = rule.get("ports")
    return not ports or any((one["protocol"], one["port"]) == ("TCP", port) for one in ports)


def meets(peers: list[Manifest] | None, other: Pod) -> bool:
    """Whether a pod of this namespace is among the peers; without any everybody is."""
    return peers is None or any(
        "namespaceSelector" not in peer and selected(peer["podSelector"], other.labels)
        for peer in peers
    )
