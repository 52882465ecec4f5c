"""Whom a service may call."""

from collections.abc import Callable
from functools import partial

from shared.hooks import Hooks
from shared.http import Breaker, CallPolicy, Peer, SimulatedSystem, Transport
from shared.instrumentation import Instrumentation
from shared.settings import ServiceSettings
from shared.telemetry.baggage import WithoutBaggage
from shared.telemetry.recorded_headers import RecordedTransport
from shared.topology import BY_NAME

Policies = Callable[[str], CallPolicy]


class Peers:
    """Other services and systems, each as a `Peer`; one that the topology table does not list for
    this service is a ValueError, so that the table tells the truth.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        instrumentation: Instrumentation,
        transport: Transport,
        hooks: Hooks,
    ) -> None:
        self._settings, self._instrumentation = settings, instrumentation
        self._transport, self._hooks = transport, hooks

    def service(self, name: str, within: float = 1.0, breaker: Breaker | None = None) -> Peer:
        """Another service of the shop. An attempt to call it gets the share `within` of the total
        deadline.
        """
        check(self._settings.service, name, "calls", BY_NAME[self._settings.service].calls)
        wire = self._recorded(self._transport)
        return self._peer(name, self._settings.urls[name], wire, within, breaker)

    def outside(self, name: str, url: str, system: SimulatedSystem, within: float = 1.0) -> Peer:
        """A third party, which is simulated, but called like any other, without the baggage."""
        check(self._settings.service, name, "outside", BY_NAME[self._settings.service].outside)
        return self._peer(name, url, WithoutBaggage(self._recorded(system)), within, None)

    def hooked(
        self, name: str, wire: Transport, within: float, breaker: Breaker | None
    ) -> tuple[Transport, Policies]:
        """For a protocol of its own: the wire to another service of the shop with the hooks around
        it, and how each call is made, as for a `Peer`.
        """
        check(self._settings.service, name, "calls", BY_NAME[self._settings.service].calls)
        return self._hooked(name, self._recorded(wire), within, breaker)

    def _peer(
        self, name: str, url: str, transport: Transport, within: float, breaker: Breaker | None
    ) -> Peer:
        wire, policy = self._hooked(name, transport, within, breaker)
        ours = self._instrumentation.ours
        return Peer(name, url, self._instrumentation.calls(wire), ours, policy)

    def _hooked(
        self, name: str, wire: Transport, within: float, breaker: Breaker | None
    ) -> tuple[Transport, Policies]:
        normal = CallPolicy(self._settings.timeout * within, breaker=breaker)
        return self._hooks.transport(wire, name), partial(self._hooks.policy, name, normal)

    def _recorded(self, wire: Transport) -> Transport:
        records = self._instrumentation.ours.records_headers
        return RecordedTransport(wire) if records else wire


def check(service: str, name: str, column: str, listed: tuple[str, ...]) -> None:
    """Raises ValueError unless the topology table lists it for this service."""
    if name not in listed:
        row = f"its row in shared/topology.py has {column}={listed}"
        raise ValueError(f"{service} may not use {name}: {row}")
