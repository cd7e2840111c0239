"""The command line. Each command's module is imported when the command is used; `--version` needs only click."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from importlib import import_module
from io import StringIO
from typing import TYPE_CHECKING, Any

import click

from crampcoach import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from crampcoach.cli.handed import Handed

#: When Python's garbage collector looks by itself.
GC_THRESHOLDS = gc.get_threshold()
#: Command -> the module that has it, and its line in `--help`.
COMMANDS = {
    "setup": ("setup", "First steps: questions, start at login, a test message"),
    "run": ("agent", "Start the agent, in the foreground"),
    "status": ("agent", "Is it running? What is next, and what failed?"),
    "today": ("plan", "Today's reminders and what became of them"),
    "plan": ("plan", "What will fire in the next days"),
    "done": ("answer", "Answer a reminder: done"),
    "skip": ("answer", "Answer a reminder: not this time"),
    "snooze": ("answer", "Answer a reminder: later"),
    "pause": ("pause", "Hold every reminder back for a while"),
    "resume": ("pause", "End a pause"),
    "try": ("trial", "Show a reminder now, without consequences"),
    "log": ("log", "Save an entry"),
    "entries": ("entries", "List what you have logged, or look for words in it"),
    "show": ("entries", "Show one entry, and what it was before"),
    "edit": ("changing", "Change an entry"),
    "delete": ("changing", "Delete an entry"),
    "undo": ("undoing", "Take back what was saved or changed last"),
    "redo": ("undoing", "Take back an undo"),
    "import": ("importing", "Bring in entries from another program's file"),
    "export": ("exporting", "Take your log out, in one of several formats"),
    "backup": ("backup", "Copy your log to a safe place, or list the copies"),
    "restore": ("backup", "Go back to a backup of your log"),
    "now": ("now", "A cramp right now: what to do"),
    "explain": ("explaining", "What cramps may come from, and what is known of it"),
    "check-symptoms": ("symptoms", "Signs that need a doctor"),
    "plugins": ("plugins", "List plugins, turn them on or off, write, check and install them"),
    "config": ("config", "Your settings: where they are, checking, changing"),
    "autostart": ("autostart", "Start the agent at every login"),
    "check": ("check", "What works here, what is missing, how to mend it"),
    "completion": ("completion", "Let the Tab key complete commands"),
}


class _Commands(click.Group):
    """Finds a command in its module, and turns errors into sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *self._added(ctx)]

    def _added(self, ctx: click.Context) -> dict[str, click.Command]:
        """What plugins add: they are loaded for `--help` and for a word that is no command of our own."""
        from crampcoach.cli.plugin_commands import plugin_commands

        return plugin_commands(ctx, COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return self._added(ctx).get(cmd_name)
        module = import_module(f"crampcoach.cli.{COMMANDS[cmd_name][0]}")
        command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        if not name.startswith("-") and name not in COMMANDS and name not in self._added(ctx):
            from crampcoach.options import did_you_mean

            ctx.fail(f"there is no command {name!r}{did_you_mean(name, [*COMMANDS, *self._added(ctx)])}")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from crampcoach.cli.completion import commands

        added = {} if incomplete.startswith("-") else self._added(ctx)
        return [*commands(COMMANDS, added, incomplete), *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])
        added = self._added(ctx)
        if added:
            with formatter.section("Commands of plugins"):
                formatter.write_dl([(name, command.get_short_help_str(80)) for name, command in sorted(added.items())])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="crampcoach", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.option("--no-plugins", is_flag=True, help="Load no plugin (to find out which one is to blame).")
def cli(debug: bool, no_plugins: bool) -> None:
    """Reminders against leg cramps, and a log that stays on your machine.

    Start with `crampcoach run`. crampcoach gives information; it does not replace a doctor.
    """


def main(args: list[str] | None = None, handed: Handed | None = None) -> None:
    """Run a command line; every error is one sentence on stderr, unless `--debug` asks for its traceback."""
    if args is None:
        # The garbage collector finds nothing while modules are imported, and would look all the time: 5 % of a command.
        gc.set_threshold(20_000)
    out, err = sys.stdout, sys.stderr
    if os.environ.get("_CRAMPCOACH_COMPLETE"):
        sys.stderr = StringIO()  # nobody who presses Tab wants a sentence
    try:
        _run(args, handed)
    except SystemExit as end:
        if args is None:
            _leave(end.code)
        raise
    finally:
        sys.stdout, sys.stderr = out, err


def _leave(status: Any) -> None:
    """Threads that a plugin left behind must not keep a command alive."""
    import threading

    if threading.active_count() > 1:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):  # closed, or none at all
                stream.flush()
        os._exit(status)


def _run(args: list[str] | None, handed: Handed | None) -> None:
    debug = "--debug" in (sys.argv[1:] if args is None else args)
    try:
        status: Any = cli.main(args=args, prog_name="crampcoach", standalone_mode=False, obj=handed)
    except click.exceptions.Abort:
        _end("stopped", 130)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        if debug:
            raise
        if isinstance(error, click.UsageError):
            _end(f"{error.format_message()}\n{_usage(error)}", error.exit_code)
        _end(error.format_message(), error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        if isinstance(error, RuntimeError) and isinstance(error.__context__, KeyboardInterrupt):
            _end("stopped", 130)  # Ctrl+C came as a lock was being taken or left, which Python tells in this way
        if debug:
            raise
        _end(_sentence(error), 1)
    else:
        sys.exit(status if isinstance(status, int) else 0)


def _usage(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "crampcoach"
    return f"see: {path} --help"


def _sentence(error: Exception) -> str:
    from crampcoach.model import Problem

    if isinstance(error, Problem):
        return str(error)
    import sqlite3

    if isinstance(error, sqlite3.Error):
        from crampcoach.home import find_home
        from crampcoach.store.database import database_sentence

        return database_sentence(error, find_home().data_dir)
    if isinstance(error, OSError):
        return f"{error.filename or 'a file'}: {error.strerror or error}"
    from crampcoach.blame import type_and_place

    what = type_and_place(error)  # its words may quote an entry
    return f"something unexpected went wrong ({what}); run it again with --debug before the command to see more"


def _end(sentence: str, status: int) -> None:
    click.echo(f"crampcoach: {sentence}", err=True)
    sys.exit(status)
