"""What is wrong with a pod, whatever it runs: rights it does not need, no limits, no probe."""

import re
from collections.abc import Iterator

from tests.project.rendered import Pod


def problems(pod: Pod) -> Iterator[str]:
    context = pod.spec.get("securityContext", {})
    if pod.spec.get("automountServiceAccountToken") is not False:
        yield f"{pod.name}: may talk to the API server with its account's token"
    if pod.spec.get("enableServiceLinks") is not False:
        yield f"{pod.name}: gets a variable for each Service of the namespace"
    if not context.get("runAsNonRoot"):
        yield f"{pod.name}: may run as root"
    if context.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield f"{pod.name}: may make any system call"
    yield from of_container(pod)
    yield from of_resources(pod)


def of_container(pod: Pod) -> Iterator[str]:
    context = pod.container.get("securityContext", {})
    image = pod.container["image"]
    if context.get("capabilities") != {"drop": ["ALL"]}:
        yield f"{pod.name}: keeps capabilities"
    if context.get("allowPrivilegeEscalation") is not False:
        yield f"{pod.name}: may get more rights than it began with"
    if not context.get("readOnlyRootFilesystem"):
        yield f"{pod.name}: may write to its root"
    if not re.search(r":v?\d+\.\d+[\w.-]*$", image) and image != "localhost/acmeshop:dev":
        yield f"{pod.name}: the tag of {image} is not pinned"
    if "readinessProbe" not in pod.container:
        yield f"{pod.name}: nobody asks whether it is ready"
    if "livenessProbe" not in pod.container:
        yield f"{pod.name}: nobody asks whether it is alive"


def of_resources(pod: Pod) -> Iterator[str]:
    resources = pod.container.get("resources", {})
    if "memory" not in resources.get("limits", {}):
        yield f"{pod.name}: has no limit of memory"
    if "cpu" in resources.get("limits", {}):
        yield f"{pod.name}: a limit of CPU would falsify what traces say of time"
    if {"cpu", "memory"} - set(resources.get("requests", {})):
        yield f"{pod.name}: does not say how much CPU and memory it needs"
