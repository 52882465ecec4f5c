"""The profiles: what the shop suffers from when nobody asks for anything."""

from dataclasses import dataclass
from typing import Literal

from chaos.control_plane.domain.entry import FILE, Entry
from chaos.control_plane.store import text_of_file, text_of_profile
from chaos.engine.model import Fault
from chaos.engine.reader import FaultError, read_faults
from shared.errors import SettingError

CALM, DEFAULT, REALISTIC = "calm", "default", "realistic"
NAMES = (CALM, DEFAULT, REALISTIC)


@dataclass(frozen=True)
class Profile:
    """`calm` is what of the services' own faults rests, `faults` come in their place."""

    name: str
    calm: Literal["no", "defaults", "all"]
    faults: tuple[Fault, ...] = ()

    def entries(self, now: float) -> list[Entry]:
        source = FILE if self.name == FILE else f"profile:{self.name}"
        return [
            Entry(fault, source, owner=f"profile {self.name}", since=now) for fault in self.faults
        ]


def profiles(asked: str) -> dict[str, Profile]:
    """The profiles by name; with `file`, if what was asked for is the name of a file. Raises
    SettingError when that cannot be used.
    """
    realistic = read_faults(text_of_profile(REALISTIC))
    known = [
        Profile(CALM, "defaults"),
        Profile(DEFAULT, "no"),
        Profile(REALISTIC, "defaults", realistic),
    ]
    if asked not in NAMES:
        known.append(Profile(FILE, "defaults", faults_in(asked)))
    return {profile.name: profile for profile in known}


def faults_in(path: str) -> tuple[Fault, ...]:
    try:
        return read_faults(text_of_file(path))
    except OSError as error:
        told = f"it is none of {', '.join(NAMES)}, and no file of faults: {error.strerror}"
    except (FaultError, UnicodeDecodeError) as error:
        told = str(error)
    raise SettingError(f"ACME_FAULTS={path} cannot be used: {told}")
