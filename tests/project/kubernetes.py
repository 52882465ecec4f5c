"""What is wrong with rendered Kubernetes manifests, in sentences."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

import kubernetes_validate

from shared.settings.variables import VARIABLES
from tests.project import scaled, secured, served, set_by
from tests.project.rendered import Manifest, Pod, of_kind, pods

MIB = {"Mi": 1, "Gi": 1024}


def problems(
    manifests: Sequence[Manifest], settings: AbstractSet[str] = VARIABLES.keys()
) -> Iterator[str]:
    for pod in pods(manifests):
        yield from secured.problems(pod)
        yield from of_references(pod, manifests)
        yield from set_by.problems(pod, manifests, settings)
    yield from of_services(manifests)
    yield from served.problems(manifests)
    yield from scaled.problems(manifests)


def of_references(pod: Pod, manifests: Sequence[Manifest]) -> Iterator[str]:
    """Names of what is not there."""
    maps = of_kind(manifests, "ConfigMap")
    account = pod.spec.get("serviceAccountName")
    if account not in of_kind(manifests, "ServiceAccount"):
        yield f"{pod.name}: there is no service account {account}"
    references = [volume.get("configMap") for volume in pod.spec.get("volumes", ())]
    references += [source.get("configMapRef") for source in pod.container.get("envFrom", ())]
    for name in [reference["name"] for reference in references if reference]:
        if name not in maps:
            yield f"{pod.name}: there is no config map {name}"
    templates = of_kind(manifests, "StatefulSet").get(pod.name, {}).get("spec", {})
    claimed = [claim["metadata"]["name"] for claim in templates.get("volumeClaimTemplates", ())]
    volumes = {volume["name"] for volume in pod.spec.get("volumes", ())} | set(claimed)
    for mount in pod.container.get("volumeMounts", ()):
        if mount["name"] not in volumes:
            yield f"{pod.name}: there is no volume {mount['name']}"


def of_services(manifests: Sequence[Manifest]) -> Iterator[str]:
    """Services that lead nowhere."""
    everyone = list(pods(manifests))
    for name, service in of_kind(manifests, "Service").items():
        selector = service["spec"]["selector"].items()
        behind = [pod for pod in everyone if selector <= pod.labels.items()]
        if not behind:
            yield f"Service {name}: selects no pod"
        for port in service["spec"]["ports"]:
            if any(port["targetPort"] not in pod.ports for pod in behind):
                yield f"Service {name}: its pod has no port {port['targetPort']}"


def of_schema(manifests: Iterable[Manifest], version: str) -> Iterator[str]:
    """What an API server of this version of Kubernetes would not take."""
    for one in manifests:
        try:
            kubernetes_validate.validate(one, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            where = ".".join(str(part) for part in error.path)
            yield f"{one['kind']} {one['metadata']['name']}: {where}: {error.message}"


def memory(manifests: Sequence[Manifest]) -> int:
    """The sum of all limits with one pod of each, in MiB."""
    limits = [pod.container["resources"]["limits"]["memory"] for pod in pods(manifests)]
    return sum(int(limit[:-2]) * MIB[limit[-2:]] for limit in limits)
