"""Where the sampling strategies are kept: a file beside the traces', in the form of Jaeger's."""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import ValidationError

from lens.domain.strategies import MOST_SERVICES, Strategies

log = logging.getLogger(__name__)


class StrategyStore:
    """The strategies, and which services poll for theirs.

    Without a file every trace is recorded; a file that makes no sense is left as it is until the
    first edit, and the log says so.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._current = read(path)
        self._polled: dict[str, int] = {}

    @property
    def current(self) -> Strategies:
        return self._current

    @property
    def polled(self) -> Mapping[str, int]:
        """When each service last polled for its strategy, in nanoseconds since the epoch."""
        with self._lock:
            return dict(self._polled)

    def note(self, service: str) -> None:
        """A remote sampler of this service has polled."""
        with self._lock:
            if service in self._polled or len(self._polled) < MOST_SERVICES:
                self._polled[service] = time.time_ns()

    def change(self, edit: Callable[[Strategies], Strategies]) -> Strategies:
        """What `edit` makes of the strategies, once it is kept. Raises ValueError when they cannot
        be edited so, and OSError when the file cannot be written; all is as before then.
        """
        with self._lock:
            changed = edit(self._current)
            write(self.path, changed)
            self._current = changed
            return changed


def read(path: Path) -> Strategies:
    try:
        return Strategies.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        pass
    except (OSError, ValidationError) as error:
        reason = sentence(error) if isinstance(error, ValidationError) else error
        log.warning("%s is not used, every trace is recorded: %s", path, reason)
    return Strategies()


def sentence(error: ValidationError) -> str:
    """What is wrong first, and where."""
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    what = first["msg"].removeprefix("Value error, ")
    return f"{where}: {what}" if where else what


def write(path: Path, strategies: Strategies) -> None:
    """All of the file, or nothing of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(strategies.as_json(), indent=2) + "\n")
    beside.replace(path)
