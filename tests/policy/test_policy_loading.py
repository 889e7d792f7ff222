"""What a bad policy file says: the file, the line, everything at once; nothing is loaded."""

from __future__ import annotations

import re
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.kit.errors import InputError
from songhua.policy import bundled, check, load

POLICIES = Path(str(files("songhua.programmes"))) / "harbin_2022" / "policies"
DRAFT = POLICIES / "pilot_zone" / "draft-2022"


def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(POLICIES, tmp_path / "policies"))


def told(folder: Path) -> list[tuple[str, str]]:
    problems = check(folder)
    for problem in problems:
        for language in ("zh", "en"):
            text = problem.text(language)
            assert text != problem.code, "a sentence is missing"
            assert "{where}" not in text
    return [(problem.where, problem.code) for problem in problems]


def test_a_policy_loads_from_its_folder_or_from_one_above(tmp_path):
    assert load(POLICIES) == bundled()
    (industry,) = load(POLICIES / "industry_2021")
    assert load(POLICIES / "industry_2021" / "issued") == (industry,)
    assert told(tmp_path) == [("policy.yaml", "programme_file_missing")]
    assert told(tmp_path / "absent") == [("policy.yaml", "programme_file_missing")]


def test_rules_not_seen_in_the_issued_text_say_so():
    issued = next(p for p in bundled() if p.version == "issued-2022")
    carried = {key for key, rule in issued.rules.items() if rule.carried_from == "draft-2022"}
    assert carried == issued.rules.keys() - {"P01", "P02a", "P02b", "P02c", "P03a"}
    assert not issued.complete


CASES = [
    # file, old, new, line, code
    ("P02a.yaml", "grant: {", "colour: red\ngrant: {", 40, "unknown_key"),
    ("P02a.yaml", "rate: 20%", "rate: 120%", 40, "policy_not_a_rate"),
    ("P02a.yaml", "rate: 20%", "rate: 0.2", 40, "policy_not_a_rate"),
    ("P02a.yaml", "rate: 20%", "rate: 1/0", 40, "policy_not_a_rate"),
    ("P02a.yaml", ", rate: 20%", "", 40, "programme_missing"),
    ("P02a.yaml", "kind: share", "kind: gift", 40, "programme_not_listed"),
    ("P02a.yaml", "1000万元", "1000万", 41, "policy_not_money"),
    ("P02a.yaml", "1000万元", "0.001元", 41, "policy_not_money"),
    ("P02a.yaml", "1000万元", f"{'9' * 5000}元", 41, "policy_not_money"),
    ("P02a.yaml", "base: equipment_total", "base: equipment", 40, "policy_name_unknown"),
    ("P02a.yaml", "name: amount_yuan}", "name: price}", 27, "policy_name_unknown"),
    ("P02a.yaml", "list: equipment", "list: machines", 26, "policy_name_unknown"),
    ("P02a.yaml", "name: platform_kind", "name: prior_paid_yuan", 37, "policy_name_unknown"),
    ("P02a.yaml", "prior: prior_paid_yuan", "prior: platform_kind", 41, "policy_name_unknown"),
    (
        "P02a.yaml",
        "Only common technology platforms are paid for equipment.",
        '""',
        39,
        "programme_missing",
    ),
    ("P02a.yaml", "    zh: 设备补助只给共性技术研发平台。\n", "", 35, "programme_missing"),
    ("P02a.yaml", "sentences: [2]", "sentences: [two]", 3, "programme_not_a_figure"),
    ("P02a.yaml", "sentences: [2]", "sentences: 2", 3, "programme_bad_value"),
    ("P02a.yaml", "article: 二", "article: two", 2, "programme_not_a_code"),
    ("P02a.yaml", "id: P02a", "id: P02a\nid: P02a", 2, "programme_key_twice"),
    ("P02a.yaml", "type: bool", "type: boole", 16, "programme_not_listed"),
    ("P02c.yaml", "reading: service_income", "reading: mood", 33, "policy_reading_unknown"),
    ("P02c.yaml", "all: {test", "some: {test", 34, "policy_reading_options_differ"),
    ("P02c.yaml", "default: local_only", "default: nobody", 52, "programme_not_listed"),
    ("P03b.yaml", "unit: {zh: 家, en: firms}\n", "\n", 26, "policy_unit_wrong"),
    ("P03b.yaml", 'count: "10"', "amount: 10元", 98, "policy_name_unknown"),
    ("P03b.yaml", 'count: "10"', 'count: "10", amount: 10元', 98, "policy_one_bound"),
    ("P03b.yaml", "amount: 5亿元", "amount: 5亿元}}", 103, "programme_file_unreadable"),
    ("P03b.yaml", "code: NO_DEMO_EFFECT", "code: INCREMENT_BELOW_5YI", 102, "programme_id_twice"),
    ("P04.yaml", "{type: review,", "{type: bool,", 32, "policy_name_unknown"),
    (
        "P04.yaml",
        "total_investment_yuan: {type: amount,",
        'total_investment_yuan: {type: amount, required: "false",',
        35,
        "policy_name_optional",
    ),
    ("policy.yaml", "half_up: {zh", "half_even: {zh", 20, "programme_not_listed"),
    ("policy.yaml", '"2023-12-31"', '"2021-12-31"', 9, "programme_dates_reversed"),
    ("policy.yaml", '"2023-12-31"', '"2023-13-31"', 9, "programme_not_a_day"),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "code"), CASES)
