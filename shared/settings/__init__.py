"""What can be set by environment variables: one class for each service, read once at its start.

A variable is a field of a class in `service`, `services` or `telemetry`; the tables of
docs/settings.md are written from these fields.
"""

from shared.settings.environment import EnvironmentSettings
from shared.settings.otlp import Otlp
from shared.settings.service import ServiceSettings
from shared.settings.services import (
    SETTINGS,
    ArticlesSettings,
    AuthSettings,
    CartSettings,
    CatalogSettings,
    ChaosSettings,
    FrontendSettings,
    GatewaySettings,
    LauncherSettings,
    LensSettings,
    OrdersSettings,
    PaymentSettings,
    ShippingSettings,
    ShopSettings,
    SuggestionsSettings,
    UsersSettings,
    settings_for,
)
from shared.settings.telemetry import TelemetrySettings

__all__ = [
    "SETTINGS",
    "ArticlesSettings",
    "AuthSettings",
    "CartSettings",
    "CatalogSettings",
    "ChaosSettings",
    "EnvironmentSettings",
    "FrontendSettings",
    "GatewaySettings",
    "LauncherSettings",
    "LensSettings",
    "OrdersSettings",
    "Otlp",
    "PaymentSettings",
    "ServiceSettings",
    "ShippingSettings",
    "ShopSettings",
    "SuggestionsSettings",
    "TelemetrySettings",
    "UsersSettings",
    "settings_for",
]
