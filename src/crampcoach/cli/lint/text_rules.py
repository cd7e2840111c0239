"""Rules about what people read: words that help nobody, and claims that nothing stands behind."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, TypeGuard

from crampcoach.cli.lint import Finding
from crampcoach.safety.never_said import wrongly_said_in

if TYPE_CHECKING:
    from crampcoach.cli.lint.source import Source

#: What nothing of this kind can be made without.
_NEEDED = {
    "crampcoach.Claim": ("grade", "sources"),
    "crampcoach.Explainer": ("claims", "sources", "see", "limits"),
}


def text_findings(source: Source) -> Iterator[Finding]:
    """Everything that is wrong with what a module says."""
    for line, text in _texts(source.tree):
        for words, why in dict(wrongly_said_in(text)).items():
            yield Finding(source.path, line, "health wording", f"{words!r}: {why}; say it in other words")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield from _unsourced(source, node)


def _texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Each text of more than one word that is no comment, f-strings with "..." for what is filled in."""
    comments = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    comments |= {id(display) for node in ast.walk(tree) for display in _displays(node)}
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        text = _said(node) if id(node) not in comments | inner else ""
        if re.search(r"[A-Za-z]\S*\s+\S*[A-Za-z]", text):
            yield getattr(node, "lineno", 1), text


def _displays(node: ast.AST) -> Iterator[ast.AST]:
    """What a list of codes calls one of them, beside the code: its words are not the plugin's to choose."""
    if isinstance(node, ast.Dict):
        given = {one.value: value for one, value in zip(node.keys, node.values, strict=True) if _is_text(one)}
        if "code" in given and "display" in given:
            yield given["display"]
    listed = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, (ast.Tuple, ast.List)) else []
    for code, display in pairwise(listed):
        if _is_text(code) and re.fullmatch(r"\d{2,}-\d|\d{6,}", str(code.value)):
            yield display


def _is_text(node: ast.AST | None) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _said(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_said(part) or "..." for part in node.values)
    return str(node.value) if _is_text(node) else ""


def _unsourced(source: Source, call: ast.Call) -> Iterator[Finding]:
    name = source.full_name(call.func)
    given = {one.arg: one.value for one in call.keywords}
    if name not in _NEEDED or None in given:  # **more may bring anything
        return
    for key in _NEEDED[name]:
        value = given.get(key)
        if key not in given or (isinstance(value, (ast.List, ast.Tuple)) and not value.elts):
            what = name.rpartition(".")[2]
            text = f"{what} without {key}: nobody could judge what it says; give its {key}"
            yield Finding(source.path, call.lineno, "claim without sources", text)
