"""The overlays of k8s/ as `kubectl kustomize` renders them, and their pods."""

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from scripts.tables import ROOT

OVERLAYS = ("local", "jaeger-only", "production")
Manifest = dict[str, Any]


@dataclass(frozen=True)
class Pod:
    """What the pods of one Deployment or StatefulSet are like."""

    name: str
    kind: str
    labels: Mapping[str, str]
    spec: Manifest
    replicas: int | None

    @property
    def component(self) -> str:
        return self.labels.get("app.kubernetes.io/component", "")

    @property
    def container(self) -> Manifest:
        """Its only container: none of ours has a second one."""
        (container,) = self.spec["containers"]
        return dict(container)

    @property
    def ports(self) -> dict[str, int]:
        return {port["name"]: port["containerPort"] for port in self.container.get("ports", ())}


@cache
def render(overlay: str) -> list[Manifest]:
    """All of its objects, rendered once: who changes any works on a copy."""
    done = subprocess.run(
        ["kubectl", "kustomize", str(ROOT / "k8s/overlays" / overlay)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [manifest for manifest in yaml.safe_load_all(done.stdout) if manifest]


def of_kind(manifests: Iterable[Manifest], *kinds: str) -> dict[str, Manifest]:
    """Those of these kinds, by name."""
    return {one["metadata"]["name"]: one for one in manifests if one["kind"] in kinds}


def pods(manifests: Iterable[Manifest]) -> Iterator[Pod]:
    for name, one in of_kind(manifests, "Deployment", "StatefulSet").items():
        template = one["spec"]["template"]
        labels, copies = template["metadata"]["labels"], one["spec"].get("replicas")
        yield Pod(name, one["kind"], labels, template["spec"], copies)


def selected(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a selector of labels selects these; an empty one selects everything."""
    wanted: Mapping[str, str] = selector.get("matchLabels") or {}
    named = all(labels.get(key) == value for key, value in wanted.items())
    return named and all(
        labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", ())
    )


def given(pod: Pod, manifests: Iterable[Manifest]) -> dict[str, str]:
    """The variables that manifests give its container; those of Secrets are not known."""
    maps = of_kind(manifests, "ConfigMap")
    found: dict[str, str] = {}
    for source in pod.container.get("envFrom", ()):
        found |= maps.get(source.get("configMapRef", {}).get("name"), {}).get("data", {})
    return found | {one["name"]: one.get("value", "") for one in pod.container.get("env", ())}


def arguments(pod: Pod) -> list[str]:
    """Its arguments, with the variables in them filled in."""
    own = {one["name"]: one.get("value", "") for one in pod.container.get("env", ())}
    said = pod.container.get("args", ())
    return [re.sub(r"\$\((\w+)\)", lambda name: own.get(name[1], name[0]), text) for text in said]


def configured(pod: Pod, manifests: Iterable[Manifest]) -> dict[str, str]:
    """The files of configuration that its arguments name, by name."""
    maps, named = of_kind(manifests, "ConfigMap"), " ".join(arguments(pod))
    volumes = [volume.get("configMap", {}).get("name") for volume in pod.spec.get("volumes", ())]
    files = {k: v for volume in volumes if volume for k, v in maps[volume]["data"].items()}
    return {Path(name).name: text for name, text in files.items() if f"/{name}" in named}
