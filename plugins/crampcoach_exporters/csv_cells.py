"""The cells of a CSV file: values as spreadsheets show them, and back, so that none is run and none taken for another.

A spreadsheet runs a text that begins with "=", and takes "3 May" for a date. One apostrophe before such a text keeps it
a text, in LibreOffice and in Excel; they show it. Reading takes it off again, and only there: a text without need of
one keeps its own.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from crampcoach_exporters.records import Odd

#: What begins a formula, in Japanese spreadsheets also in its wide form; an error value; a list or object in JSON.
_FIRST = frozenset("=+-@'#[{＝＋－＠")  # noqa: RUF001 - they are meant
_TRUTH = "true false null wahr falsch vrai faux verdadero falso vero waar onwaar"
_WORDS = frozenset(_TRUTH.split())
_LETTER = re.compile(r"[^\W\d_eE]")
_WORD = re.compile(r"[^\W\d_]+")
#: Names of months in the languages of the spreadsheets that read them most, with their short forms.
_NAMES = """\
january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec
januar jänner februar märz mai juni juli oktober dezember mär mrz okt dez
janvier février mars avril juin juillet août septembre octobre novembre décembre janv févr avr juil déc
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre ene abr ago dic
gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre gen mag giu lug set ott
janeiro fevereiro março maio junho julho setembro outubro novembro dezembro fev out
januari februari maart mei augustus mrt
"""
_MONTHS = frozenset(_NAMES.split())
_AM_PM = re.compile(r"\d\s*[ap]\.?\s?(m\.?)?$", re.IGNORECASE)
#: A longer text is never taken for a date.
_LONGEST_DATE = 40
#: No number, date or time has four dashes, nor figures in such groups: without an apostrophe ids are alike, for joins.
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
_POINT = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_COMMA = re.compile(r"-?[0-9]+(,[0-9]+)?([eE][+-]?[0-9]+)?")
#: 1.500 and 1,500 are one and a half, or fifteen hundred.
_TWO_WAYS = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}")
_TRUE_FALSE = {"true": True, "false": False, "null": None}


def text_cell(text: str) -> str:
    """The cell of a text."""
    return f"'{text}" if _is_misread(text) and not _ID.fullmatch(text) else text


def text_of(cell: str) -> str:
    """The text in a cell. Some ids have an apostrophe too, in files of an earlier crampcoach."""
    return cell[1:] if cell.startswith("'") and _is_misread(cell[1:]) else cell


def value_cell(value: Any, *, comma: bool = False) -> str:
    """The cell of a JSON value; `comma`: numbers have one. No value has an empty cell."""
    if isinstance(value, str):
        return text_cell(value)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text.replace(".", ",") if comma and isinstance(value, float) else text


def value_of(cell: str, *, comma: bool = False) -> Any:
    """The value in a cell that is not empty; `comma`: numbers have one, as far as that can be told. Raises Odd."""
    if cell.startswith("'"):
        return text_of(cell)
    if cell.lower() in _TRUE_FALSE:
        return _TRUE_FALSE[cell.lower()]
    if cell[0] in "[{":
        try:
            return json.loads(cell, parse_constant=_no_number)
        except (ValueError, RecursionError):
            return cell
    if not cell[-1].isdecimal():
        return cell
    try:
        if _WHOLE.fullmatch(cell):
            return int(cell)
        usual, other = (_COMMA, _POINT) if comma else (_POINT, _COMMA)
        if usual.fullmatch(cell):
            return float(cell.replace(",", "."))
        if other.fullmatch(cell):
            if _TWO_WAYS.fullmatch(cell):
                raise Odd("a number that can be read in two ways, with a comma or point before three figures")
            return float(cell.replace(",", "."))
    except ValueError:  # of thousands of figures
        pass
    return cell


def _is_misread(text: str) -> bool:
    """Whether a spreadsheet, or `value_of`, would take a text for something else."""
    bare = text.strip()
    if not bare or text[0] in "\t\r\n" or bare[0] in _FIRST or bare.lower() in _WORDS:
        return True
    if len(bare) > _LONGEST_DATE or not any(map(str.isdigit, bare)):
        # A number has no end.
        return bare[-1].isdecimal() and not _LETTER.search(bare)
    return not _LETTER.search(bare) or not _MONTHS.isdisjoint(_WORD.findall(bare.lower())) or bool(_AM_PM.search(bare))


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
