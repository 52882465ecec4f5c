"""The running shop that is measured: its addresses."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chaos.client import ControlPlane
from shared.errors import SettingError
from shared.settings import ChaosSettings


class NoShop(Exception):
    """There is no shop to measure; the message says why."""


@dataclass(frozen=True)
class Shop:
    """Addresses of services by their names; `token` is shown to the control plane."""

    urls: Mapping[str, str]
    token: str = field(default="", repr=False)

    @classmethod
    def of_environment(cls) -> "Shop":
        """The shop whose addresses are in this process's environment, as in ORDERS_URL; a service
        that is not there has its default port. Raises NoShop.
        """
        try:
            settings = ChaosSettings.read()
        except SettingError as error:
            raise NoShop(str(error)) from None
        return cls(settings.urls, settings.chaos_token)

    def with_control_plane(self, plane: ControlPlane) -> "Shop":
        """The same shop with this control plane."""
        return Shop({**self.urls, "chaos": plane.url}, plane.token)

    @property
    def frontend(self) -> str:
        return self.urls["frontend"]

    @property
    def gateway(self) -> str:
        return self.urls["gateway"]

    @property
    def lens(self) -> str:
        return self.urls["lens"]

    @property
    def control_plane(self) -> ControlPlane:
        return ControlPlane(self.urls["chaos"], self.token)


def is_applied_everywhere(applied: str) -> bool:
    """Whether all processes have applied a change, as "11/11" says; "0/0" comes before any has
    reported.
    """
    have, _, all_ = applied.partition("/")
    return have == all_ != "0"
