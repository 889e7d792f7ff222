"""Networks from pandapipes' JSON files, whose supply and return are pipes of their own.

What a circulation pump or an external grid feeds through open pipes is the supply and is carried;
the return is taken for its mirror. Heat consumers and sinks become consumers. Everything else that
the file holds is listed. Source: pandapipes documentation, components (version 0.16).
"""

from __future__ import annotations

import json
from collections import Counter
from math import pi
from typing import TYPE_CHECKING, Any

from songhua.kit.errors import InputError, Problem, require
from songhua.scenarios.smart_heating.importing.reading import Row, describe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.scenarios.smart_heating.importing.description import Description

_Element = dict[str, Any]
_Frames = dict[str, dict[int, _Element]]
_Names = dict[tuple[str, int], str]
_READ = {"junction", "junction_geodata", "pipe", "pipe_geodata", "circ_pump_pressure", "ext_grid",
         "circ_pump_mass", "heat_consumer", "sink"}  # fmt: skip
_NEEDED = {"pipe": ("from_junction", "to_junction", "length_km"), "ext_grid": ("junction",),
           "circ_pump_pressure": ("flow_junction",), "circ_pump_mass": ("flow_junction",),
           "heat_consumer": ("from_junction",), "sink": ("junction",)}  # fmt: skip
_FIGURES = {"length_km", "inner_diameter_mm", "diameter_m", "outer_diameter_mm", "u_w_per_m2k",
            "alpha_w_per_m2k", "loss_coefficient", "qext_w", "controlled_mdot_kg_per_s",
            "mdot_kg_per_s", "scaling", "deltat_k", "plift_bar", "mdot_flow_kg_per_s"}  # fmt: skip
_FEEDS = (("circ_pump_pressure", "flow_junction", "p_flow_bar", "t_flow_k"),
          ("circ_pump_mass", "flow_junction", "p_flow_bar", "t_flow_k"),
          ("ext_grid", "junction", "p_bar", "t_k"))  # fmt: skip
_SET = {
    "circ_pump_pressure": "plift_bar",
    "circ_pump_mass": "mdot_flow_kg_per_s",
    "heat_consumer": "deltat_k",
}  # what an element holds to and a description cannot say


def from_pandapipes(text: str) -> Description:
    """The network of a file that pandapipes' `to_json` wrote.

    Raises `InputError` for a text that is none, and as `describe` does.
    """
    frames = _frames(text)
    left_out: list[Problem] = []
    names = {**_names(frames, "junction"), **_names(frames, "pipe"),
             **_names(frames, *(table for table, *_ in _FEEDS)),
             **_names(frames, "heat_consumer", "sink")}  # fmt: skip
    working = {table: _in_service(table, frames, names, left_out) for table in sorted(_READ)}
    sources = {
        names[table, at]: (one[end], one.get(pressure), one.get(temperature))
        for table, end, pressure, temperature in _FEEDS
        for at, one in working[table].items()
    }
    supply = _reached((junction for junction, *_ in sources.values()), working["pipe"].values())
    places = frames.get("junction_geodata", {})
    tables = {
        "nodes": [Row(_node(names["junction", at], one, places.get(at, {})))
                  for at, one in working["junction"].items() if at in supply],
        "pipes": [Row(_pipe(names["pipe", at], one, names))
                  for at, one in working["pipe"].items() if one["from_junction"] in supply],
        "sources": [Row({"name": name, "node": names["junction", junction],
                         "pressure_bar": pressure, "supply_k": temperature})
                    for name, (junction, pressure, temperature) in sources.items()],
        "consumers": _consumers(working, names, supply, left_out),
    }  # fmt: skip
    mirrored = len(working["pipe"]) - len(tables["pipes"])
    if mirrored:
        left_out.append(Problem("pipe", "importing_return_left_out", f"{mirrored}"))
    left_out += [Problem(names["pipe", at], "importing_local_loss_left_out",
                         f"{one['loss_coefficient']:g}")
                 for at, one in working["pipe"].items() if one.get("loss_coefficient")]  # fmt: skip
    left_out += [Problem(names[table, at], "importing_set_left_out", f"{column} = {one[column]:g}")
                 for table, column in _SET.items() for at, one in working[table].items()
                 if one.get(column) is not None]  # fmt: skip
    left_out += [Problem(table, "importing_component_left_out", f"{len(rows)}")
                 for table, rows in frames.items() if rows and table not in _READ]  # fmt: skip
    return describe(tables, left_out)


def _frames(text: str) -> _Frames:
    """The file's tables: of each, its elements by their index, missing figures as None."""
    try:
        document = json.loads(text, parse_constant=_no_figure)
        require(document["_class"] == "pandapipesNet", "pandapipes", "importing_no_pandapipes")
        found = {table: _rows(given["_object"]) for table, given in document["_object"].items()
                 if isinstance(given, dict) and given.get("_class") == "DataFrame"}  # fmt: skip
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(Problem("pandapipes", "importing_no_pandapipes", str(error))) from None
    problems = [
        problem
        for table in sorted(_READ)
        for at, one in found.get(table, {}).items()
        for problem in _wrong_cells(f"{table} {at}", one, _NEEDED.get(table, ()), found)
    ]
    if problems:
        raise InputError(problems)
    return found


