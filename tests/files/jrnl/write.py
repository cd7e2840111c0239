"""Has jrnl write the files beside this one: `python3 tests/files/jrnl/write.py PATH_OF_JRNL`; README.md says which.

The files are committed, so that the tests need no jrnl; this shows how each came about.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent

CONFIG = """\
journals:
  default:
    journal: {journal}
editor: ''
encrypt: false
template: false
default_hour: 9
default_minute: 0
timeformat: '{timeformat}'
tagsymbols: '#@'
highlight: true
linewrap: 79
indent_character: '|'
colors: {{body: none, date: none, tags: none, title: none}}
version: v4.6
"""

#: As a person would type or paste them.
ENTRIES = [
    "2026-03-01 07:15:20: Slept through. Walked to the station, 20 minutes.",
    "2026-03-02 22:40:05: Calf cramp again \N{LEG}\N{CONFOUNDED FACE} @cramp #left\n"
    "Eased after standing up. \N{SLIGHTLY SMILING FACE}",
    "2026-03-03 08:05: \u062a\u0634\u0646\u062c \u0641\u064a \u0627\u0644\u0633\u0627\u0642\n"
    "\u05d6\u05d4 \u05e2\u05d1\u05e8 \u05d0\u05d7\u05e8\u05d9 \u05d3\u05e7\u05d4 @\u05dc\u05d9\u05dc\u05d4",
    "2026-03-04 21:00: List for tomorrow\n[ ] soup\n[x] stretch\n[1] a footnote\n\n    set in\n\nlast line",
    "2026-03-05 19:30*: A good day to remember\nWith friends.",
    "2026-03-06 06:45: Tired",
    "2026-03-07 23:10: \u65e5\u8a18\u3002\u8db3\u304c\u3064\u3063\u305f\u3002",
    "2026-03-08 10:00: 2 * 3 * 4 is arithmetic",
    "2026-03-09 12:00:10: Glass of water",
    "2026-03-09 12:00:10: Glass of water",
    "2026-03-29 02:30: In the hour that the clocks left out",
    "2026-10-25 02:30: In the hour that came twice",
]

#: File name -> how jrnl.yaml says that times are written.
FORMS = {
    "default.txt": "%F %r",
    "minutes.txt": "%Y-%m-%d %H:%M",
    "iso.txt": "%Y-%m-%dT%H:%M:%S",
    "dotted.txt": "%d.%m.%Y %H:%M",
    "slashed.txt": "%m/%d/%Y %I:%M %p",
    "day-first.txt": "%d/%m/%Y %H:%M",
    "in-words.txt": "%A, %d %B %Y, %H:%M",
    "dates.txt": "%Y-%m-%d",
    "own.txt": "%y%m%d-%H%M",
}

#: In a body, a line that begins as entries do in another form.
DATE_IN_BODY = "2026-03-10 09:00: Copied from the calendar\n[2026-01-02] see the dentist"


#: Runs in jrnl's own Python: the command itself asks for the password on a terminal only.
ENCRYPT = """\
import sys
from jrnl.encryption import determine_encryption_method_for_writing
method = determine_encryption_method_for_writing(True)("default", {})
method.password = "cramp"
sys.stdout.buffer.write(method.encrypt("[2026-03-01 07:15:20 AM] Slept through.\\n"))
"""


def main(jrnl: str) -> None:
    python = Path(jrnl).with_name("python")
    encrypted = subprocess.run([python, "-c", ENCRYPT], stdout=subprocess.PIPE, check=True).stdout
    (HERE / "encrypted.txt").write_bytes(encrypted)
    for name, timeformat in FORMS.items():
        with tempfile.TemporaryDirectory() as folder:
            run = _journal(Path(folder), jrnl, timeformat)
            for text in ENTRIES:
                run(text)
            (HERE / name).write_bytes((Path(folder) / "journal.txt").read_bytes())
            if name == "default.txt":
                run("", "--format", "json", "--file", str(HERE / "default.json"))
                run("", "--format", "text", "--file", str(HERE / "exported.txt"))
                run(DATE_IN_BODY)
                (HERE / "date-in-body.txt").write_bytes((Path(folder) / "journal.txt").read_bytes())


def _journal(folder: Path, jrnl: str, timeformat: str) -> Callable[..., None]:
    """A journal of its own; what is returned hands jrnl a text and options."""
    config = folder / "jrnl.yaml"
    config.write_text(CONFIG.format(journal=folder / "journal.txt", timeformat=timeformat), "utf-8")

    def run(text: str, *options: str) -> None:
        env = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
        command = [jrnl, "--config-file", str(config), *options]
        subprocess.run(command, input=text, text=True, encoding="utf-8", env=env, check=True)

    return run


if __name__ == "__main__":
    main(sys.argv[1])
