"""Tries every operation of every service against its OpenAPI document: `acme audit --api`.

schemathesis makes the requests, some as the documents ask for and some not, and checks the answers;
schemathesis.toml says which checks hold where.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import Request, urlopen

from rich.console import Console

from acme.ephemeral import ephemeral_shop
from acme.launcher import environment
from acme.terminal import columns
from shared.topology import SERVICES

CONFIG = Path(__file__).with_name("schemathesis.toml")
PASSWORD = "vmware1!"  # noqa: S105 - the published one, which is the example in the documents
# One of the staff, so that no operation is closed to it.
USER = "walter"
TOKEN = "audit-presenter"  # noqa: S105 - of a shop that lives as long as an audit
ENVIRON = {
    "AUTH_FAILURE_RATE": "0",
    "SHIPPING_FAILURE_RATE": "0",
    "CHAOS_TOKEN": TOKEN,
    "DEMO_PASSWORD": PASSWORD,
}
# The control plane comes last: what it is asked for makes the others fail.
ORDER = sorted((row.name for row in SERVICES), key=lambda name: name == "chaos")
SECONDS = 1800.0
# The exit codes of schemathesis after a run, without failures and with some.
FINISHED = {0, 1}


class NotInstalled(Exception):
    """schemathesis is a development dependency."""

    def __init__(self) -> None:
        super().__init__(
            "schemathesis is not installed: `make extras` adds it, or pip install '.[audit]'"
        )


@dataclass(frozen=True)
class Options:
    """`cases` is how many requests each operation gets at most in one phase, beside those that
    follow from the document: examples and limits.
    """

    cases: int
    seed: int
    log: Path | None


@dataclass(frozen=True)
class Tried:
    """What came of one service; each failure is a sentence with the operations it is about."""

    service: str
    operations: int
    cases: int
    failures: list[str]


@dataclass(frozen=True)
class ApiAudit:
    services: list[Tried]

    @property
    def passed(self) -> bool:
        return not any(tried.failures for tried in self.services)

    def as_json(self) -> dict[str, Any]:
        return {"services": [asdict(tried) for tried in self.services]}


def run(options: Options, progress: Console) -> ApiAudit:
    """Raises NotInstalled, and TimeoutError when the shop does not start or a run does not end."""
    if find_spec("schemathesis") is None:
        raise NotInstalled
    progress.print("Starting a shop ...")
    with (
        ephemeral_shop(ENVIRON, options.log) as shop,
        TemporaryDirectory(prefix="acme-audit-") as folder,
    ):
        environ = {**environment.own(), **secrets(shop.urls["gateway"])}
        tried = []
        for name in ORDER:
            progress.print(f"Trying {name} ...")
            tried.append(try_service(name, shop.urls[name], options, environ, Path(folder)))
        return ApiAudit(tried)


def secrets(gateway: str) -> dict[str, str]:
    """What schemathesis.toml takes from the environment."""
    body = json.dumps({"username": USER, "password": PASSWORD}).encode()
    headers = {"content-type": "application/json"}
    request = Request(f"{gateway}/login/", body, headers)  # noqa: S310  # loopback
    with urlopen(request, timeout=30) as answer:  # noqa: S310
        login = json.load(answer)
    return {
        "ACME_AUDIT_USER": login["token"],
        "ACME_AUDIT_TOKEN": login["access_token"],
        "ACME_AUDIT_CHAOS_TOKEN": TOKEN,
    }


def try_service(
    name: str, url: str, options: Options, environ: Mapping[str, str], folder: Path
) -> Tried:
    report = folder / f"{name}.json"
    command = (
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)),
        *("run", f"{url}/openapi.json", "--no-color", "--seed", str(options.seed)),
        *("--max-examples", str(options.cases)),
        *("--report", "json", "--report-json-path", str(report)),
    )
    try:
        ended = subprocess.run(  # noqa: S603  # our own choice
            command,
            cwd=folder,
            env=dict(environ),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"trying {name} did not end within {SECONDS:.0f} s") from None
    if ended.returncode not in FINISHED or not report.exists():
        return Tried(name, 0, 0, [f"schemathesis ended with {ended.returncode}: {ended.stderr}"])
    return tried_of(name, json.loads(report.read_text()))


def tried_of(name: str, report: Mapping[str, Any]) -> Tried:
    """What schemathesis' report of one service says."""
    operations, cases = report["operations"]["tested"], report["test_cases"]["generated"]
    return Tried(name, operations, cases, list(sentences(report)))


def sentences(report: Mapping[str, Any]) -> Iterator[str]:
    for failure in (*report["failures"], *report["errors"]):
        where = ", ".join(failure.get("operations") or ["the document"])
        yield f"{failure['title']}: {where}"


def show(audit: ApiAudit) -> None:
    counted = ("operations", "cases", "failures")
    rows = [
        (tried.service, str(tried.operations), str(tried.cases), str(len(tried.failures)))
        for tried in audit.services
    ]
    print(columns(("service", *counted), rows, right=counted))
    for tried in audit.services:
        for sentence in tried.failures:
            print(f"{tried.service}: {sentence}")
