"""The house inspector: what every scenario promises, as plain functions.

A rule takes a `Scenario` and yields a sentence for each breach; silence is approval. The rules are
held to all registered scenarios by `test_house.py` and are themselves tried on broken ones by
`house/test_rules.py`.
"""

from __future__ import annotations

from . import behaviour, refusals, samples, shape, words

RULES = [rule for part in (words, shape, samples, behaviour, refusals) for rule in part.RULES]
