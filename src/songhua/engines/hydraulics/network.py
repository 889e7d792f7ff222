"""A district-heating network as arrays: supply pipes, their mirrored return, sources, consumers.

Every pipe stands for a pair: supply, and beside it a return of the same length, bore and
insulation. What is built is a `HeatNetwork`; what changes from hour to hour is its operation, in
`songhua.engines.thermal`. A node's, pipe's, source's or consumer's number is its place, from 0.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class HeatNetwork:
    """What is in the ground. Raises `InputError` with everything that is wrong with it.

    Nodes, shape (nodes,): `height_m`. Pipes, shape (pipes,): the nodes `pipe_start` and
    `pipe_end`, `length_m`, inner `diameter_m`, `roughness_m`, and `loss_w_per_m_k`, the heat lost
    per metre and kelvin above the ground, of either pipe of the pair. Sources, shape (sources,),
    one to a node: `source_node`, and `source_holds_pressure`, true where it holds its pressures
    and gives what flow they ask, false where it gives a flow and takes the pressures it finds.
    Consumers, shape (consumers,): `consumer_node`, and `consumer_by_flow`, true where the flow is
    given, false where the heat is.
    """

    height_m: Floats
    pipe_start: Integers
    pipe_end: Integers
    length_m: Floats
    diameter_m: Floats
    roughness_m: Floats
    loss_w_per_m_k: Floats
    source_node: Integers
    source_holds_pressure: Flags
    consumer_node: Integers
    consumer_by_flow: Flags

    def __post_init__(self) -> None:
        problems = self._conform()
        if not problems:
            problems = [*self._number_problems(), *self._place_problems()]
        if problems:
            raise InputError(problems)

    def _conform(self) -> list[Problem]:
        """Bring every field to its type; a problem for each that cannot be, and for lengths."""
        kinds = {"Floats": np.float64, "Integers": np.int64, "Flags": np.bool_}
        problems = []
        for field in fields(self):
            given = np.asarray(getattr(self, field.name))
            kind = kinds[str(field.type)]
            if given.ndim != 1:
                problems.append(Problem(field.name, "network_shapes_differ", str(given.shape)))
            elif given.size and not np.can_cast(given.dtype, kind, "same_kind"):
                problems.append(Problem(field.name, "network_wrong_kind", str(given.dtype)))
            else:
                object.__setattr__(self, field.name, np.ascontiguousarray(given, kind))
        return problems or [
            *same_length(self, "pipe_start", "pipe_end", "length_m", "diameter_m", "roughness_m",
                         "loss_w_per_m_k"),
            *same_length(self, "source_node", "source_holds_pressure"),
            *same_length(self, "consumer_node", "consumer_by_flow"),
        ]  # fmt: skip

    def _number_problems(self) -> Iterable[Problem]:
        yield from not_finite(height_m=self.height_m)
        for name, least in (
            ("length_m", "positive"),
            ("diameter_m", "positive"),
            ("roughness_m", "zero"),
            ("loss_w_per_m_k", "zero"),
        ):
            values = getattr(self, name)
            yield from not_finite(**{name: values})
            if (values < 0).any():
                yield Problem(name, "negative", f"{values[values < 0][0]:g}")
            elif least == "positive" and (values == 0).any():
                yield Problem(name, "network_not_positive", "0")
        if self.roughness_m.size and (self.roughness_m >= self.diameter_m).any():
            worst = int(np.argmax(self.roughness_m - self.diameter_m))
            yield Problem("roughness_m", "out_of_range", f"{self.roughness_m[worst]:g}")

    def _place_problems(self) -> Iterable[Problem]:
        count = self.height_m.size
        if not count:
            yield Problem("height_m", "empty")
        for name in ("pipe_start", "pipe_end", "source_node", "consumer_node"):
            nodes = getattr(self, name)
            for node in np.unique(nodes[(nodes < 0) | (nodes >= count)]):
                yield Problem(name, "network_no_such_node", str(node))
        for pipe in np.flatnonzero(self.pipe_start == self.pipe_end):
            yield Problem("pipe_end", "network_pipe_to_itself", str(pipe))
        nodes, times = np.unique(self.source_node, return_counts=True)
        for node in nodes[times > 1]:
            yield Problem("source_node", "network_two_sources", str(node))


def same_length(record: object, *names: str) -> list[Problem]:
    """One problem when the arrays `names` of a record differ in length."""
    sizes = {name: np.shape(getattr(record, name)) for name in names}
    if len(set(sizes.values())) <= 1:
        return []
    seen = ", ".join(f"{name} {'×'.join(map(str, size))}" for name, size in sizes.items())
    return [Problem(", ".join(sizes), "network_shapes_differ", seen)]


def not_finite(**named: Floats) -> list[Problem]:
    """A problem for each argument that holds NaN or an infinity."""
    return [
        Problem(where, "not_finite", f"{values[~np.isfinite(values)].flat[0]:g}")
        for where, values in named.items()
        if not np.isfinite(values).all()
    ]
