"""What is wrong with the variables of a pod: those that nobody reads, and those that it lacks."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from tests.project.rendered import Manifest, Pod, configured, given

# Read by programs themselves: Go's runtime, Grafana, the client of object storage.
OF_PROGRAMS = re.compile(r"GOMEMLIMIT|GF_\w+|AWS_\w+")
WANTED = re.compile(r"(?<!\$)\$\{(?:env:)?([A-Z]\w*)\}")


def problems(pod: Pod, manifests: Sequence[Manifest], settings: AbstractSet[str]) -> Iterator[str]:
    variables = given(pod, manifests)
    said = "\n".join((*pod.container.get("args", ()), *variables.values()))
    files = configured(pod, manifests)
    for name in variables:
        if f"$({name})" in said:
            continue
        if pod.component == "service":
            if name not in settings:
                yield f"{pod.name}: no service reads {name}"
        elif not is_read(name, pod, files, manifests):
            yield f"{pod.name}: nothing reads {name}"
    for name, text in files.items():
        for wanted in set(WANTED.findall(text)) - variables.keys():
            yield f"{pod.name}: {name} wants {wanted}, which is not set"


def is_read(name: str, pod: Pod, files: dict[str, str], manifests: Sequence[Manifest]) -> bool:
    own = {one["name"] for one in pod.container.get("env", ())}
    if name not in own:
        return True  # of a config map that several share
    reference = re.compile(rf"\$\{{(?:env:)?{name}\b")
    return bool(
        OF_PROGRAMS.fullmatch(name) or any(reference.search(text) for text in files.values())
    )
