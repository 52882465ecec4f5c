"""Which shop is clicked through, and where its traces are looked at."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from acme.launcher import environment
from acme.launcher.state import RunFolder
from shared.errors import SettingError
from shared.settings import Settings

PATIENCE = 5.0


class NoTarget(Exception):
    """There is no shop to click through; the message says why."""


@dataclass(frozen=True)
class Target:
    """The address of a storefront, and that of a trace, with `{trace_id}` in it."""

    url: str
    traces: str

    @classmethod
    def find(cls, run: Path, url: str | None) -> "Target":
        """The shop at `url`, or else the one that runs from the folder, or else the default one."""
        try:
            settings = Settings.read("frontend", environment.own())
        except SettingError as error:
            raise NoTarget(str(error)) from None
        state = RunFolder(run).running()
        running = {name: process.url for name, process in state.services.items()} if state else {}
        lens = f"{running.get('lens') or settings.shown['lens']}/trace/{{trace_id}}"
        traces = next(iter(settings.trace_links.values()), lens)
        return cls(url or running.get("frontend") or settings.urls["frontend"], traces)

    @property
    def is_near(self) -> bool:
        """Whether it is on this machine."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def check(self) -> None:
        """Raises NoTarget when nothing answers there."""
        try:
            httpx.get(f"{self.url}/readyz", timeout=PATIENCE, trust_env=False)
        except httpx.RequestError:
            raise NoTarget(
                f"nothing answers at {self.url}; `acme up` starts the shop, --url names another"
            ) from None

    def trace(self, trace_id: str) -> str:
        return self.traces.replace("{trace_id}", trace_id) if trace_id else "no trace"
