"""Which shop is probed."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from acme.faults.control import ControlPlane
from acme.launcher import environment
from acme.launcher.state import RunFolder
from shared.errors import SettingError
from shared.settings import Settings


class NoShop(Exception):
    """There is no shop to probe; the message says why."""


@dataclass(frozen=True)
class Shop:
    """Where its parts are: the storefront, the API, the traces, and the control plane, to which
    `token` is shown.
    """

    frontend: str
    gateway: str
    lens: str
    chaos: str
    token: str = field(default="", repr=False)

    @classmethod
    def find(cls, run: Path, gateway: str | None = None) -> "Shop":
        """The shop that runs from the folder, or else the one that the environment tells of."""
        try:
            settings = Settings.read("chaos", environment.own())
        except SettingError as error:
            raise NoShop(str(error)) from None
        state = RunFolder(run).running()
        running = {name: process.url for name, process in state.services.items()} if state else {}
        urls = {**settings.urls, **running}
        return cls(
            urls["frontend"],
            gateway or urls["gateway"],
            urls["lens"],
            urls["chaos"],
            settings.chaos_token,
        )

    def at(self, plane: ControlPlane) -> "Shop":
        """The same shop with this control plane."""
        return replace(self, chaos=plane.url, token=plane.token)

    @property
    def plane(self) -> ControlPlane:
        return ControlPlane(self.chaos, self.token)


def is_everywhere(applied: str) -> bool:
    """Whether the control plane says that all processes have it, as in "11/11"; not "0/0", before
    any of them has told.
    """
    have, _, all_ = applied.partition("/")
    return have == all_ != "0"
