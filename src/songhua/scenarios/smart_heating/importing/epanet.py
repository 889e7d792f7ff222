"""Networks from EPANET's INP files: a supply network of cold or hot water, by its flows.

Junctions with a demand become consumers by flow, reservoirs and tanks become sources at the height
of their water, pipes stay pipes. Pumps, valves, tanks' storage, closed pipes, patterns, curves and
rules have no place in a description and are listed. Source: L. Rossman et al., EPANET 2.2 User
Manual (2020), appendix C, for the sections and their units.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from songhua.kit.errors import InputError, Problem
from songhua.scenarios.smart_heating.importing.reading import Row, describe

if TYPE_CHECKING:
    from songhua.scenarios.smart_heating.importing.description import Description

_KG_PER_M3 = 1000.0
_FOOT_M, _INCH_M = 0.3048, 0.0254
_US_M3_PER_S = {"CFS": 0.028316846592, "GPM": 6.30901964e-5, "MGD": 0.0438126364,
                "IMGD": 0.0526168042, "AFD": 0.0142764102}  # fmt: skip
_SI_M3_PER_S = {"LPS": 1e-3, "LPM": 1e-3 / 60, "MLD": 1e3 / 86400, "CMH": 1 / 3600,
                "CMD": 1 / 86400}  # fmt: skip
_READ = {"JUNCTIONS", "RESERVOIRS", "TANKS", "PIPES", "PUMPS", "VALVES", "DEMANDS", "OPTIONS",
         "COORDINATES", "STATUS", "TITLE", "END"}  # fmt: skip
_NEEDED = {"JUNCTIONS": 2, "RESERVOIRS": 2, "TANKS": 3, "PIPES": 5, "PUMPS": 1, "VALVES": 1,
           "DEMANDS": 2, "COORDINATES": 3, "STATUS": 2}  # fmt: skip

_Line = tuple[int, list[str]]


def from_inp(text: str) -> Description:
    """The network of an INP file. Raises `InputError` with every line at fault."""
    sections = _sections(text)
    options = {" ".join(words[:-1]).upper(): words[-1] for _, words in sections.get("OPTIONS", ())}
    flow_unit = options.get("UNITS", "GPM").upper()
    problems = [
        Problem(f"[{name}] {words[0]}", "importing_line_short", " ".join(words), number)
        for name, least in _NEEDED.items()
        for number, words in sections.get(name, ())
        if len(words) < least
    ]
    if flow_unit not in {**_US_M3_PER_S, **_SI_M3_PER_S}:
        problems.append(Problem("UNITS", "importing_flow_unit", flow_unit))
    if problems:
        raise InputError(problems)
    american = flow_unit in _US_M3_PER_S
    metre = _FOOT_M if american else 1.0
    per_unit = {**_US_M3_PER_S, **_SI_M3_PER_S}[flow_unit] * _KG_PER_M3
    per_unit *= _number(options.get("DEMAND MULTIPLIER", "1"), "DEMAND MULTIPLIER")
    darcy = options.get("HEADLOSS", "H-W").upper() == "D-W"
    left_out = _left_out(sections, darcy)
    tables = {
        "nodes": _nodes(sections, metre),
        "pipes": _pipes(sections, metre, american, darcy, left_out),
        "sources": [Row({"name": words[0], "node": words[0], "pressure_pa": 0}, number)
                    for section in ("RESERVOIRS", "TANKS")
                    for number, words in sections.get(section, ())],
        "consumers": _consumers(sections, per_unit),
    }  # fmt: skip
    return describe(tables, left_out)


def _sections(text: str) -> dict[str, list[_Line]]:
    """The words of each line by section, with its number; comments and empty lines go."""
    found: dict[str, list[_Line]] = {}
    section = ""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        words = line.split(";", 1)[0].split()
        if words and words[0].startswith("["):
            section = words[0].strip("[]").upper()
        elif words:
            found.setdefault(section, []).append((number, words))
    return found


def _nodes(sections: dict[str, list[_Line]], metre: float) -> list[Row]:
    """Junctions, reservoirs at the height of their head, and tanks at that of their first level."""
    spot = {words[0]: words[1:3] for _, words in sections.get("COORDINATES", ())}
    rows = []
    for section in ("JUNCTIONS", "RESERVOIRS", "TANKS"):
        for number, words in sections.get(section, ()):
            x, y = spot.get(words[0], (None, None))
            height: object = _times(words[1], metre)
            level = _times(words[2], metre) if section == "TANKS" else 0.0
            if isinstance(height, float):
                height = height + level if isinstance(level, float) else level
            cells = {"name": words[0], "x": x, "y": y, "height_m": height}
            rows.append(Row(cells, number))
    return rows


def _pipes(
    sections: dict[str, list[_Line]], metre: float, american: bool, darcy: bool,
    left_out: list[Problem],
) -> list[Row]:  # fmt: skip
    """Open pipes; of closed ones, check valves and local losses a line in `left_out`."""
    rows = []
    later = {words[0]: words[1].upper() for _, words in sections.get("STATUS", ())}
    rough = _FOOT_M * 1e-3 if american else 1e-3
    for number, words in sections.get("PIPES", ()):
        status = next((w.upper() for w in words[6:] if w.upper() in ("OPEN", "CLOSED", "CV")), "")
        if later.get(words[0], status) == "CLOSED":
            left_out.append(Problem(words[0], "importing_closed_left_out", "", number))
            continue
        if status == "CV":
            left_out.append(Problem(words[0], "importing_check_valve_left_out", "", number))
        if len(words) > 6 and words[6] not in ("0", "0.0") and words[6].upper() != status:
            left_out.append(Problem(words[0], "importing_local_loss_left_out", words[6], number))
        cells = {
            "name": words[0], "start": words[1], "end": words[2],
            "length_m": _times(words[3], metre),
            "diameter_m": _times(words[4], _INCH_M if american else 1e-3),
            "roughness_m": _times(words[5], rough) if darcy and len(words) > 5 else None,
        }  # fmt: skip
        rows.append(Row(cells, number))
    return rows


def _consumers(sections: dict[str, list[_Line]], per_unit: float) -> list[Row]:
    """A consumer where a junction has a demand; what [DEMANDS] says of it goes before."""
    rows: dict[str, list[tuple[int, object]]] = {}
    for number, words in sections.get("DEMANDS", ()):
        rows.setdefault(words[0], []).append((number, _times(words[1], per_unit)))
    for number, words in sections.get("JUNCTIONS", ()):
        if len(words) > 2 and words[0] not in rows:
            rows[words[0]] = [(number, _times(words[2], per_unit))]
    found = []
    for name, given in rows.items():
        figures = [figure for _, figure in given]
        numbers = [figure for figure in figures if isinstance(figure, float)]
        wrong = next((figure for figure in figures if not isinstance(figure, float)), None)
        flow: object = sum(numbers) if wrong is None else wrong
        if flow != 0:
            found.append(Row({"name": name, "node": name, "flow_kg_per_s": flow}, given[0][0]))
    return found


def _left_out(sections: dict[str, list[_Line]], darcy: bool) -> list[Problem]:
    """What the description has no place for."""
    found = [Problem(words[0], code, "", number)
             for section, code in (("PUMPS", "importing_pump_left_out"),
                                   ("VALVES", "importing_valve_left_out"),
                                   ("TANKS", "importing_tank_left_out"))
             for number, words in sections.get(section, ())]  # fmt: skip
    if not darcy and sections.get("PIPES"):
        found.append(Problem("[PIPES]", "importing_roughness_left_out"))
    patterns = Counter(words[place]
                       for section, place in (("JUNCTIONS", 3), ("DEMANDS", 2), ("RESERVOIRS", 2))
                       for _, words in sections.get(section, ()) if len(words) > place)  # fmt: skip
    found += [Problem(pattern, "importing_pattern_left_out", f"{times}")
              for pattern, times in patterns.items()]  # fmt: skip
    found += [Problem(f"[{section}]", "importing_section_left_out", f"{len(lines)}", lines[0][0])
              for section, lines in sections.items() if section not in _READ]  # fmt: skip
    return found


def _times(word: str, factor: float) -> object:
    """The figure in SI, or the word itself, which `describe` then names as no number."""
    try:
        return float(word) * factor
    except ValueError:
        return word


def _number(word: str, where: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise InputError(Problem(where, "importing_not_a_number", word)) from None