def test_a_slip_is_told_with_its_file_and_line(tmp_path, file, old, new, line, code):
    folder = copy(tmp_path)
    path = folder / "pilot_zone" / "draft-2022" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert (f"pilot_zone/draft-2022/{file}:{line}", code) in told(folder)


def test_one_id_or_one_day_in_two_places_is_told_at_the_later(tmp_path):
    folder = copy(tmp_path)
    draft = folder / "pilot_zone" / "draft-2022"
    for name, old, new in (
        ("P02a.yaml", "id: P02a", "id: P02b"),
        ("policy.yaml", "status: draft", "status: issued"),
    ):
        text = (draft / name).read_text(encoding="utf-8")
        (draft / name).write_text(text.replace(old, new), encoding="utf-8")
    assert told(folder) == [
        ("pilot_zone/draft-2022/P02b.yaml:1", "programme_id_twice"),
        ("pilot_zone/issued-2022/policy.yaml:7", "policy_validity_overlaps"),
    ]


def test_a_broken_file_is_told_once_and_not_again_where_it_is_carried_over(tmp_path):
    folder = copy(tmp_path)
    (folder / "pilot_zone" / "draft-2022" / "P04.yaml").write_bytes(b"{")
    assert len(told(folder)) == 1
    (folder / "pilot_zone" / "draft-2022" / "policy.yaml").write_bytes(b"{")
    assert len(told(folder)) == 2


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("version: draft-2022\n", "version: draft-2021\n", "policy_version_unknown"),
        ("P10]", "P10, P11]", "policy_rule_unknown"),
        ("P10]", "P10, P01]", "programme_id_twice"),
    ],
)
def test_what_cannot_be_carried_over_is_told(tmp_path, old, new, code):
    folder = copy(tmp_path)
    path = folder / "pilot_zone" / "issued-2022" / "policy.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert [c for _, c in told(folder)] == [code]


def test_every_problem_of_every_file_is_told_at_once(tmp_path):
    folder = copy(tmp_path)
    for name in ("P01.yaml", "P02a.yaml", "P04.yaml"):
        path = folder / "pilot_zone" / "draft-2022" / name
        path.write_text(path.read_text(encoding="utf-8") + "colour: red\nsize: 3\n", "utf-8")
    assert [code for _, code in told(folder)] == ["unknown_key"] * 6


