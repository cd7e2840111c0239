"""Sets a checkout up, runs it and checks it, with nothing but Python installed.

usage: python3 tools/dev.py COMMAND [ARGS...]     (or: make COMMAND ARGS="...")

  setup     make .venv as requirements.lock says, with crampcoach in it; instant when nothing changed
  run       setup, then start the agent: ARGS go to `crampcoach run`
  test      system packages, setup, lint, all tests; then the pure tests on each other Python found: ARGS go to pytest
  lint      setup, then formatting, lint rules and types
  bench     setup, then measure start-up, memory, what installed plugins cost, and the log beside jrnl's (which is in
            .venv-bench, if it can be installed)
  soak      setup, then the long kill -9 tests
  example   setup, then write config.example.toml, config.schema.json, docs/explainers.md and the reference of
            docs/writing-plugins.md anew
  lock      write requirements.lock anew, with the newest version of everything
  help      this text
"""

from __future__ import annotations  # old Pythons must get as far as the sentence that names the right one

import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
VENV = TOP / ".venv"
LOCK = TOP / "requirements.lock"
PYPROJECT = TOP / "pyproject.toml"
INIT = TOP / "src" / "crampcoach" / "__init__.py"
SYSTEM_PACKAGES = TOP / "tests" / "system-packages.txt"
MINORS = range(11, 15)  # Python 3.11 to 3.14
THIS = f"3.{sys.version_info.minor}"
NOTHING_COLLECTED = 5  # pytest's exit status
#: Each file on one processor, in the order of conftest.py. One file more than there are processors at a time: real
#: agents often wait.
SPREAD = ("--numprocesses", str((os.cpu_count() or 1) + 1), "--dist", "loadfile", "--no-loadscope-reorder")
WINDOWS = os.name == "nt"

LOCK_HEADER = """\
# The exact packages, with hashes, that set-up installs on every platform. Made by `make lock`; not edited by hand.
"""


def say(line: str) -> None:
    print(f"== {line}", flush=True)


def stop(sentence: str) -> None:
    sys.exit(f"tools/dev.py: {sentence}")


def call(*command: str | Path, **env: str) -> int:
    return subprocess.run(command, cwd=TOP, env={**os.environ, **env}, check=False).returncode


def need(*command: str | Path, **env: str) -> None:
    if status := call(*command, **env):
        stop(f"this failed with status {status}: {' '.join(map(str, command))}")


def program(name: str, venv: Path = VENV) -> Path:
    return venv / "Scripts" / f"{name}.exe" if WINDOWS else venv / "bin" / name


# Set-up


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def make_venv(venv: Path, python: str) -> None:
    if python == sys.executable and importlib.util.find_spec("ensurepip") is None:
        stop(f"this Python cannot make environments: on Debian, sudo apt-get install python3-venv python{THIS}-venv")
    need(python, "-m", "venv", "--clear", venv)


def pip(venv: Path, *args: str | Path) -> None:
    need(program("python", venv), "-m", "pip", "--quiet", "--disable-pip-version-check", "install", *args)


def prepare(venv: Path = VENV, python: str = sys.executable, version: str = THIS) -> None:
    """Make `venv` hold what the lock and the project name; do nothing when its stamp says that it does."""
    # Scripts and the editable install hold the folder's path: a checkout that was moved is set up anew.
    environment = digest(LOCK.read_text("utf-8"), str(TOP), version)
    constant = [line for line in INIT.read_text("utf-8").splitlines() if line.startswith("__version__")]
    project = digest(PYPROJECT.read_text("utf-8"), *constant)
    stamp = venv / "crampcoach-stamp"
    stamped = stamp.read_text("utf-8").split() if stamp.exists() and program("python", venv).exists() else []
    if stamped == [environment, project]:
        return
    stamp.unlink(missing_ok=True)
    if stamped[:1] != [environment]:
        say(f"making {venv.name} with Python {version}")
        make_venv(venv, python)
        say(f"installing the packages of {LOCK.name} into {venv.name}")
        pip(venv, "--require-hashes", "-r", LOCK)
    say(f"installing crampcoach into {venv.name}, editable")
    pip(venv, "--no-build-isolation", "--no-deps", "-e", TOP)
    # Once, as pip does for what it copies: an environment may forbid Python to write what it has compiled.
    need(program("python", venv), "-m", "compileall", "-q", TOP / "src", TOP / "plugins")
    stamp.write_text(f"{environment}\n{project}\n", "utf-8")


