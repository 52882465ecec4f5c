"""What the control plane keeps in files: the applied faults, and the profiles."""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any, Literal

from chaos.control_plane.domain.entry import FILE, Entry, as_kept, entries_of
from chaos.engine.model import Fault
from chaos.engine.reader import FaultError, meant, read_faults
from shared.errors import SettingError, Unavailable

HERE = Path(__file__).parent
PROFILES = HERE / "profiles"


class FaultFile:
    """A file that is whole at every moment: it is written beside, then renamed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, Any]:
        """What was kept, nothing if there is no file. Raises Unavailable when it cannot be used."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            raise Unavailable(f"{self.path} cannot be read: {type(error).__name__}") from None
        if not isinstance(found, dict):
            raise Unavailable(f"{self.path} cannot be used: it has a {type(found).__name__}")
        return found

    def write(self, content: Mapping[str, Any]) -> None:
        """Raises Unavailable when it cannot be written."""
        beside = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(content, indent=1), encoding="utf-8")
            beside.replace(self.path)
        except OSError as error:
            message = f"{self.path} cannot be written: {error.strerror or error}"
            raise Unavailable(message) from None

    def set_aside(self) -> Path | None:
        """Moves a file that cannot be used out of the way, but keeps it."""
        aside = self.path.with_suffix(".broken")
        try:
            self.path.replace(aside)
        except OSError:
            return None
        return aside


def text_of_profile(name: str) -> str:
    """The faults of a profile that comes with the shop."""
    return (PROFILES / f"{name}.yaml").read_text(encoding="utf-8")


def text_of_file(path: str) -> str:
    """Raises OSError and UnicodeDecodeError."""
    return Path(path).read_text(encoding="utf-8")


VERSION = 1

log = logging.getLogger("acmeshop")


@dataclass(frozen=True)
class Kept:
    """What is kept; `before` is the profile that was chosen before everything was stopped, `more`
    what others want kept beside, by their names.
    """

    revision: int = 0
    profile: str = ""
    stopped: bool = False
    before: str = ""
    entries: tuple[Entry, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


class Keeper:
    """`started` identifies the start of the shop: faults and choices of an earlier start are
    forgotten, and the log says so.
    """

    def __init__(self, file: FaultFile, started: str) -> None:
        self._file, self._started = file, started
        self._works = True

    def write(self, kept: Kept) -> None:
        """When it cannot be written, the log says so once; the faults stay active all the same."""
        content = {
            "version": VERSION,
            "started": self._started,
            "revision": kept.revision,
            "profile": kept.profile,
            "stopped": kept.stopped,
            "before": kept.before,
            "entries": [as_kept(entry) for entry in lasting(kept.entries)],
            "kept": kept.more,
        }
        try:
            self._file.write(content)
        except Unavailable as error:
            if self._works:
                log.warning("%s; the faults will be forgotten when this process ends", error)
            self._works = False
        else:
            self._works = True

    def read(self, now: float) -> Kept:
        """What is kept and not over by now; nothing when it cannot be used: the log says why."""
        try:
            return self._understood(self._file.read(), now)
        except (Unavailable, ValueError, TypeError, AttributeError) as error:
            aside = self._file.set_aside()
            where = f"; the file is now {aside}" if aside else ""
            log.warning("the faults of the last process are lost: %s%s", error, where)
            return Kept()

    def _understood(self, content: Mapping[str, Any], now: float) -> Kept:
        revision, more = int(content.get("revision", 0)), dict(content.get("kept", {}))
        entries = lasting(entries_of(content.get("entries", ())))
        entries = [entry for entry in entries if now < entry.ends]
        if content.get("started") != self._started:
            if entries:
                log.info("the shop was restarted: earlier faults forgotten: %d", len(entries))
            return Kept(revision)
        return Kept(
            revision,
            profile=str(content.get("profile", "")),
            stopped=content.get("stopped") is True,
            before=str(content.get("before", "")),
            entries=tuple(entries),
            more=more,
        )


def lasting(entries: Iterable[Entry]) -> list[Entry]:
    """Those that have an end; the others come back with their profile."""
    return [entry for entry in entries if entry.ends < inf]


CALM, DEFAULT, REALISTIC = "calm", "default", "realistic"
NAMES = (CALM, DEFAULT, REALISTIC)


@dataclass(frozen=True)
class Profile:
    """`calm` says which of the default faults rest, `faults` are applied in their place."""

    name: str
    calm: Literal["no", "defaults", "all"]
    faults: tuple[Fault, ...] = ()

    def entries(self, now: float) -> list[Entry]:
        source = FILE if self.name == FILE else f"profile:{self.name}"
        return [
            Entry(fault, source, owner=f"profile {self.name}", since=now) for fault in self.faults
        ]


def profiles(initial: str) -> dict[str, Profile]:
    """The profiles by name; with `file`, if `initial` is the name of a file. Raises
    SettingError when that cannot be used.
    """
    realistic = read_faults(text_of_profile(REALISTIC))
    known = [
        Profile(CALM, "defaults"),
        Profile(DEFAULT, "no"),
        Profile(REALISTIC, "defaults", realistic),
    ]
    if initial not in NAMES:
        known.append(Profile(FILE, "defaults", faults_in(initial)))
    return {profile.name: profile for profile in known}


def faults_in(path: str) -> tuple[Fault, ...]:
    try:
        return read_faults(text_of_file(path))
    except OSError as error:
        known = f"it is none of {', '.join(NAMES)}, and not a file of faults"
        reason = f"{known}: {error.strerror}{meant(path, NAMES)}"
    except (FaultError, UnicodeDecodeError) as error:
        reason = str(error)
    raise SettingError(f"ACME_FAULTS={path} cannot be used: {reason}")