def _wrong_cells(
    where: str, one: _Element, needed: Iterable[str], found: _Frames
) -> Iterable[Problem]:
    """Cells that are missing, figures that are none, and junctions that are not there."""
    for column in needed:
        if one.get(column) is None:
            yield Problem(where, "importing_no_cell", column, None, column)
        elif column.endswith("junction") and not (
            isinstance(one[column], int) and one[column] in found.get("junction", {})
        ):
            yield Problem(where, "importing_no_such_node", str(one[column]), None, column)
    for column in _FIGURES & set(one):
        if not isinstance(one[column], int | float | None):
            yield Problem(where, "importing_not_a_number", str(one[column]), None, column)


def _rows(frame: Any) -> dict[int, _Element]:
    """A table in pandas' form "split", which stands in the file as text or as it is."""
    split = json.loads(frame, parse_constant=_no_figure) if isinstance(frame, str) else frame
    rows = (dict(zip(split["columns"], row, strict=True)) for row in split["data"])
    return dict(zip(split["index"], rows, strict=True))


def _no_figure(_: str) -> None:
    """NaN and the infinities, as some versions write what is missing."""


def _in_service(
    table: str, frames: _Frames, names: _Names, left_out: list[Problem]
) -> dict[int, _Element]:
    """What is in service; the rest is listed."""
    working = {}
    for at, one in frames.get(table, {}).items():
        if one.get("in_service") is False:
            left_out.append(Problem(names[table, at], "importing_idle_left_out"))
        else:
            working[at] = one
    return working


def _names(frames: _Frames, *tables: str) -> _Names:
    """A name for every element of tables that share theirs: its own where no other has it, else
    its table and number."""
    own = {(table, at): str(one.get("name") or "")
           for table in tables for at, one in frames.get(table, {}).items()}  # fmt: skip
    times = Counter(own.values())
    return {
        (table, at): name if name and times[name] == 1 else f"{table} {at}"
        for (table, at), name in own.items()
    }


def _reached(starts: Iterable[int], pipes: Iterable[_Element]) -> set[int]:
    """The junctions that pipes join to those at the start."""
    beside: dict[int, list[int]] = {}
    for pipe in pipes:
        ends = pipe["from_junction"], pipe["to_junction"]
        beside.setdefault(ends[0], []).append(ends[1])
        beside.setdefault(ends[1], []).append(ends[0])
    found, waiting = set(), list(starts)
    while waiting:
        junction = waiting.pop()
        if junction not in found:
            found.add(junction)
            waiting += beside.get(junction, [])
    return found


def _node(name: str, junction: _Element, place: _Element) -> _Element:
    return {"name": name, "x": place.get("x"), "y": place.get("y"),
            "height_m": junction.get("height_m")}  # fmt: skip


def _pipe(name: str, pipe: _Element, names: _Names) -> _Element:
    """A pipe's row; pandapipes gives its loss per square metre of the outer surface."""
    inner_mm = pipe.get("inner_diameter_mm")
    if inner_mm is None and pipe.get("diameter_m") is not None:  # files of older versions
        inner_mm = 1e3 * pipe["diameter_m"]
    per_area = pipe.get("u_w_per_m2k", pipe.get("alpha_w_per_m2k"))
    outer_mm = pipe.get("outer_diameter_mm") or inner_mm
    loss = None if per_area is None or outer_mm is None else per_area * pi * outer_mm / 1e3
    return {
        "name": name,
        "start": names["junction", pipe["from_junction"]],
        "end": names["junction", pipe["to_junction"]],
        "length_km": pipe["length_km"],
        "diameter_mm": inner_mm,
        "roughness_mm": pipe.get("k_mm"),
        "loss_w_per_m_k": loss,
    }


def _consumers(
    working: _Frames, names: _Names, supply: set[int], left_out: list[Problem]
) -> list[Row]:
    """Heat consumers and sinks of the supply. A heat or a flow is carried, not both: the heat goes
    before."""
    rows = []
    for table, end, flow in (("heat_consumer", "from_junction", "controlled_mdot_kg_per_s"),
                             ("sink", "junction", "mdot_kg_per_s")):  # fmt: skip
        for at, one in working[table].items():
            name = names[table, at]
            if one[end] not in supply:
                left_out.append(Problem(name, "importing_not_supplied"))
                continue
            heat_w, flow_kg_per_s = one.get("qext_w"), one.get(flow)
            if flow_kg_per_s is not None and one.get("scaling") is not None:
                flow_kg_per_s *= one["scaling"]
            if heat_w is not None and flow_kg_per_s is not None:
                left_out.append(Problem(name, "importing_flow_left_out", f"{flow_kg_per_s:g}"))
                flow_kg_per_s = None
            rows.append(Row({"name": name, "node": names["junction", one[end]], "heat_w": heat_w,
                             "flow_kg_per_s": flow_kg_per_s,
                             "return_k": one.get("treturn_k")}))  # fmt: skip
    return rows
