"""Whom the storefront calls: the gateway for everything of the shop, and lens for traces."""

from services.frontend.clients.gateway import Gateway, Login
from services.frontend.clients.traces import Traces

__all__ = ["Gateway", "Login", "Traces"]
