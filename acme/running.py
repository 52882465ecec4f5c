"""The shop that runs from a folder, as commands of other wings see it: its addresses."""

from pathlib import Path

from acme.launcher import environment
from acme.launcher.state import RunFolder
from chaos.client import ControlPlane, Unreachable
from chaos.measures import NoShop, Shop
from shared.errors import SettingError
from shared.settings import ChaosSettings


def running_shop(run: Path) -> Shop:
    """The shop that runs from the folder, or else the one whose addresses are in the environment.
    Raises NoShop.
    """
    try:
        settings = ChaosSettings.read(environment.own())
    except SettingError as error:
        raise NoShop(str(error)) from None
    return Shop({**settings.urls, **running_urls(run)}, settings.chaos_token)


def control_plane(run: Path, url: str | None = None, session: str | None = None) -> ControlPlane:
    """The control plane at `url`, or that of the running shop. Raises Unreachable."""
    try:
        found = running_shop(run).control_plane
    except NoShop as error:
        raise Unreachable(str(error)) from None
    return ControlPlane(url or found.url, found.token, session or "")


def running_urls(run: Path) -> dict[str, str]:
    """The addresses of the services that run from the folder, by their names."""
    state = RunFolder(run).running()
    return {name: process.url for name, process in state.services.items()} if state else {}
