"""Matching: words in three languages, BM25 that comes and goes, and reasons that add up."""

from __future__ import annotations

import math
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.engines.matching import PRIOR, Index, Item, Matcher, Weights, learn, ndcg, tokens
from songhua.engines.matching.lexicon import _rows
from songhua.kit.errors import InputError

TEXTS = st.lists(st.sampled_from("abcdefg"), max_size=12)


def bm25(query: list[str], documents: dict[str, list[str]]) -> dict[str, float]:
    """The formula as it stands in books, one document at a time."""
    mean = sum(map(len, documents.values())) / max(len(documents), 1)
    found = {}
    for key, words in documents.items():
        total = 0.0
        for word in set(query):
            held = sum(word in other for other in documents.values())
            idf = math.log(1 + (len(documents) - held + 0.5) / (held + 0.5))
            count = words.count(word)
            if count:
                total += idf * count / (count + 1.5 * (1 - 0.75 + 0.75 * len(words) / mean))
        found[key] = total
    return {key: score for key, score in found.items() if score > 0}


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=30), st.sets(st.integers(0, 29)), TEXTS)
def test_an_index_that_grew_and_shrank_scores_as_one_built_of_what_is_left(texts, gone, query):
    index, left = Index(), {}
    for number, words in enumerate(texts):
        index.add(str(number), words)
        left[str(number)] = words
        if number % 3 == 0:
            index.top(query, 5)  # so that parts are built at different sizes
    for number in gone:
        if str(number) in left:
            index.remove(str(number))
            del left[str(number)]
    expected = bm25(query, left)
    found = dict(index.top(query, 100))
    assert found.keys() == expected.keys()
    for key, score in found.items():
        assert score == pytest.approx(expected[key], rel=1e-4)
        assert sum(index.shares(query, key).values()) == pytest.approx(score, rel=1e-4)


def test_it_agrees_with_an_independent_bm25():
    bm25s = pytest.importorskip("bm25s")
    rng = np.random.default_rng(7)
    texts = [[f"w{n}" for n in rng.zipf(1.5, 30) % 200] for _ in range(300)]
    peer = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    peer.index(texts, show_progress=False)
    index = Index()
    for number, words in enumerate(texts):
        index.add(str(number), words)
    query = sorted(set(texts[0]))
    assert index.scores(query) == pytest.approx(peer.get_scores(query), rel=1e-4)


def test_a_key_is_held_once_and_an_unknown_one_is_refused():
    index = Index()
    index.add("1", ["a"])
    with pytest.raises(InputError, match="matching_key_twice"):
        index.add("1", ["b"])
    with pytest.raises(InputError, match="matching_key_unknown"):
        index.remove("2")
    index.remove("1")
    index.add("1", ["b"])
    assert index.top(["a"], 5) == []
    assert [key for key, _ in index.top(["b"], 5)] == ["1"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("тепловых насосов", "тепловой насос"), ("供热管网泄漏", "утечка в тепловой сети"),
     ("ДАТЧИКИ вибрации", "振动传感器"), ("Heat pumps", "地源热泵"), ("全角３Ｄ打印", "3D打印")],
)  # fmt: skip
def test_the_same_thing_meets_in_other_cases_widths_and_languages(one, other):
    assert set(tokens(one)) & set(tokens(other))


def test_every_term_of_the_lexicon_names_its_own_concept_in_each_language():
    rows = _rows()
    terms = [zh for _, zh, _ in rows]
    assert len(set(chain(*terms))) == sum(map(len, terms)), "a Chinese term stands twice"
    for concept, zh, ru in rows:
        for term in (concept, *zh, *ru):
            assert f"={concept}" in tokens(term), (concept, term)


def item(key: str, text: str, kind: str = "achievement", **more) -> Item:
    return Item(key, kind, text, **more)


def test_a_russian_demand_finds_a_chinese_achievement_and_is_told_why():
    matcher = Matcher()
    matcher.add(item("a", "寒地供热管网泄漏检测传感器"))
    matcher.add(item("b", "玉米育种基因组数据"))
    asked = item("d", "Нужен датчик для поиска утечек в тепловой сети", kind="demand")
    matcher.add(asked)
    (match,) = matcher.matches(asked, ["achievement"])
    assert match.key == "a"
    assert {"=leak", "=sensor", "=heat network"} <= match.terms.keys()
    assert match.score == pytest.approx(PRIOR.constant + sum(match.adds.values()))
    assert sum(match.terms.values()) == pytest.approx(sum(match.features[:2]))
    assert 0 < sum(match.features[:2]) < 1


def test_a_record_is_not_its_own_match_and_a_removed_one_is_nobodys():
    matcher = Matcher()
    one, other = item("1", "热泵余热回收"), item("2", "热泵控制")
    matcher.add(one)
    matcher.add(other)
    assert [m.key for m in matcher.matches(one, ["achievement"])] == ["2"]
    matcher.remove("2")
    assert matcher.matches(one, ["achievement"]) == []
    assert matcher.matches(item("3", "热泵"), ["fund"]) == []


def test_maturity_and_budget_part_level_texts_once_learned_and_not_before():
    matcher = Matcher()
    matcher.add(item("raw", "热泵余热回收", trl=(2, 2)))
    matcher.add(item("ripe", "热泵余热回收", trl=(7, 7)))
    asked = item("d", "热泵余热", kind="demand", trl=(6, 9))
    first = matcher.matches(asked, ["achievement"])
    assert [m.key for m in first] == ["raw", "ripe"]
    assert first[0].score == pytest.approx(first[1].score)
    taught = learn([m.features for m in first] * 5, [m.key == "ripe" for m in first] * 5)
    assert matcher.matches(asked, ["achievement"], weights=taught)[0].key == "ripe"


def test_without_decisions_the_weights_are_the_prior_and_one_sided_ones_stay_finite():
    assert learn([], []) == Weights(PRIOR.features, PRIOR.constant, 0)
    assert np.isfinite(learn([[0.3, 0.1, 1, 0, 1, -1]] * 50, [True] * 50).features).all()
    with pytest.raises(InputError, match="matching_labels"):
        learn([[float("nan")] * 6], [True])
    with pytest.raises(InputError, match="matching_labels"):
        learn([[0.0] * 6], [])


def test_learning_stands_where_its_slope_is_zero():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 6))
    y = rng.random(200) < 0.4
    found = learn(x, y, strength=0.5)
    w = np.array(found.features)
    chance = 1 / (1 + np.exp(-(x @ w + found.constant)))
    slope = x.T @ (chance - y) + 0.5 * (w - PRIOR.features)
    assert np.abs(slope).max() < 1e-6


def test_a_range_upside_down_is_refused_by_name():
    with pytest.raises(InputError) as caught:
        item("x", "热泵", trl=(5, 2), budget_fen=(9, 1))
    assert [p.where for p in caught.value.problems] == ["trl", "budget_fen"]


def test_ndcg_is_one_for_the_best_order_and_undefined_where_nothing_is_relevant():
    assert ndcg([3, 2, 2, 0], [0, 2, 3, 2]) == 1
    assert ndcg([0, 0], [3, 0, 0]) == 0
    assert math.isnan(ndcg([0], [0, 0]))
    # Järvelin and Kekäläinen's discount with Burges's gain, by hand
    assert ndcg([1, 3], [3, 1]) == pytest.approx((1 + 7 / math.log2(3)) / (7 + 1 / math.log2(3)))
