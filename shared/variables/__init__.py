"""Every variable of the environment the shop knows; README and docs are checked against these
tables.
"""

from shared.topology import SERVICES
from shared.variables.faults import FAULT_VARIABLES
from shared.variables.service import service_variables
from shared.variables.shop import SHOP_VARIABLES
from shared.variables.telemetry import TELEMETRY_VARIABLES
from shared.variables.variable import Variable

__all__ = [
    "FAULT_VARIABLES",
    "SHOP_VARIABLES",
    "TELEMETRY_VARIABLES",
    "VARIABLES",
    "Variable",
    "service_variables",
]

VARIABLES: dict[str, Variable] = {
    variable.name: variable
    for variable in (
        *SHOP_VARIABLES,
        *FAULT_VARIABLES,
        *TELEMETRY_VARIABLES,
        *(variable for service in SERVICES for variable in service_variables(service)),
    )
}
