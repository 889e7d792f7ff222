"""What the public sees of people is masked, and a table with a gap is never published."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.governance.consultation import (
    OUTCOMES,
    Heard,
    Row,
    mask_email,
    mask_name,
    mask_organisation,
    mask_phone,
    mask_text,
    refuse_incomplete,
    statistics,
)
from songhua.kit.errors import Conflict
from songhua.kit.messages import catalogue

WHOLE = Row(1, "张**", "提高室温", 2, "adopted", "已写入第二条", True)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话138-0000-1234。", "电话138****1234。"),
        ("０４５１－８２３６３３０４", "045****3304"),
        ("(0451)82363304", "045****3304"),
        ("+86 13800001234", "138****1234"),
        ("邮箱zhang.san@mail.example.org回复", "邮箱z***@mail.example.org回复"),
        ("身份证23010319900101123X", "身份证******"),
        ("补助1000万元，第138条，2022年7月18日17:00", "补助1000万元，第138条，2022年7月18日17:00"),
    ],
)
def test_contacts_inside_an_opinion_are_masked_and_figures_are_not(text, shown):
    assert mask_text(text) == shown


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"), st.text(alphabet="请回电，。提高", max_size=6))
def test_no_mobile_number_is_ever_shown_whole(phone, around):
    assert phone not in mask_text(f"{around}{phone}{around}")
    assert mask_phone(phone) == f"{phone[:3]}****{phone[-4:]}"


@given(st.text(alphabet="王李张欧阳司马明月华", min_size=3, max_size=8))
def test_a_masked_name_tells_the_family_name_and_nothing_else(name):
    assert mask_name(name) in {f"{name[:1]}**", f"{name[:2]}**"}
    assert mask_name(name + "某") == mask_name(name)


def test_masks_of_nothing_are_nothing():
    assert [mask_name(""), mask_organisation(" "), mask_phone(""), mask_email("")] == [""] * 4


@given(st.text(max_size=80))
def test_masking_twice_changes_nothing_more(text):
    assert mask_text(mask_text(text)) == mask_text(text)


def test_a_whole_table_passes_and_every_gap_is_named_at_once():
    refuse_incomplete([WHOLE], 2)
    gaps = [replace(WHOLE, outcome="", approved=False), replace(WHOLE, number=2, reason=" ")]
    with pytest.raises(Conflict) as caught:
        refuse_incomplete(gaps, 7)
    assert {(p.where, p.code, p.value) for p in caught.value.problems} == {
        ("1", "adoption_undecided", ""), ("1", "adoption_unapproved", ""),
        ("2", "adoption_unreasoned", ""), ("opinions", "adoption_opinions_left", "3"),
    }  # fmt: skip
    assert {p.code for p in caught.value.problems} <= catalogue().keys()


@given(
    st.lists(
        st.builds(
            Heard, st.none() | st.integers(1, 3), st.sampled_from(["web", "post"]),
            st.sampled_from(["person", "organisation"]), st.sampled_from(["", *OUTCOMES]),
        )
    )
)  # fmt: skip
def test_every_split_adds_up_to_the_whole(opinions):
    found = statistics(opinions)
    for split in (found.by_clause, found.by_channel, found.by_sender, found.by_outcome):
        assert sum(split.values()) == found.total == len(opinions)
