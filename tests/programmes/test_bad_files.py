"""What a bad file says: the file, the line, and everything at once; nothing is loaded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.kit.errors import InputError
from songhua.programmes.load import bundled, counts, load

ICE = Path(__file__).parent / "ice_harbour"


def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ICE, tmp_path / "ice"))


def change(folder: Path, name: str, old: str, new: str) -> None:
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def found(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        load(folder)
    for problem in caught.value.problems:
        for language in ("zh", "en"):
            text = problem.text(language)  # type: ignore[arg-type]
            assert "{" not in text
            assert text != problem.code, "a sentence is missing"
    return [(problem.where, problem.code) for problem in caught.value.problems]


def test_another_city_loads_with_its_own_data() -> None:
    ice = load(ICE)
    assert ice.city_zh == "冰港市"
    assert ice.unit("市港口局").code == "harbour_bureau"
    assert ice.obligation("OB-005").deadline_time == "12:00"
    assert counts(ice)["obligations"] == 5
    assert counts(ice)["crosschecks"] == 0


CASES = [
    # file, old, new, where, code
    ("units.csv", ",kind,", ",kind,boss,", "units.csv:1 boss", "programme_column_unknown"),
    ("units.csv", "code,", "", "units.csv:1", "programme_column_missing"),
    ("units.csv", "aliases", "name_en", "units.csv:1 name_en", "programme_column_twice"),
    ("units.csv", "市港口局,bureau,", "市港口局,bureau", "units.csv:2", "programme_row_width"),
    (
        "units.csv",
        "市港口局,bureau",
        "市港口局,ministry",
        "units.csv:2 kind",
        "programme_not_listed",
    ),
    ("units.csv", "weather_bureau", "harbour_bureau", "units.csv:3 code", "programme_id_twice"),
    (
        "units.csv",
        "Bureau,,bureau",
        "Bureau,市港口局,bureau",
        "units.csv:3 aliases",
        "programme_alias_twice",
    ),
    ("units.csv", "990102", "990109", "units.csv:5 district", "programme_district_unknown"),
    ("units.csv", "市气象局", '"市气象局', "units.csv:5", "programme_file_unreadable"),
    ("districts.csv", "990102,", "99010,", "districts.csv:3 adcode", "programme_not_a_code"),
    ("districts.csv", "123", "NaN", "districts.csv:3 area_km2_approx", "programme_not_a_figure"),
    ("programme.yaml", "city_en:", "city_fr:", "programme.yaml:5", "unknown_key"),
    ("programme.yaml", "city_en:", "city_zh:", "programme.yaml:5", "programme_key_twice"),
    ("programme.yaml", "city_en: Ice Harbour\n", "", "programme.yaml:1", "programme_missing"),
    ("programme.yaml", "2026-12-31", "2023-12-31", "programme.yaml:7", "programme_dates_reversed"),
    ("programme.yaml", "2026-12-31", "1700000000", "programme.yaml:7", "programme_not_a_day"),
    (
        "programme.yaml",
        "lead_unit: harbour",
        "lead_unit: harbor",
        "programme.yaml:8",
        "programme_unit_unknown",
    ),
    ("indicators.yaml", '">="', '">"', "indicators.yaml:9", "programme_comparator_wrong"),
    ("indicators.yaml", '">="', '"=>"', "indicators.yaml:9", "programme_not_listed"),
    ("indicators.yaml", "不低于", "约为", "indicators.yaml:8", "programme_verb_unknown"),
    ("indicators.yaml", '"12"', '"12.5"', "indicators.yaml:10", "programme_target_places"),
    ("indicators.yaml", '"12"', '"1e2"', "indicators.yaml:10", "programme_not_a_figure"),
    (
        "indicators.yaml",
        '{2025: "12"}',
        '{2025: "12", 2025: "12"}',
        "indicators.yaml:10",
        "programme_key_twice",
    ),
    (
        "indicators.yaml",
        "places: 0",
        "places: 0\n    colour: red",
        "indicators.yaml:8",
        "unknown_key",
    ),
    (
        "indicators.yaml",
        "crosschecks: []",
        "crosschecks: []\nextra: 1",
        "indicators.yaml:25",
        "unknown_key",
    ),
    ("indicators.yaml", "crosschecks: []\n", "", "indicators.yaml:1", "programme_missing"),
    (
        "indicators.yaml",
        "crosschecks: []",
        "crosschecks: [&x {}, *x]",
        "indicators.yaml:24",
        "programme_file_unreadable",
    ),
    (
        "indicators.yaml",
        "crosschecks: []",
        "crosschecks:\n  - {total: berths, parts: [cargo_yi], note: 相等}",
        "indicators.yaml:25",
        "programme_crosscheck_wrong",
    ),
    (
        "indicators.yaml",
        "crosschecks: []",
        "crosschecks:\n  - {total: berths, parts: [ships], note: 相等}",
        "indicators.yaml:25",
        "programme_indicator_unknown",
    ),
    ("obligations.csv", ",12,个", ",13,个", "obligations.csv:2 value", "programme_target_differs"),
    ("obligations.csv", ">=,12", ">,12", "obligations.csv:2 value", "programme_target_differs"),
    ("obligations.csv", "OB-002", "OB-001", "obligations.csv:3 id", "programme_id_twice"),
    (
        "obligations.csv",
        "weather_bureau|",
        "weather_bureau|weather_bureau|",
        "obligations.csv:4 units",
        "programme_unit_twice",
    ),
    (
        "obligations.csv",
        "weather_bureau|",
        "moon_bureau|",
        "obligations.csv:4 units",
        "programme_unit_unknown",
    ),
    (
        "obligations.csv",
        "weather_bureau|harbour_bureau",
        "",
        "obligations.csv:4 units",
        "programme_missing",
    ),
    (
        "obligations.csv",
        "本节未写责任部门，列牵头单位",
        "",
        "obligations.csv:5 unit_note",
        "programme_unit_note_missing",
    ),
    (
        "obligations.csv",
        ",false,",
        ",no,",
        "obligations.csv:5 unit_stated",
        "programme_not_true_or_false",
    ),
    ("obligations.csv", "monthly", "weekly", "obligations.csv:5 cycle", "programme_not_listed"),
    (
        "obligations.csv",
        "2024-01-15",
        "2024-02-30",
        "obligations.csv:6 deadline",
        "programme_not_a_day",
    ),
    (
        "obligations.csv",
        "2024-01-15",
        "",
        "obligations.csv:6 deadline",
        "programme_time_without_day",
    ),
    (
        "obligations.csv",
        "附件1 二(一)",
        "附件1 第二部分",
        "obligations.csv:4 article",
        "programme_not_a_code",
    ),
    (
        "obligations.csv",
        ">,7.50,亿元",
        ">,,亿元",
        "obligations.csv:3 comparator",
        "programme_value_incomplete",
    ),
    (
        "obligations.csv",
        "建设海冰预报系统",
        "冰" * 41,
        "obligations.csv:4 title_zh",
        "programme_bad_value",
    ),
    ("zones.yaml", '"990102"', '"990109"', "zones.yaml:7", "programme_district_unknown"),
    ("zones.yaml", "zones:", "zones: {}\nplaces:", "zones.yaml:1", "programme_bad_value"),
    ("defects.yaml", "kind: alias", "kind: sin", "defects.yaml:3", "programme_not_listed"),
    ("defects.yaml", "kind: alias", "kind: [", "defects.yaml:5", "programme_file_unreadable"),
]


@pytest.mark.parametrize(("name", "old", "new", "where", "code"), CASES)
def test_each_fault_names_its_file_and_line(
    tmp_path: Path, name: str, old: str, new: str, where: str, code: str
) -> None:
    folder = copy(tmp_path)
    change(folder, name, old, new)
    assert (where, code) in found(folder)


def test_one_error_lists_the_faults_of_all_files(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    change(folder, "units.csv", "市港口局,bureau", "市港口局,ministry")
    change(folder, "indicators.yaml", "places: 0", "places: none")
    change(folder, "zones.yaml", '"990101"', '"990100"')
    (folder / "defects.yaml").unlink()
    assert sorted(found(folder)) == [
        ("defects.yaml", "programme_file_missing"),
        ("indicators.yaml:7", "programme_not_a_figure"),
        ("units.csv:2 kind", "programme_not_listed"),
        ("zones.yaml:7", "programme_district_unknown"),
    ]


def test_a_file_in_another_encoding_is_reported_with_its_line(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    file = folder / "units.csv"
    file.write_bytes(file.read_text(encoding="utf-8").encode("gb18030"))
    assert found(folder) == [("units.csv:2", "programme_file_unreadable")]


def test_a_table_without_rows_is_reported_once(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    file = folder / "units.csv"
    file.write_text(file.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    assert found(folder) == [("units.csv:1", "programme_file_empty")]


def test_a_byte_order_mark_and_windows_line_ends_are_forgiven(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    for file in folder.glob("*.csv"):
        text = file.read_text(encoding="utf-8").replace("\n", "\r\n")
        file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load(folder) == load(ICE)


@pytest.mark.parametrize("code", ["paris_2030", "../console", "", "harbin_2022/.."])
def test_an_unknown_bundled_programme_is_the_users_to_mend(code: str) -> None:
    with pytest.raises(InputError) as caught:
        bundled(code)
    assert caught.value.problems[0].code == "programme_unknown"


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(sorted(p.name for p in ICE.iterdir() if p.suffix != ".geojson")),
    place=st.integers(0, 3000),
    noise=st.binary(min_size=1, max_size=6),
)
def test_noise_is_either_harmless_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, name: str, place: int, noise: bytes
) -> None:
    folder = copy(tmp_path_factory.mktemp("noise"))
    file = folder / name
    data = file.read_bytes()
    place %= len(data)
    file.write_bytes(data[:place] + noise + data[place:])
    try:
        load(folder)
    except InputError as error:
        assert error.problems
        assert all(p.where.split(":")[0].endswith((".csv", ".yaml")) for p in error.problems)
