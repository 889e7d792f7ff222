"""A panel is drawn lawfully, the same by anybody, and its absence is proved."""

from __future__ import annotations

import random
from datetime import date
from itertools import combinations, permutations

import pytest

from songhua.governance.challenges.draw import Candidates, draw, order
from songhua.governance.challenges.seats import PanelRules
from songhua.governance.challenges.seed import candidates_of, check, digest, sealed_text, seed
from songhua.governance.challenges.ties import TIE_KINDS, Expert, Party, Tie, TieRules, tied
from songhua.kit.errors import Infeasible, InputError
from songhua.kit.messages import catalogue

FIELDS = ("AI", "heat", "ice")
DAY = date(2023, 3, 1)


def pool_of(chance: random.Random) -> tuple[Candidates, tuple[str, ...]]:
    """Up to nine experts of few units and fields, some tied, and up to three seats, some kept."""
    units = [f"u{n}" for n in range(chance.randint(1, 5))]
    outside = {unit: chance.random() < 0.4 for unit in units}
    experts = []
    for n in range(chance.randint(1, 9)):
        unit = chance.choice(units)
        fields = frozenset(chance.sample(FIELDS, chance.randint(0, 2)))
        experts.append(Expert(f"e{n}", unit, outside[unit], fields))
    bound = {e.id: (chance.choice(TIE_KINDS),) for e in experts if chance.random() < 0.25}
    seats = tuple(chance.choice(("", *FIELDS)) for _ in range(chance.randint(1, 4)))
    rules = PanelRules(
        seats=seats, per_unit=chance.randint(1, 2), outside=chance.randint(0, len(seats))
    )
    free = [e.id for e in experts if e.id not in bound]
    keep = tuple(chance.sample(free, min(len(free), chance.choice((0, 0, 1, 2)))))
    return Candidates(tuple(experts), bound, rules), keep


def fits(panel, rules: PanelRules) -> bool:
    """Whether the experts, in this order, may sit on the seats, in theirs."""
    units = [e.unit for e in panel]
    return (
        all(not f or f in e.fields for e, f in zip(panel, rules.seats, strict=True))
        and all(units.count(unit) <= rules.per_unit for unit in units)
        and sum(e.outside for e in panel) >= rules.outside
    )


def by_hand(candidates: Candidates, chosen_seed: str, keep) -> tuple[str, ...] | None:
    """The definition itself, by trying everything; combinations of a sorted list come in order."""
    experts = {e.id: e for e in candidates.experts if e.id not in candidates.tied}
    places = order(experts, chosen_seed)
    rest = [one for one in places if one not in keep]
    free_seats = len(candidates.rules.seats) - len(keep)
    if free_seats < 0:
        return None
    for added in combinations(rest, free_seats):
        ids = [one for one in places if one in keep or one in added]
        for seated in permutations(ids):
            if fits([experts[one] for one in seated], candidates.rules):
                return seated
    return None


def holds_without(candidates: Candidates, keep, codes: set[str]) -> bool:
    """Whether some panel is lawful under the constraints that `codes` name, by trying all."""
    kinds = {code.removeprefix("panel_tie_") for code in codes}
    experts = [e for e in candidates.experts if not kinds & set(candidates.tied.get(e.id, ()))]
    asked = candidates.rules
    named = {code.removeprefix("panel_field:") for code in codes}
    rules = PanelRules(
        seats=tuple(f if f in named else "" for f in asked.seats),
        per_unit=asked.per_unit if "panel_per_unit" in codes else len(asked.seats),
        outside=asked.outside if "panel_outside" in codes else 0,
    )
    must = set(keep) if "panel_keep" in codes else set()
    return any(
        must <= {e.id for e in panel} and fits(panel, rules)
        for panel in permutations(experts, len(asked.seats))
    )


def test_a_thousand_pools_agree_with_trying_everything():
    """The draw is the one that its definition names; where none is lawful, the constraints named
    do contradict each other and none of them can be spared."""
    chance, drawn, impossible = random.Random(7), 0, 0
    for _ in range(1000):
        candidates, keep = pool_of(chance)
        chosen = str(chance.random())
        wanted = by_hand(candidates, chosen, keep)
        if wanted is not None:
            assert draw(candidates, chosen, keep) == wanted
            drawn += 1
            continue
        with pytest.raises(Infeasible) as caught:
            draw(candidates, chosen, keep)
        first, *rest = caught.value.problems
        assert first.code == "panel_infeasible"
        codes = {
            f"panel_field:{p.value.partition(' ')[0]}" if p.code == "panel_field" else p.code
            for p in rest
        }
        assert not holds_without(candidates, keep, codes)
        assert all(holds_without(candidates, keep, codes - {code}) for code in codes)
        impossible += 1
    assert drawn > 100
    assert impossible > 100


