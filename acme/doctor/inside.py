"""Looks at telemetry from within a container: `python -m acme.doctor.inside [COLLECTOR]`.

Prints each finding as a line of JSON: is the collector well, and does a span come through to lens?
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace

from acme.doctor import roundtrip
from acme.doctor.finding import Finding

LENS = "http://127.0.0.1"
SAMPLED = 20.0  # tail sampling waits 5 s until it decides
LOGS = "`docker compose logs otel-collector lens` says more."
RESTART = "`docker compose restart otel-collector`; its log says more."


def findings(collector: str) -> Iterator[Finding]:
    otlp = f"http://{collector}:4318" if collector else f"{LENS}:4318"
    if collector:
        yield (well := health(collector))
        if well.mark == "fail":
            return
    for one in roundtrip.round_trip(otlp, f"{LENS}:16686", SAMPLED):
        yield replace(one, fix=one.fix and LOGS)


def health(collector: str) -> Finding:
    """The collector's image has no program that could be its health check."""
    status, body = roundtrip.call("GET", f"http://{collector}:13133/")
    if status == 200:
        return Finding("ok", "the collector is well")
    return Finding("fail", f"the collector answers {status} {body}", RESTART)


def main(arguments: Sequence[str]) -> int:
    for finding in findings("".join(arguments[:1])):
        print(json.dumps(asdict(finding)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