def other_pythons() -> dict[str, str]:
    """One Python that works, by version, for each supported version that is not this one."""
    found: dict[str, str] = {}
    for version in (f"3.{minor}" for minor in MINORS):
        name = f"python{version}"
        # Version managers keep each Python in a folder named after its version, beside this one's.
        beside = sorted(Path(sys.base_prefix).parent.glob(f"{version}*/bin/{name}"))
        on_path = [Path(folder) / name for folder in os.get_exec_path()]
        for candidate in [*on_path, *beside]:
            if version != THIS and version not in found and works(candidate, version):
                found[version] = str(candidate)
    return found


def works(python: Path, version: str) -> bool:
    """Whether it is there, runs (a version manager's stand-in may not), and can make an environment."""
    if not python.is_file():
        return False
    ask = "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == version


def system_packages() -> None:
    """Install the Debian packages that the tests use, or say which are missing."""
    if sys.platform != "linux":
        return
    lines = SYSTEM_PACKAGES.read_text("utf-8").splitlines()
    wanted = [name for line in lines if (name := line.partition("#")[0].strip())]
    present = installed(wanted)
    missing = [name for name in wanted if name not in present]
    if not missing:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"installing system packages: {' '.join(missing)}")
        need("apt-get", "-qq", "update")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        need("apt-get", "-qq", "install", "-y", "--no-install-recommends", *missing, **quiet)
        return
    sentence = f"the tests need these Debian packages: sudo apt-get install --no-install-recommends {' '.join(missing)}"
    if os.environ.get("CI") == "true":
        stop(sentence)
    say(f"{sentence}; going on without them")


def installed(packages: list[str]) -> set[str]:
    if not shutil.which("dpkg-query"):
        return set()
    ask = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *packages]
    lines = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.splitlines()
    return {name for name, _, status in (line.partition(" ") for line in lines) if status == "installed"}


# Commands: each takes the arguments after its name and returns the exit status


def setup(args: list[str]) -> int:
    if args:
        stop("setup takes no arguments")
    prepare()
    return 0


def run(args: list[str]) -> int:
    prepare()
    command = [str(program("crampcoach")), "run", *args]
    if not WINDOWS:
        os.execv(command[0], command)  # so that signals reach the agent itself
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl+C reaches the agent too: wait for it to stop
    return call(*command)


def checks() -> list[str]:
    """Run the static checks; return the names of those that failed."""
    steps: dict[str, list[str | Path]] = {
        "ruff format": [program("ruff"), "format", "--check"],
        "ruff check": [program("ruff"), "check", "--quiet"],
        "mypy": [program("mypy")],
    }
    failed = []
    for name, command in steps.items():
        say(name)
        if call(*command):
            failed.append(name)
    return failed


def verdict(failed: list[str]) -> int:
    say(f"failed: {', '.join(failed)}" if failed else "all passed")
    return 1 if failed else 0


def lint(args: list[str]) -> int:
    if args:
        stop("lint takes no arguments")
    prepare()
    return verdict(checks())


