"""Texts that a command is given: as an option, or with `-` by stdin, so that they stand in no process title."""

from __future__ import annotations

import sys
from typing import TextIO, cast

import click

from crampcoach.model import Problem


def text_of(given: str) -> str:
    """The text that `given` is, or stands for; without the line end that every file has. Raises Problem."""
    if given != "-":
        return given
    if sys.stdin.isatty():
        click.echo("Write; Ctrl+D on an empty line ends it.", err=True)
    if hasattr(sys.stdin, "reconfigure"):
        cast("TextIO", sys.stdin).reconfigure(newline="")  # type: ignore[attr-defined]  # line ends stay as they are
    try:
        return sys.stdin.read().removesuffix("\n")
    except UnicodeDecodeError:
        raise Problem("what came by stdin is no text in this system's encoding; nothing was saved") from None
