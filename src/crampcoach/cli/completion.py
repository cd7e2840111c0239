"""`completion`: what lets the Tab key complete commands; and what is offered there, found without touching anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem, ShellComplete, get_completion_class

if TYPE_CHECKING:
    from crampcoach.cli.looking import Look
    from crampcoach.model import Kind

#: In this variable a shell says that it wants completions, in click's own words.
ASKED_BY = "_CRAMPCOACH_COMPLETE"
#: Where the context of a command keeps what was found.
_LOOK = "crampcoach.look"

#: How to have it in every new terminal.
INSTALL = {
    "bash": """\
mkdir -p ~/.local/share/bash-completion/completions
crampcoach completion bash > ~/.local/share/bash-completion/completions/crampcoach
(without the package bash-completion, add to ~/.bashrc: eval "$(crampcoach completion bash)")""",
    # Not as a file in a folder of functions: from there click's script does nothing at the second Tab.
    "zsh": """\
echo 'autoload -U compinit; compinit' >> ~/.zshrc
echo 'eval "$(crampcoach completion zsh)"' >> ~/.zshrc
(leave the first out if ~/.zshrc calls compinit already)""",
    "fish": """\
mkdir -p ~/.config/fish/completions
crampcoach completion fish > ~/.config/fish/completions/crampcoach.fish""",
}


@click.command("completion", short_help="Let the Tab key complete commands.")
@click.argument("shell", type=click.Choice(list(INSTALL)))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    """Print what SHELL needs to complete commands, options and names at the Tab key.

    The last lines say what to do with it.
    """
    of_shell = get_completion_class(shell)
    assert of_shell is not None
    # The base class's: bash's own starts a bash to ask for its version.
    script = ShellComplete.source(of_shell(ctx.find_root().command, {}, "crampcoach", ASKED_BY))
    click.echo(script.rstrip())
    click.echo("\n# To have this in every new terminal, type once:")
    for line in INSTALL[shell].splitlines():
        click.echo(f"#   {line}")


# --- what is offered -------------------------------------------------------------------------------------------


def commands(own: Mapping[str, tuple[str, str]], added: Mapping[str, click.Command], word: str) -> list[CompletionItem]:
    """Commands that begin like this word: our own without importing them, and those of plugins."""
    lines = [(name, line) for name, (_, line) in own.items()]
    lines += [(name, command.get_short_help_str(80)) for name, command in added.items()]
    return [CompletionItem(name, help=line) for name, line in lines if name.startswith(word)]


def plugin_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Plugins that begin like this word, on or off, without loading any."""
    from crampcoach.cli.handed import handed
    from crampcoach.home import find_home
    from crampcoach.plugins import discover

    found = discover(find_home().plugin_dir, handed(ctx).plugins)
    return [CompletionItem(name, help=found[name].origin) for name in sorted(found) if name.startswith(incomplete)]


def reminder_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Reminders that begin like this word, and plugins that have just one."""
    plans = {
        name: [one.name for one in loaded.plan if one.reminder.active] for name, loaded in looked(ctx).loaded.items()
    }
    words = [
        *(name for name, plan in plans.items() if len(plan) == 1),
        *(one for plan in plans.values() for one in plan),
    ]
    return [CompletionItem(word) for word in sorted(words) if word.startswith(incomplete)]


def kinds(ctx: click.Context) -> Mapping[str, Kind]:
    """Every kind of entry by name."""
    from crampcoach.loading import known_kinds

    return known_kinds(looked(ctx).loaded.values())


def looked(ctx: click.Context) -> Look:
    """Everything, looked at without touching it, once for a command."""
    from crampcoach.cli.looking import TAB, look
    from crampcoach.cli.session import Session

    if _LOOK not in ctx.meta:
        with Session(ctx):  # what plugins print is not to be offered
            ctx.meta[_LOOK] = look(ctx, TAB)
    found: Look = ctx.meta[_LOOK]
    return found
