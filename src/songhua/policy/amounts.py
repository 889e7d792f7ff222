"""An amount as it arrives: yuan as plain decimal text, or every reason why it is none."""

from __future__ import annotations

import re

from songhua.policy.values import LARGEST_FEN

_PLAIN = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_NOT_FINITE = re.compile(r"[+-]?(s?nan[0-9]*|inf|infinity)", re.IGNORECASE)


def read_fen(given: object) -> int | tuple[str, ...]:
    """Whole fen, or the codes of what is wrong.

    Text like ``1386684.95`` only: a number of JSON has been through binary floats, an exponent or
    a separator could be misread. More than two decimals are refused even where they are zeros.

    >>> read_fen("1386684.95"), read_fen("-0.001")
    (138668495, ('AMOUNT_NEGATIVE', 'AMOUNT_FINER_THAN_FEN'))
    """
    if not isinstance(given, str):
        not_finite = isinstance(given, float) and not abs(given) < float("inf")
        return ("AMOUNT_NOT_DECIMAL_STRING", *(("AMOUNT_NOT_FINITE",) if not_finite else ()))
    if _NOT_FINITE.fullmatch(given):
        return ("AMOUNT_NOT_FINITE",)
    found = _PLAIN.fullmatch(given)
    if found is None:
        return ("AMOUNT_NOT_A_NUMBER",)
    sign, whole, decimals = found[1], found[2].lstrip("0"), found[3] or ""
    wrong = []
    if sign and (whole or decimals.strip("0")):
        wrong.append("AMOUNT_NEGATIVE")
    if len(decimals) > 2:
        wrong.append("AMOUNT_FINER_THAN_FEN")
    fen = int(whole[:18] + decimals[:2].ljust(2, "0"))
    if len(whole) > 18 or fen > LARGEST_FEN:
        wrong.append("AMOUNT_TOO_LARGE")
    return tuple(wrong) or fen
