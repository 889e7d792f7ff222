"""The names in a question: which datasets and columns it could touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from songhua.exchange.enforcement.vocabulary import COMMON
from songhua.kit.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping


def rename_common_tables(
    tree: exp.Expr, granted: Collection[str]
) -> tuple[list[exp.Table], list[Problem]]:
    """Give each WITH a name that nothing else can bear. The tables of the tree that no WITH
    names, and a problem for each WITH that hides a dataset or another WITH.

    A reference outside the reach of its WITH then finds nothing, where under its first name it
    might have found a table of the database itself.
    """
    taken = {dataset.casefold() for dataset in granted}
    problems, names = [], dict[str, str]()
    for common in tree.find_all(exp.CTE):
        name = common.alias.casefold()
        if name in taken | names.keys():
            problems.append(Problem("query", "query_name_taken", common.alias))
        names[name] = f"{COMMON}{len(names) + 1}"
        common.args["alias"].set("this", _quoted(names[name]))
    others = []
    for table in list(tree.find_all(exp.Table)):
        renamed = names.get(table.name.casefold())
        if renamed is None:
            others.append(table)
        else:
            alias = exp.TableAlias(this=_quoted(table.alias_or_name))
            table.replace(exp.Table(this=_quoted(renamed), alias=alias))
    return others, problems


def _quoted(name: str) -> exp.Identifier:
    return exp.Identifier(this=name, quoted=True)


def unknown(tree: exp.Expr, schemas: Mapping[str, Collection[str]]) -> Iterator[Problem]:
    """One problem for each column that is neither in `schemas` nor named by the question."""
    known = {column.lower() for columns in schemas.values() for column in columns}
    known |= {alias.alias.lower() for alias in tree.find_all(exp.Alias)}
    known |= {c.name.lower() for alias in tree.find_all(exp.TableAlias) for c in alias.columns}
    for name in dict.fromkeys(_columns(tree)):
        if name.lower() not in known:
            yield Problem("query", "query_name_unknown", name)


def touched(tree: exp.Expr, dataset: str, columns: Collection[str]) -> tuple[str, ...]:
    """The columns of `dataset` that the question could read: those it names anywhere, and all of
    them where a star reaches the dataset. In the order of `columns`."""
    if any(_reaches(star, dataset) for star in tree.find_all(exp.Star)):
        return tuple(columns)
    named = {name.lower() for name in _columns(tree)}
    return tuple(column for column in columns if column.lower() in named)


def _columns(tree: exp.Expr) -> Iterator[str]:
    for column in tree.find_all(exp.Column):
        if type(column.this) is exp.Identifier:
            yield column.name
    for join in tree.find_all(exp.Join):
        yield from (name.name for name in join.args.get("using") or ())


def _reaches(star: exp.Star, dataset: str) -> bool:
    """Whether the star may stand for columns of `dataset`: * for the tables beside it, t.* for
    any table of the question that is called t."""
    parent = star.parent
    tables = [t for t in star.root().find_all(exp.Table) if t.name.lower() == dataset.lower()]
    if isinstance(parent, exp.Column):
        return any(table.alias_or_name.lower() == parent.table.lower() for table in tables)
    return any(table.parent_select is parent for table in tables)
