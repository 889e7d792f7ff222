"""Which records suit each other: words in Chinese, Russian and English, fields and figures, and
what people accepted before; every match says why.

`tokens` cuts texts, `lexicon` bridges the languages, `postings` and `index` score words by BM25,
`traits` compares fields and figures, `learning` weighs both by past decisions, and `matcher` puts
them together.
"""

from songhua.engines.matching.index import Index
from songhua.engines.matching.learning import PRIOR, Weights, learn
from songhua.engines.matching.matcher import Item, Match, Matcher
from songhua.engines.matching.scores import ndcg
from songhua.engines.matching.tokens import tokens
from songhua.engines.matching.traits import FEATURES

__all__ = [
    "FEATURES", "PRIOR", "Index", "Item", "Match", "Matcher", "Weights", "learn", "ndcg", "tokens",
]  # fmt: skip
