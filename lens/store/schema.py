"""The SQLite file: its tables, and how it is opened for writing and for reading."""

import sqlite3
from pathlib import Path

VERSION = 6
# `origin` is who made a span and `operation` what it is called: both are few, spans are many.
# Traces are numbered as they arrive, so the oldest are the lowest and their spans lie together.
TABLES = """
CREATE TABLE trace (
    id INTEGER PRIMARY KEY, trace_id TEXT NOT NULL UNIQUE, start_ns INTEGER, end_ns INTEGER,
    root_service TEXT, root_name TEXT, spans INTEGER, errors INTEGER, orphans INTEGER,
    services TEXT, seq INTEGER, odd INTEGER DEFAULT 0
);
CREATE INDEX trace_by_start ON trace (start_ns);
CREATE INDEX trace_by_seq ON trace (seq);
CREATE TABLE origin (
    id INTEGER PRIMARY KEY, resource TEXT, scope TEXT, scope_version TEXT, more TEXT
);
CREATE TABLE operation (id INTEGER PRIMARY KEY, service TEXT, name TEXT, kind INTEGER);
CREATE TABLE span (
    id INTEGER PRIMARY KEY, trace INTEGER NOT NULL, span_id TEXT NOT NULL, parent_id TEXT,
    operation INTEGER NOT NULL, origin INTEGER NOT NULL, start_ns INTEGER, end_ns INTEGER,
    status INTEGER, flags INTEGER, peer TEXT, status_message TEXT, trace_state TEXT,
    attributes TEXT, events TEXT, links TEXT, dropped TEXT, sent_id TEXT,
    UNIQUE (trace, span_id)
);
CREATE INDEX span_by_time ON span (start_ns, operation, end_ns, status);
CREATE TABLE log (
    id INTEGER PRIMARY KEY, time_ns INTEGER, trace_id TEXT, span_id TEXT, service TEXT,
    severity TEXT, body TEXT, attributes TEXT,
    level INTEGER, event TEXT, flags INTEGER, dropped INTEGER, origin INTEGER
);
CREATE INDEX log_by_trace ON log (trace_id);
CREATE INDEX log_by_time ON log (time_ns);
CREATE TABLE link (
    trace INTEGER, span_id TEXT, to_trace TEXT, to_span TEXT,
    PRIMARY KEY (trace, span_id, to_trace, to_span)
) WITHOUT ROWID;
CREATE INDEX link_by_target ON link (to_trace);
CREATE TABLE pin (trace_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE progress (seq INTEGER);
INSERT INTO progress VALUES (0);
"""
# What brings the tables of an older version to the next.
CHANGES = {
    1: """
ALTER TABLE origin ADD COLUMN more TEXT;
ALTER TABLE span ADD COLUMN dropped TEXT;
ALTER TABLE span ADD COLUMN sent_id TEXT;
""",
    2: """
ALTER TABLE trace ADD COLUMN odd INTEGER DEFAULT 0;
CREATE TABLE link (
    trace INTEGER, span_id TEXT, to_trace TEXT, to_span TEXT,
    PRIMARY KEY (trace, span_id, to_trace, to_span)
) WITHOUT ROWID;
CREATE INDEX link_by_target ON link (to_trace);
INSERT OR IGNORE INTO link
    SELECT s.trace, s.span_id, json_extract(one.value, '$[0]'), json_extract(one.value, '$[1]')
    FROM span s, json_each(s.links) one WHERE json_extract(one.value, '$[0]') <> '';
""",
    3: """
ALTER TABLE log ADD COLUMN level INTEGER;
ALTER TABLE log ADD COLUMN event TEXT;
ALTER TABLE log ADD COLUMN flags INTEGER;
ALTER TABLE log ADD COLUMN dropped INTEGER;
ALTER TABLE log ADD COLUMN origin INTEGER;
UPDATE log SET level = CASE severity WHEN 'TRACE' THEN 1 WHEN 'DEBUG' THEN 5 WHEN 'INFO' THEN 9
    WHEN 'WARN' THEN 13 WHEN 'WARNING' THEN 13 WHEN 'ERROR' THEN 17
    WHEN 'FATAL' THEN 21 WHEN 'CRITICAL' THEN 21 ELSE 0 END;
CREATE INDEX log_by_time ON log (time_ns);
""",
    4: """
CREATE INDEX span_by_time ON span (start_ns, operation, end_ns, status);
""",
    5: """
CREATE TABLE pin (trace_id TEXT PRIMARY KEY) WITHOUT ROWID;
""",
}


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The file with its tables; raises sqlite3.Error if it is damaged or cannot be used so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        prepare(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise sqlite3.NotSupportedError(f"write-ahead logging is not possible here ({mode})")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA busy_timeout = 2000")
    connection.execute("PRAGMA journal_size_limit = 16777216")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        connection.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
    elif version in CHANGES:
        changes = "".join(CHANGES[step] for step in range(version, VERSION))
        connection.executescript(f"BEGIN; {changes} PRAGMA user_version = {VERSION}; COMMIT;")
    elif version != VERSION:
        raise sqlite3.NotSupportedError(f"its tables are of version {version}, not {VERSION}")
    connection.execute("SELECT max(id) FROM trace").fetchone()


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write."""
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
