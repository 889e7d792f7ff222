"""Alike opinions are found, exactly those above the threshold, and none is lost."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from songhua.governance.consultation import THRESHOLD, busiest, differs, near_duplicates
from songhua.governance.consultation.likeness import likeness, shingles

WORDS = [
    "供热",
    "补贴",
    "提高",
    "室温",
    "学校",
    "老旧小区",
    "收费",
    "投诉",
    "，",
    "。",
    "20度",
    "A",
]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map("".join), max_size=14)
LETTER = (
    "我们认为第三条规定的供热补贴标准偏低，建议参照周边城市提高到每平方米十元，并向老旧小区倾斜。"
)


def slowly(texts: list[str], threshold: Fraction) -> list[list[int]]:
    """The same by comparing each text with the first of every group."""
    sets, groups = [shingles(text) for text in texts], []
    for place, mine in enumerate(sets):
        found = [(likeness(mine, sets[g[0]]), -g[0], g) for g in groups]
        found = [f for f in found if f[0] >= threshold]
        if found:
            max(found)[2].append(place)
        else:
            groups.append([place])
    return groups


@given(TEXTS, st.sampled_from([Fraction(1, 2), Fraction(4, 5), Fraction(1)]))
def test_the_prefix_filter_loses_nothing(texts, threshold):
    found = near_duplicates(texts, threshold)
    assert [list(group) for group in found] == slowly(texts, threshold)
    assert sorted(place for group in found for place in group) == list(range(len(texts)))


def test_likeness_is_what_two_sets_share_of_both():
    one, other = shingles("甲乙丙丁戊"), shingles("乙丙丁戊己")
    assert likeness(one, other) == Fraction(2, 4)
    assert likeness(one, one) == 1


def test_a_letter_that_many_send_with_small_changes_is_one_group():
    chance = random.Random(7)
    letters = [
        LETTER.replace("，", chance.choice("，, ")) + chance.choice(["", "！", " 谢谢"])
        + f"联系电话1380000{chance.randrange(10**4):04d}"
        for _ in range(300)
    ]  # fmt: skip
    others = [f"{''.join(chance.sample(WORDS[:8], 6))}{n}" for n in range(50)]
    texts = letters + others
    chance.shuffle(texts)
    largest = max(near_duplicates(texts), key=len)
    assert len(largest) == 300
    assert all(texts[place].startswith("我们认为") for place in largest)


def test_nobody_is_in_a_group_whose_first_they_are_unlike():
    """No chain of small steps leads from one end to the other."""
    alphabet = [chr(0x4E00 + n) for n in range(400)]
    chain = ["".join(alphabet[n : n + 60]) for n in range(0, 120, 2)]
    for first, *rest in near_duplicates(chain):
        assert all(likeness(shingles(chain[first]), shingles(chain[p])) >= THRESHOLD for p in rest)


def test_alike_words_that_ask_for_something_else_are_marked():
    assert differs("同意第三条提高补贴", "不同意第三条提高补贴")
    assert differs("每平方米十元", "每平方米八元")
    assert differs("补助20%", "补助30%")
    assert not differs("补助20%，谢谢", "补助２０％。")
    assert not differs("请延长。电话13800001234", "请延长。电话13900004321")


@given(st.lists(st.integers(0, 500), max_size=30), st.integers(1, 100))
def test_the_busiest_stretch_is_the_busiest(minutes, width):
    begin = datetime(2022, 7, 8, tzinfo=UTC)
    instants = [begin + timedelta(minutes=m) for m in minutes]
    most, since = busiest(instants, timedelta(minutes=width))
    counts = [sum(m <= other < m + width for other in minutes) for m in minutes]
    assert most == max(counts, default=0)
    assert (since is None) is (not minutes)