def test(args: list[str]) -> int:
    system_packages()  # first: one of them makes environments
    prepare()
    failed = checks()
    say(f"pytest on Python {THIS}")
    if failing(call(program("pytest"), *SPREAD, *args), args):
        failed.append(f"pytest on Python {THIS}")
    others = other_pythons()
    if not others:
        say(f"no other Python of 3.{MINORS[0]} to 3.{MINORS[-1]} found")
    for version, python in others.items():
        venv = TOP / f".venv-{version}"
        prepare(venv, python, version)
        say(f"pytest, what is pure, on Python {version}")
        if failing(call(program("pytest", venv), "-m", "pure and not once", *SPREAD, *args), args):
            failed.append(f"pytest on Python {version}")
    return verdict(failed)


def failing(status: int, args: list[str]) -> bool:
    """Whether pytest's exit status is a failure: ARGS may choose tests none of which is of this sort."""
    return bool(status) and not (args and status == NOTHING_COLLECTED)


def bench(args: list[str]) -> int:
    prepare()
    return call(program("python"), Path("tests", "bench.py"), *args, BENCH_JRNL=compared())


def compared() -> str:
    """The jrnl that the log is measured beside, in an environment of its own; empty where it cannot be installed."""
    import tomllib  # not in the Pythons that only get a sentence

    venv = TOP / ".venv-bench"
    wanted: list[str] = tomllib.loads(PYPROJECT.read_text("utf-8"))["dependency-groups"]["bench"]
    stamp = venv / "crampcoach-stamp"
    if not (stamp.exists() and stamp.read_text("utf-8") == digest(*wanted, str(TOP), THIS)):
        say(f"making {venv.name} with {', '.join(wanted)}")
        make_venv(venv, sys.executable)
        if call(program("python", venv), "-m", "pip", "--quiet", "--disable-pip-version-check", "install", *wanted):
            say("that cannot be installed here; the log is measured alone")
            return ""
        stamp.write_text(digest(*wanted, str(TOP), THIS), "utf-8")
    return str(program("jrnl", venv))


def soak(args: list[str]) -> int:
    prepare()
    return call(
        program("pytest"),
        Path("tests", "test_kill.py"),
        Path("tests", "test_kill_store.py"),
        "-s",
        "--timeout=0",  # of these nobody says how long they take
        *args,
        CRAMPCOACH_SOAK="1",
    )


def example(args: list[str]) -> int:
    prepare()
    status = call(program("python"), Path("tools", "config_example.py"), *(args or ["config.example.toml"]))
    for tool in ("plugin_reference.py", "explainer_tables.py"):
        status = status or call(program("python"), Path("tools", tool))
    return status


def lock(args: list[str]) -> int:
    """Only uv's export locks for every platform at once and names no host; it gets an environment of its own."""
    venv = TOP / ".venv-lock"
    uv = program("uv", venv)
    if not uv.exists():
        say(f"installing uv into {venv.name}")
        make_venv(venv, sys.executable)
        pip(venv, "uv>=0.9")
    say(f"writing {LOCK.name}")
    python = ["--python", sys.executable]
    what = ["--format", "requirements-txt", "--group", "test", "--no-emit-project", "--no-header", *args]
    done = subprocess.run(
        [uv, "export", "--quiet", "--upgrade", *python, *what], cwd=TOP, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        return done.returncode
    stray = [line for line in done.stdout.splitlines() if "://" in line or line.startswith("-")]
    if stray:
        stop(f"not written, because this would stand in the lock: {stray[0]}")
    LOCK.write_text(LOCK_HEADER + done.stdout, "utf-8")
    return 0


COMMANDS = {f.__name__: f for f in (setup, run, test, lint, bench, soak, example, lock)}


def main(argv: list[str]) -> int:
    if argv in (["help"], ["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    if not argv or argv[0] not in COMMANDS:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    if sys.version_info < (3, MINORS[0]):
        better = [f"; there is one: make {argv[0]} PYTHON={python}" for python in other_pythons().values()][-1:]
        stop(f"crampcoach needs Python 3.{MINORS[0]} or newer, and this is {THIS}{''.join(better)}")
    return COMMANDS[argv[0]](argv[1:])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
