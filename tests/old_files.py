"""Files as earlier versions have left them, as SQL: whoever adds a migration adds the version before it here.

What stands here is what is on people's disks. It is never changed to suit the code.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

LOG_1 = """
CREATE TABLE entries (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, at TEXT NOT NULL, zone TEXT NOT NULL, night TEXT NOT NULL,
    fields TEXT NOT NULL, note TEXT NOT NULL, origin TEXT UNIQUE, made TEXT NOT NULL, deleted TEXT
) STRICT;
CREATE INDEX entries_at ON entries (at);
CREATE INDEX entries_kind ON entries (kind, at);
CREATE TABLE revisions (
    entry TEXT NOT NULL REFERENCES entries (id), number INTEGER NOT NULL, changed TEXT NOT NULL, before TEXT NOT NULL,
    PRIMARY KEY (entry, number)
) STRICT;
"""

LOG_1_ROWS = """
INSERT INTO entries VALUES ('0194a1b2-0000-7000-8000-000000000001', 'cramp', '2026-10-25T00:30:00.000Z',
    'Europe/Berlin', '2026-10-24', '{"duration": 3, "muscle": "calf", "side": "left"}', 'küche; ''quoted''
second line 🦵', NULL, '2026-10-25T00:31:00.123Z', NULL);
INSERT INTO entries VALUES ('0194a1b2-0000-7000-8000-000000000002', 'cramp', '2026-10-25T01:30:00.000Z',
    'Europe/Berlin', '2026-10-24', '{}', '', 'occ:cramps.check-in/2026-10-25/07:30:one:button:cramp:0',
    '2026-10-25T06:40:00.000Z', NULL);
INSERT INTO entries VALUES ('0194a1b2-0000-7000-8000-000000000003', 'night', '2026-11-20T07:00:00.000Z',
    '+05:45', '2026-11-19', '{"count": 2, "at_least": true}', 'deleted by mistake', NULL,
    '2026-11-20T07:00:01.000Z', '2026-11-20T08:00:00.000Z');
INSERT INTO entries VALUES ('0194a1b2-0000-7000-8000-000000000004', 'profile', '2026-11-21T07:00:00.000Z',
    'Europe/Berlin', '2026-11-20', '{"fluids": "limited"}', '', NULL, '2026-11-21T07:00:00.000Z', NULL);
INSERT INTO entries VALUES ('0194a1b2-0000-7000-8000-000000000005', 'symptoms', '2026-11-21T08:00:00.000Z',
    'Europe/Berlin', '2026-11-20', '{"swelling": "yes"}', '', NULL, '2026-11-21T08:00:00.000Z', NULL);
INSERT INTO revisions VALUES ('0194a1b2-0000-7000-8000-000000000001', 1, '2026-10-25T09:00:00.000Z',
    '{"id": "0194a1b2-0000-7000-8000-000000000001", "note": "first words", "kind": "cramp"}');
INSERT INTO revisions VALUES ('0194a1b2-0000-7000-8000-000000000003', 1, '2026-11-20T08:00:00.000Z', '{}');
"""

LOG_2 = """
CREATE TABLE raised (
    number INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL REFERENCES entries (id), flag TEXT NOT NULL,
    made TEXT NOT NULL, told TEXT, UNIQUE (entry, flag)
) STRICT;
CREATE INDEX raised_untold ON raised (number) WHERE told IS NULL;
CREATE INDEX raised_flag ON raised (flag, number);
"""

LOG_2_ROWS = """
INSERT INTO raised VALUES (7, '0194a1b2-0000-7000-8000-000000000005', 'RF-DVT', '2026-11-21T08:00:00.000Z', NULL);
"""

STATE_1 = """
CREATE TABLE occurrences (
    id INTEGER PRIMARY KEY, reminder TEXT NOT NULL, day TEXT NOT NULL, wall TEXT NOT NULL, zone TEXT NOT NULL,
    due TEXT NOT NULL, expires TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, shows INTEGER NOT NULL,
    shown TEXT, delivered TEXT, notifier TEXT NOT NULL, receipt TEXT NOT NULL, closed TEXT NOT NULL,
    chosen INTEGER NOT NULL, retry TEXT, lead TEXT NOT NULL, buttons TEXT NOT NULL,
    UNIQUE (reminder, day, wall)
) STRICT;
CREATE INDEX occurrences_open ON occurrences (state) WHERE state IN ('due', 'deferred', 'snoozed', 'shown');
CREATE INDEX occurrences_due ON occurrences (due);
CREATE INDEX occurrences_day ON occurrences (day, due);
CREATE INDEX occurrences_shown ON occurrences (shown) WHERE shown IS NOT NULL;
CREATE INDEX occurrences_lead ON occurrences (lead) WHERE state = 'shown';
CREATE INDEX occurrences_left ON occurrences (due) WHERE closed = '' AND notifier != '' AND state != 'shown';
CREATE TABLE answers (
    id INTEGER PRIMARY KEY, occurrence INTEGER NOT NULL REFERENCES occurrences (id) ON DELETE CASCADE,
    action TEXT NOT NULL, at TEXT NOT NULL, zone TEXT NOT NULL, entered INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX answers_occurrence ON answers (occurrence);
CREATE INDEX answers_unentered ON answers (entered) WHERE entered = 0;
CREATE TABLE pauses (id INTEGER PRIMARY KEY, began TEXT NOT NULL, until TEXT, ended TEXT) STRICT;
CREATE TABLE failures (
    id INTEGER PRIMARY KEY, plugin TEXT NOT NULL, at TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
CREATE TABLE rules (reminder TEXT PRIMARY KEY, fingerprint TEXT NOT NULL) STRICT;
CREATE TABLE marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE kept (plugin TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (plugin, key)) STRICT;
"""

STATE_1_ROWS = """
INSERT INTO occurrences VALUES (3, 'stretching.evening', '2026-11-21', '22:00', 'Europe/Berlin',
    '2026-11-21T21:00:00.000Z', '2026-11-21T22:00:00.000Z', 'done', '', 1, '2026-11-21T21:00:00.000Z',
    '2026-11-21T21:00:00.050Z', 'desktop', '7 @ :1.42', '', 0, NULL, '', '[["done", "Done", ["done"]]]');
INSERT INTO occurrences VALUES (4, 'cramps.check-in', '2026-11-22', '07:30', 'Europe/Berlin',
    '2026-11-22T06:30:00.000Z', '2026-11-22T17:00:00.000Z', 'shown', '', 1, '2026-11-22T06:30:00.000Z', NULL,
    'desktop', '', '', 0, NULL, '', '');
INSERT INTO answers VALUES (5, 3, '["done", "Done", ["done"]]', '2026-11-21T21:03:00.000Z', 'Europe/Berlin', 0);
INSERT INTO pauses VALUES (1, '2026-11-20T10:00:00.000Z', NULL, '2026-11-20T12:00:00.000Z');
INSERT INTO failures VALUES (1, 'coffee', '2026-11-20T10:00:00.000Z', 'reminders() raised ValueError', 'Traceback');
INSERT INTO rules VALUES ('stretching.evening', '30m before bed');
INSERT INTO marks VALUES ('swept_until', '2026-11-22T06:30:00.000Z');
INSERT INTO kept VALUES ('coffee', 'cups', '{"today": 2}');
"""

STATE_2 = """
CREATE TABLE notices (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, notifier TEXT NOT NULL, receipt TEXT NOT NULL,
    of TEXT NOT NULL, shows INTEGER NOT NULL, read INTEGER NOT NULL
) STRICT;
"""

STATE_2_ROWS = """
INSERT INTO notices VALUES (3, 'advice/1a2b', 'desktop', '9 @ :1.42', 'occ:x', 1, 0);
"""

#: What each version of each file was made by.
SCHEMAS = {
    "log": {1: LOG_1, 2: LOG_1 + LOG_2},
    "state": {1: STATE_1, 2: STATE_1 + STATE_2},
}
#: What somebody had in it.
ROWS = {
    "log": {1: LOG_1_ROWS, 2: LOG_1_ROWS + LOG_2_ROWS},
    "state": {1: STATE_1_ROWS, 2: STATE_1_ROWS + STATE_2_ROWS},
}
OLD = [(name, version) for name, versions in SCHEMAS.items() for version in versions]


def make_old(path: Path, name: str, version: int, *, rows: bool = True) -> None:
    """Write the file of an earlier version, as it lies there when nobody uses it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(SCHEMAS[name][version])
        if rows:
            connection.executescript(ROWS[name][version])
        connection.execute("PRAGMA application_id=0x6372636F")
        connection.execute(f"PRAGMA user_version={version}")
    path.chmod(0o600)
