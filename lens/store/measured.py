"""The spans of a time as samples, read from an index alone, which is a tenth of the table."""

import sqlite3
from collections import defaultdict
from collections.abc import Collection

from lens.domain.red import Sample, Samples, Work
from traces.model import Kind, Status

SAMPLES = f"""
SELECT operation, start_ns, max(0, end_ns - start_ns), status = {Status.ERROR:d}
FROM span INDEXED BY span_by_time WHERE start_ns BETWEEN ? AND ? ORDER BY start_ns"""  # noqa: S608


def samples(
    connection: sqlite3.Connection,
    start_ns: int,
    end_ns: int,
    services: Collection[str] = (),
    kinds: Collection[str] = (),
) -> Samples:
    """The spans that began in this time, in order of that, by what they are; without `services` or
    `kinds` those of all. One that has not ended counts as if it had taken no time.
    """
    works = {
        number: Work(service, name, Kind(kind).word)
        for number, service, name, kind in connection.execute(
            "SELECT id, service, name, kind FROM operation"
        )
    }
    wanted = {
        number
        for number, work in works.items()
        if (not services or work.service in services) and (not kinds or work.kind in kinds)
    }
    found: dict[int, list[Sample]] = defaultdict(list)
    for row in connection.execute(SAMPLES, (start_ns, end_ns)):
        if row[0] in wanted:
            found[row[0]].append(row[1:])
    return {works[operation]: some for operation, some in found.items()}
