"""The lineage of a SELECT: of which columns each column of its result is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from songhua.exchange.lineage.graph import Edge, Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlglot.optimizer.scope import Scope

    from songhua.exchange.lineage.graph import Kind

DIALECT = "duckdb"
CLAUSES = ("where", "group", "having", "order", "qualify")


def edges_of_query(query: str, schemas: Mapping[str, Mapping[str, str]], target: str) -> list[Edge]:
    """What each column of the result, a node of `target`, is made of; columns by which rows are
    chosen, joined, grouped or ordered are ``selected`` for all of them.

    `schemas` maps table → column → type, as SQL calls them, blind to case. Raises sqlglot's
    `SqlglotError` for what is no SELECT over these tables.

    >>> schemas = {"ice": {"station": "TEXT", "ice_cm": "DOUBLE"}}
    >>> for edge in edges_of_query("SELECT avg(ice_cm) AS m FROM ice", schemas, "answer"):
    ...     print(edge.source.column, edge.kind, edge.target.column)
    ice_cm aggregated m
    """
    import sqlglot
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    tree: Any = qualify(
        sqlglot.parse_one(query, dialect=DIALECT), schema=dict(schemas), dialect=DIALECT
    )
    root = build_scope(tree)
    if root is None:
        raise sqlglot.errors.SqlglotError("a SELECT is wanted")
    written = {(table.lower(), column.lower()): Node(table, column)
               for table, columns in schemas.items() for column in columns}  # fmt: skip
    reader = _Reader(written)
    made: set[Edge] = set()
    outputs = [Node(target, name) for name in tree.named_selects]
    for position, output in enumerate(outputs):
        made |= {Edge(source, output, kind) for source, kind in reader.projected(root, position)}
    direct = {edge.source for edge in made}
    chosen = {source for scope in root.traverse() for source in reader.choosing(scope)}
    made |= {Edge(source, output, "selected") for source in chosen - direct for output in outputs}
    return sorted(made)


class _Reader:
    """Follows columns down to those of tables."""

    def __init__(self, written: Mapping[tuple[str, str], Node]) -> None:
        self._written = written
        self._open: set[tuple[int, int]] = set()  # against a WITH that names itself

    def projected(self, scope: Scope, position: int) -> set[tuple[Node, Kind]]:
        """What the column at `position` of a scope's result is made of."""
        mark = (id(scope), position)
        if mark in self._open:
            return set()
        self._open.add(mark)
        try:
            if scope.set_operation_scopes:
                return {
                    one for s in scope.set_operation_scopes for one in self.projected(s, position)
                }
            select: Any = scope.expression
            return self._made_of(scope, select.selects[position])
        finally:
            self._open.discard(mark)

    def choosing(self, scope: Scope) -> Iterator[Node]:
        """The columns by which a scope chooses, joins, groups or orders its rows."""
        select = scope.expression
        parts = [select.args.get(name) for name in CLAUSES]
        parts += [join.args.get("on") for join in select.args.get("joins") or ()]
        for part in filter(None, parts):
            for node, _ in self._made_of(scope, part):
                yield node

    def _made_of(self, scope: Scope, expression: Any) -> set[tuple[Node, Kind]]:
        from sqlglot import exp

        own = _kind(expression)
        found: set[tuple[Node, Kind]] = set()
        for part in expression.walk(prune=lambda part: isinstance(part, exp.Query)):
            if isinstance(part, exp.Query):  # a value that a query of its own gives
                below = [s for s in scope.subquery_scopes if s.expression is part.unnest()]
                found |= {(node, "derived") for s in below for node, _ in self.projected(s, 0)}
            elif isinstance(part, exp.Column):
                found |= self._column(scope, part, own)
        return found

    def _column(self, scope: Scope, column: Any, own: Kind) -> set[tuple[Node, Kind]]:
        from sqlglot import exp

        source, name = scope.sources.get(column.table), column.name.lower()
        if isinstance(source, exp.Table):
            node = self._written.get((source.name.lower(), name))
            return {(node, own)} if node else set()
        select: Any = source.expression if source else None
        names = [each.lower() for each in select.named_selects] if select else []
        if source is None or name not in names:
            return set()
        below = self.projected(source, names.index(name))
        return {(node, _joined(own, kind)) for node, kind in below}


def _kind(expression: Any) -> Kind:
    from sqlglot import exp

    if any(expression.find_all(exp.AggFunc)):
        return "aggregated"
    return "copied" if isinstance(expression.unalias(), exp.Column) else "derived"


def _joined(own: Kind, below: Kind) -> Kind:
    return "aggregated" if "aggregated" in (own, below) else below if own == "copied" else own
