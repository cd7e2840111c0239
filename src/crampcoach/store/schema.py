"""What stands in the two files, as migrations: never change one that was released, add the next.

Instants are UTC texts of fixed width (`2026-11-22T21:00:00.000Z`), so that they sort and can be read by a person.
"""

from __future__ import annotations

from datetime import UTC, datetime

from crampcoach.store.database import Schema

#: Every text in an entry's fields: what was written and what was chosen. {0} is empty, `old.` or `new.`.
_IN_FIELDS = "(SELECT group_concat(atom, char(10)) FROM json_tree({0}fields) WHERE type = 'text')"
_OLD, _NEW = _IN_FIELDS.format("old."), _IN_FIELDS.format("new.")

#: The person's: what their life put there.
LOG = Schema(
    "log",
    [
        """
CREATE TABLE entries (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, at TEXT NOT NULL, zone TEXT NOT NULL, night TEXT NOT NULL,
    fields TEXT NOT NULL, note TEXT NOT NULL, origin TEXT UNIQUE, made TEXT NOT NULL, deleted TEXT
) STRICT;
CREATE INDEX entries_at ON entries (at);
CREATE INDEX entries_kind ON entries (kind, at);
CREATE TABLE revisions (
    entry TEXT NOT NULL REFERENCES entries (id), number INTEGER NOT NULL, changed TEXT NOT NULL, before TEXT NOT NULL,
    PRIMARY KEY (entry, number)
) STRICT
""",
        # Red flags that entries raised; they outlive the entry's deletion. Numbers order them, not clocks.
        """
CREATE TABLE raised (
    number INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL REFERENCES entries (id), flag TEXT NOT NULL,
    made TEXT NOT NULL, told TEXT, UNIQUE (entry, flag)
) STRICT;
CREATE INDEX raised_untold ON raised (number) WHERE told IS NULL;
CREATE INDEX raised_flag ON raised (flag, number)
""",
        # The order of what was saved and changed, for undo: one row of numbers for entries and revisions; a step is
        # what was saved together, named by its first number. `place` is an entry's place in time, to the second, then
        # by number: entries are listed by it, and the words that are searched for stand under it.
        f"""
ALTER TABLE entries ADD COLUMN number INTEGER;
ALTER TABLE entries ADD COLUMN step INTEGER;
ALTER TABLE entries ADD COLUMN place INTEGER GENERATED ALWAYS AS
    (CAST(strftime('%s', at) AS INTEGER) * 16777216 + (number & 16777215)) VIRTUAL;
UPDATE entries SET number = rowid, step = rowid;
DROP INDEX entries_at;
DROP INDEX entries_kind;
CREATE UNIQUE INDEX entries_number ON entries (number);
CREATE UNIQUE INDEX entries_place ON entries (place);
CREATE INDEX entries_kind ON entries (kind, place);
CREATE INDEX entries_night ON entries (night, place);
CREATE INDEX entries_tail ON entries (substr(id, 25));
ALTER TABLE revisions ADD COLUMN what TEXT;
ALTER TABLE revisions ADD COLUMN change INTEGER;
ALTER TABLE revisions ADD COLUMN step INTEGER;
ALTER TABLE revisions ADD COLUMN undoes INTEGER;
UPDATE revisions SET change = found.change, step = found.change, what = found.what FROM (
    SELECT r.rowid AS own,
        (SELECT max(number) FROM entries) + row_number() OVER (ORDER BY r.changed, r.rowid) AS change,
        CASE WHEN e.deleted IS NOT NULL AND r.number = (SELECT max(number) FROM revisions WHERE entry = e.id)
            THEN 'delete' ELSE 'edit' END AS what
    FROM revisions r JOIN entries e ON e.id = r.entry
) AS found WHERE revisions.rowid = found.own;
CREATE UNIQUE INDEX revisions_change ON revisions (change);
CREATE INDEX revisions_undoes ON revisions (undoes) WHERE undoes IS NOT NULL;
CREATE VIRTUAL TABLE search USING fts5
    (in_note, in_fields, content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO search (rowid, in_note, in_fields)
    SELECT place, note, {_IN_FIELDS.format("")} FROM entries WHERE deleted IS NULL;
CREATE TRIGGER search_add AFTER INSERT ON entries WHEN new.deleted IS NULL BEGIN
    INSERT INTO search (rowid, in_note, in_fields) VALUES (new.place, new.note, {_NEW}); END;
CREATE TRIGGER search_change AFTER UPDATE OF at, number, note, fields, deleted ON entries BEGIN
    INSERT INTO search (search, rowid, in_note, in_fields)
        SELECT 'delete', old.place, old.note, {_OLD} WHERE old.deleted IS NULL; \
    INSERT INTO search (rowid, in_note, in_fields) SELECT new.place, new.note, {_NEW} WHERE new.deleted IS NULL; END
""",
    ],
    table="entries",
)

#: The agent's: what it must not forget when it is killed.
STATE = Schema(
    "state",
    [
        """
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
CREATE TABLE kept (plugin TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (plugin, key)) STRICT
""",
        # Messages that are no occurrences stood among the marks.
        """
CREATE TABLE notices (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, notifier TEXT NOT NULL, receipt TEXT NOT NULL,
    of TEXT NOT NULL, shows INTEGER NOT NULL, read INTEGER NOT NULL
) STRICT;
INSERT INTO notices (key, notifier, receipt, of, shows, read)
    SELECT substr(name, 8), json_extract(value, '$[0]'), json_extract(value, '$[1]'),
        coalesce(json_extract(value, '$[2]'), ''), 1, 0 FROM marks WHERE name GLOB 'notice:*' ORDER BY rowid;
DELETE FROM marks WHERE name GLOB 'notice:*'
""",
    ],
    table="occurrences",
)


def to_text(instant: datetime) -> str:
    """An instant as it is stored."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """A stored instant, in UTC."""
    return datetime.fromisoformat(text)


def storable(text: str) -> str:
    """What a plugin wrote, with half characters (lone surrogates, which SQLite refuses) written out."""
    return text.encode("utf-8", "backslashreplace").decode()