def test_a_large_registry_is_drawn_and_every_rule_kept():
    chance = random.Random(3)
    experts = tuple(
        Expert(f"e{n}", f"u{n % 60}", n % 60 < 20, frozenset(chance.sample(FIELDS, 1)))
        for n in range(600)
    )
    bound = {e.id: ("recusal",) for e in experts if chance.random() < 0.3}
    rules = PanelRules(seats=("AI", "AI", "heat", "ice", ""), per_unit=1, outside=2)
    panel = draw(Candidates(experts, bound, rules), "harbour")
    known = {e.id: e for e in experts}
    assert fits([known[one] for one in panel], rules)
    assert not set(panel) & bound.keys()


def test_another_seed_draws_others_and_everybody_has_a_chance():
    experts = tuple(Expert(f"e{n}", f"u{n}", False, frozenset()) for n in range(8))
    candidates = Candidates(experts, {}, PanelRules(seats=("", "", "")))
    seen = [one for n in range(400) for one in draw(candidates, str(n))]
    counts = [seen.count(e.id) for e in experts]
    assert sum(counts) == 1200
    # 150 each on average; with p = 3/8 and 400 draws the standard deviation is 9.7
    assert all(110 < count < 190 for count in counts)


def test_who_replaces_a_recused_member_is_settled_by_the_same_seed():
    experts = tuple(Expert(f"e{n}", f"u{n}", False, frozenset()) for n in range(6))
    rules = PanelRules(seats=("", "", ""))
    first = draw(Candidates(experts, {}, rules), "s")
    gone, *stay = first
    again = draw(Candidates(experts, {gone: ("recusal",)}, rules), "s", keep=stay)
    assert set(stay) < set(again)
    assert gone not in again
    assert set(again) == set(order([e.id for e in experts if e.id != gone], "s")[:3])


def test_the_sealed_list_alone_is_enough_to_draw_again():
    candidates, _ = next(
        (c, k)
        for c, k in (pool_of(random.Random(n)) for n in range(99))
        if c.tied and by_hand(c, "s", ())
    )
    text = sealed_text(candidates)
    assert draw(candidates_of(text), "s") == draw(candidates, "s")
    assert sealed_text(candidates_of(text)) == text
    assert not any(f'"{one}"' in text for one in candidates.tied)


def test_the_seed_needs_the_secret_the_public_value_and_the_list():
    assert seed("a", "b", "c") == digest(f"a\nb\n{digest('c')}")
    assert len({seed("a", "b", "c"), seed("x", "b", "c"), seed("a", "x", "c"),
                seed("a", "b", "x")}) == 4  # fmt: skip
    check("a", digest("a"))
    with pytest.raises(InputError):
        check("b", digest("a"))


def test_ties_grow_old_only_where_they_may():
    expert = Expert("li", "institute", False, frozenset())
    bidder = Party("ice", frozenset({"Wang"}))

    def binds(kind, on, day=DAY, rules=None):
        return bool(tied([expert], [bidder], [Tie(kind, "li", "Wang", on)], day, rules))

    for kind in ("co_authorship", "contract"):
        assert binds(kind, date(2020, 3, 1))
        assert not binds(kind, date(2020, 2, 29))
        assert binds(kind, None)
        assert not binds(kind, date(2023, 2, 28), rules=TieRules(**{f"{kind}_years": 0}))
    for kind in ("kinship", "recusal", "same_unit"):
        assert binds(kind, date(1970, 1, 1))
    assert binds("contract", date(2021, 2, 28), date(2024, 2, 29))


def test_a_tie_to_somebody_else_binds_nobody_and_the_own_unit_does():
    li = Expert("li", "institute", False, frozenset())
    strangers = [Tie("kinship", "li", "Zhao"), Tie("kinship", "other", "Wang")]
    assert tied([li], [Party("ice", frozenset({"Wang"}))], strangers, DAY) == {}
    assert tied([li], [Party("institute")], [], DAY) == {"li": ("same_unit",)}


def test_a_list_that_contradicts_itself_is_refused_with_everything():
    one = Expert("a", "u", True, frozenset())
    with pytest.raises(InputError) as caught:
        Candidates((one, one, Expert("b", "u", False, frozenset())), {"c": ("kinship",)},
                   PanelRules(seats=("",)))  # fmt: skip
    codes = [p.code for p in caught.value.problems]
    assert codes == ["panel_expert_twice", "panel_expert_unknown", "panel_unit_two_places"]
    assert set(codes) <= catalogue().keys()
    with pytest.raises(InputError):
        draw(Candidates((one,), {"a": ("kinship",)}, PanelRules(seats=("",))), "s", keep=["a"])


def test_every_sentence_of_a_refusal_is_there():
    assert {f"panel_tie_{kind}" for kind in TIE_KINDS} <= catalogue().keys()
    assert {"panel_keep", "panel_field", "panel_per_unit", "panel_outside"} <= catalogue().keys()
