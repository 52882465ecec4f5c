"""Every variable there is, by name, and which services read it; docs and manifests are checked
against these.
"""

from shared.settings.environment import Variable, variables_of
from shared.settings.services import SETTINGS, LauncherSettings

KINDS = (*SETTINGS.values(), LauncherSettings)
VARIABLES: dict[str, Variable] = {
    variable.name: variable for kind in KINDS for variable in variables_of(kind)
}


def readers_of(name: str) -> list[str]:
    """The services that read a variable; none for what `acme up` reads for itself."""
    return [
        service
        for service, kind in SETTINGS.items()
        if any(variable.name == name for variable in variables_of(kind))
    ]
