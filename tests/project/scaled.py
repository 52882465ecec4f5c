"""What is wrong with how many pods there are, and how they are spread over nodes."""

from collections.abc import Iterator, Sequence

from tests.project.rendered import Manifest, Pod, of_kind, pods, selected


def problems(manifests: Sequence[Manifest]) -> Iterator[str]:
    scalers = of_kind(manifests, "HorizontalPodAutoscaler")
    there = {pod.name: pod for pod in pods(manifests)}
    for name, scaler in scalers.items():
        target = scaler["spec"]["scaleTargetRef"]["name"]
        if target not in there:
            yield f"HorizontalPodAutoscaler {name}: there is no {target}"
        elif there[target].replicas is not None:
            yield f"{target}: its number is set, though an autoscaler sets it"
    several = {scaler["spec"]["scaleTargetRef"]["name"] for scaler in scalers.values()}
    for pod in there.values():
        yield from of_copies(pod, pod.name in several or (pod.replicas or 1) > 1, manifests)


def of_copies(pod: Pod, several: bool, manifests: Sequence[Manifest]) -> Iterator[str]:
    budgets = [
        name
        for name, budget in of_kind(manifests, "PodDisruptionBudget").items()
        if selected(budget["spec"]["selector"], pod.labels)
    ]
    if several and not budgets:
        yield f"{pod.name}: all its pods may be taken away at once"
    if several and not pod.spec.get("topologySpreadConstraints"):
        yield f"{pod.name}: all its pods may be on one node"
    if not several and budgets:
        yield f"{pod.name}: a node with its only pod could never be emptied"
    if len(budgets) > 1:
        yield f"{pod.name}: nobody can evict what has two budgets: {', '.join(sorted(budgets))}"