BOMB = "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 30))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00\x01",
        b"\x00",
        b"a:\n\tb: 1\n",
        b"[1, 2]",
        b"id: &x P01\narticle: *x\n",
        f"a0: &a0 [x]\n{BOMB}".encode(),
        b"a: " + b"[" * 1200 + b"]" * 1200,
        b"a: " + b"{a: " * 2000 + b"1" + b"}" * 2000,
        b"id: !!python/object/apply:os.system [ls]\n",
        b"id: P01\n---\nid: P02\n",
        b"? [a, b]\n: c\n",
        b"id: " + b"9" * 10000,
        b"<<: {id: P01}\n",
    ],
)
def test_no_content_of_a_file_does_more_than_tell_its_place(tmp_path, content):
    folder = Path(shutil.copytree(DRAFT, tmp_path / "draft"))
    (folder / "P01.yaml").write_bytes(content)
    assert all(where.startswith("P01.yaml") for where, _ in told(folder))
    assert told(folder)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("id: P01\na:\n  " + "[" * 20_000, "programme_too_deep"),
        ("id: P01\na:\n  " + "[" * 98 + "{a: 1}" + "]" * 98, "unknown_key"),
        ("a:\n" + "".join(" " * n + "- \n" for n in range(1, 150)), "programme_too_deep"),
        ("# " + "x" * 300_000, "programme_file_too_long"),
    ],
)
def test_a_file_that_would_take_the_parser_too_long_is_told_and_not_parsed(tmp_path, content, code):
    """5,000 open brackets keep the parser busy for seconds, 20,000 for minutes."""
    folder = Path(shutil.copytree(DRAFT, tmp_path / "draft"))
    (folder / "P01.yaml").write_text(content, encoding="utf-8")
    assert code in {found for _, found in told(folder)}
    assert all(where.startswith("P01.yaml:") for where, _ in told(folder))


def test_conditions_nested_as_deep_as_a_file_may_be_are_read(tmp_path):
    folder = Path(shutil.copytree(DRAFT, tmp_path / "draft"))
    path = folder / "P09b.yaml"
    text, test = path.read_text(encoding="utf-8"), "{test: is_true, name: in_harbin_org}"
    assert test in text
    deep = "{test: all_of, tests: [" * 45 + test + "]}" * 45
    path.write_text(text.replace(test, deep), encoding="utf-8")
    assert told(folder) == []
    path.write_text(text.replace(test, deep.replace("in_harbin_org", "nobody")), encoding="utf-8")
    assert [code for _, code in told(folder)] == ["policy_name_unknown"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mangled_files_give_a_located_error_or_load(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("mangled")
    for name in ("policy.yaml", "P02c.yaml"):
        content = (DRAFT / name).read_bytes()
        start = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 40))
        noise = data.draw(
            st.binary(max_size=6) | st.sampled_from([b"\t", b": ", b"- ", b"&a", b"*a"])
        )
        (folder / name).write_bytes(content[:start] + noise + content[start + length :])
    try:
        load(folder)
    except InputError as error:
        assert all(p.where.startswith(("policy.yaml", "P02c.yaml")) for p in error.problems)


HOSTILE = [
    "null",
    "[]",
    "{}",
    '""',
    "1e999",
    "9" * 5000,
    "\x00",
    "!!binary aGk=",
    "&a x",
    "*a",
    "-",
]
HOSTILE += ["!!set {a}", "<<: *b", "2020-01-01", "|\n  x", "% YAML 9", "--- a\n--- b", "? [a]\n: c"]
TOKEN = re.compile(r"\w+|[{}\[\],:]|\n *")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_rules_with_words_moved_about_give_a_located_error_or_load(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("moved")
    (folder / "policy.yaml").write_bytes((DRAFT / "policy.yaml").read_bytes())
    text = (DRAFT / "P02c.yaml").read_text(encoding="utf-8")
    for _ in range(data.draw(st.integers(1, 3))):
        tokens = list(TOKEN.finditer(text))
        place = data.draw(st.sampled_from(tokens))
        other = data.draw(st.sampled_from(tokens)).group()
        new = data.draw(st.just(other) | st.just("") | st.sampled_from(HOSTILE))
        text = text[: place.start()] + new + text[place.end() :]
    (folder / "P02c.yaml").write_text(text, encoding="utf-8")
    try:
        load(folder)
    except InputError as error:
        for problem in error.problems:
            assert problem.where.startswith(("P02c.yaml", "policy.yaml"))
            assert problem.text("zh") != problem.code
