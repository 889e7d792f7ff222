"""The official words behind each rule, from the office's own copy of the text.

A rule counts the sentences of its article that it rests on, so nothing of the text is kept here
and what is quoted is exact to the character.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.kit.errors import InputError, Problem
from songhua.programmes.passages import sentences

if TYPE_CHECKING:
    from songhua.policy.model import Policy


def attach(policy: Policy, text: str) -> Policy:
    """`policy` with a quote for every rule of its own text and for its closing article.

    `text` is the notice that holds the policy. Raises `InputError` naming every rule whose
    sentences it lacks, for then it is another text.
    """
    spoken: dict[str, list[str]] = {}
    for passage in sentences(text):
        part, _, mark = passage.article.partition(" ")
        if policy.part in (None, part):
            spoken.setdefault(mark, []).append(passage.sentence)
    quotes = {"附则": "".join(spoken.get("附则", []))}
    problems = []
    for rule in policy.rules.values():
        found = spoken.get(rule.article, [])
        if rule.carried_from is not None:
            continue
        if max(rule.sentences) > len(found):
            problems.append(Problem(rule.id, "policy_quote_missing", rule.article))
        else:
            quotes[rule.id] = "".join(found[place - 1] for place in rule.sentences)
    if problems:
        raise InputError(problems)
    return policy.model_copy(update={"quotes": quotes})
