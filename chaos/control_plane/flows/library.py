"""The scenarios that there are: the files of one folder, and the debriefs beside them."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chaos.control_plane.domain.scenario import Scenario
from chaos.control_plane.domain.scenario_reader import read_scenario
from chaos.engine.written import FaultError
from shared.errors import NotFound

log = logging.getLogger("acmeshop")


@dataclass(frozen=True)
class Library:
    """Scenarios by their ids, the easiest first, and the texts of their debriefs."""

    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    debriefs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> "Library":
        """What the folder has; a file that cannot be used is left out, and the log says why."""
        found: dict[str, Scenario] = {}
        debriefs: dict[str, str] = {}
        for file in sorted(folder.glob("*.yaml")):
            try:
                scenario = read_scenario(file.read_text(encoding="utf-8"))
                debriefs[scenario.id] = (folder / scenario.debrief).read_text(encoding="utf-8")
            except (FaultError, OSError, UnicodeDecodeError) as error:
                log.warning("%s is no scenario: %s", file, error)
                continue
            found[scenario.id] = scenario
        return cls(dict(sorted(found.items(), key=lambda pair: pair[1].rank)), debriefs)

    def named(self, id_: str) -> Scenario:
        """Raises NotFound."""
        if id_ not in self.scenarios:
            raise NotFound(f"no scenario {id_}: there are {', '.join(self.scenarios) or 'none'}")
        return self.scenarios[id_]
