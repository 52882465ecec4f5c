"""The exemplars of metrics: measurements that name a trace, and so lead to what is kept here. All
else of a metric is for a backend of metrics.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Iterable

from traces.model import Exemplar

EACH, MOST_METRICS = 6, 500


class Exemplars:
    """The latest EACH of each metric of each service, in memory, so that they end with the process;
    of more than MOST_METRICS metrics those that were heard of last. For any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], deque[Exemplar]] = OrderedDict()

    def add(self, exemplars: Iterable[Exemplar]) -> None:
        """Keeps them; one that comes again, as with each export of a cumulative metric, is one."""
        with self._lock:
            for one in exemplars:
                key = one.service, one.metric
                kept = self._kept.setdefault(key, deque(maxlen=EACH))
                self._kept.move_to_end(key)
                if one not in kept:
                    kept.append(one)
            while len(self._kept) > MOST_METRICS:
                self._kept.popitem(last=False)

    def of(self, service: str) -> list[Exemplar]:
        """Those of one service, by metric, the largest values first."""
        with self._lock:
            found = [one for (of, _), kept in self._kept.items() if of == service for one in kept]
        return sorted(found, key=lambda one: (one.metric, -one.value, -one.time_ns))
