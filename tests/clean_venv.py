"""crampcoach as it is released: built, and installed into an environment that sees nothing of this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from agent_process import Nest

TOP = Path(__file__).resolve().parent.parent


def run(*command: str | Path, cwd: Path = TOP, **env: str) -> str:
    """What a command that must succeed prints."""
    environ = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **env}
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def build(project: Path, folder: Path, *what: str) -> Path:
    """Build a project into a folder: the sdist and the wheel from it, or only `what`; the wheel."""
    run(sys.executable, "-m", "build", "--no-isolation", *what, "--outdir", folder, project)
    (wheel,) = folder.glob("*.whl")
    return wheel


def environment(wheel: Path, folder: Path) -> Path:
    """The Python of a new environment with the wheel in it, which sees the dependencies but not this checkout."""
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin" / "python"
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site, ours = Path(run(python, "-c", ask).strip()), Path(run(sys.executable, "-c", ask).strip())
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    # Each dependency by a link: a .pth with our folder would bring its own .pth of the editable install along.
    for path in ours.iterdir():
        ours_too = path.name.startswith(("crampcoach", "_editable", "__editable")) or path.suffix == ".pth"
        if not ours_too and not (site / path.name).exists():
            (site / path.name).symlink_to(path)
    return python


@dataclass
class Installed(Nest):
    """A home whose crampcoach runs in an environment of its own."""

    python: Path = Path()

    def command(self, *words: str) -> list[str]:
        return [*self.prefix, str(self.python), "-m", "crampcoach", *words]

    def pip(self, *words: str | Path) -> None:
        """What somebody does who does not ask crampcoach for it. No index is asked."""
        command = [sys.executable, "-m", "pip", "--python", self.python, *words]
        environment = self.environment(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_ROOT_USER_ACTION="ignore")
        subprocess.run(command, check=True, capture_output=True, env={**environment, "PIP_NO_INDEX": "1"}, timeout=120)
