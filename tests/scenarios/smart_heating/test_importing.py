"""Networks of others: the same network from every file, what is wrong by name, the rest listed."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.kit.errors import InputError
from songhua.kit.messages import catalogue
from songhua.scenarios.smart_heating.importing.epanet import from_inp
from songhua.scenarios.smart_heating.importing.pandapipes_file import from_pandapipes
from songhua.scenarios.smart_heating.importing.tables import from_csv, from_geojson

TABLES = {
    "nodes": "name,x,y,height_m\nplant,0,0,10\nA,100,0,12\nB,200,0,\n",
    "pipes": "name,start,end,length_m,diameter_mm,roughness_mm,loss_w_per_m_k\n"
    "P1,plant,A,500,200,0.5,0.3\nP2,A,B,300,150,,\n",
    "sources": "name,node,supply_c,pressure_mpa\nboiler,plant,110,0.8\n",
    "consumers": "name,node,heat_kw,flow_t_per_h,return_k\n站一,A,500,,323.15\n站二,B,,3.6,\n",
}


def changed(table, old, new):
    assert old in TABLES[table]
    return TABLES | {table: TABLES[table].replace(old, new)}


def problems(read, given_):
    with pytest.raises(InputError) as caught:
        read(given_)
    for problem in caught.value.problems:
        assert problem.code in catalogue()
        assert problem.text("zh")
        assert problem.text("en")
    return caught.value.problems


def codes(found):
    return [(problem.where, problem.code) for problem in found]


def test_tables_become_a_network_in_si_units():
    found = from_csv(TABLES)
    first, second = found.consumers
    assert (first.heat_w, first.flow_kg_per_s) == (500_000, None)
    assert first.return_c == pytest.approx(50)
    assert (second.heat_w, second.flow_kg_per_s) == (None, 1.0)
    assert found.sources[0].pressure_pa == 800_000
    assert found.nodes[2].height_m is None
    assert not found.left_out
    built = found.network(height_m=11, roughness_m=1e-4, loss_w_per_m_k=0.2)
    assert built.height_m.tolist() == [10, 12, 11]
    assert built.diameter_m.tolist() == [0.2, 0.15]
    assert built.roughness_m.tolist() == [5e-4, 1e-4]
    assert built.loss_w_per_m_k.tolist() == [0.3, 0.2]
    assert (built.pipe_start.tolist(), built.pipe_end.tolist()) == ([0, 1], [1, 2])
    assert built.consumer_by_flow.tolist() == [False, True]


@pytest.mark.parametrize(
    ("table", "old", "new", "hint"),
    [
        ("sources", "pressure_mpa", "pressure_pa", "pressure_bar, pressure_mpa"),
        ("sources", "0.8", "8", "pressure_bar"),
        ("sources", ",110,", ",383.15,", "supply_k"),
        ("consumers", "return_k", "return_c", "return_k"),
        ("consumers", "323.15", "50", "return_c"),
        ("pipes", "diameter_mm", "diameter_m", "diameter_mm"),
        ("pipes", "roughness_mm", "roughness_m", "roughness_mm"),
        ("consumers", "500,,323.15", "0.05,,323.15", "heat_mw"),
    ],
)  # fmt: skip
def test_a_figure_in_another_unit_is_named_with_the_unit_it_may_have(table, old, new, hint):
    found = problems(from_csv, changed(table, old, new))
    assert {problem.code for problem in found} == {"importing_perhaps_unit"}
    assert hint in found[0].value.split(" → ")[1]
    assert found[0].row == 2
    assert found[0].where in ("boiler", "站一", "P1")


def test_all_that_is_wrong_is_said_at_once():
    given_ = changed("pipes", "P1,plant,A,500,200", "P2,plant,C,long,0") | {
        "consumers": TABLES["consumers"].replace("500,", "500,7")
    }
    assert set(codes(problems(from_csv, given_))) == {
        ("P2", "importing_not_a_number"), ("P2", "importing_not_plausible"),
        ("P2", "importing_twice"), ("P2", "importing_no_such_node"),
        ("站一", "importing_heat_or_flow"),
    }  # fmt: skip


def test_a_heading_without_a_unit_is_not_guessed():
    found = problems(from_csv, changed("sources", "pressure_mpa", "pressure"))
    assert codes(found) == [("boiler", "importing_no_unit")]
    assert "pressure_bar" in found[0].value


@pytest.mark.parametrize("cell", ["", "inf", "nan", "1,5", "１２０ｍ"])
def test_a_length_that_is_no_number_is_never_taken(cell):
    found = problems(from_csv, changed("pipes", "P1,plant,A,500", f'P1,plant,A,"{cell}"'))
    assert [(p.where, p.row, p.column) for p in found] == [("P1", 2, "length_m")]


def test_columns_and_cells_without_a_place_are_listed():
    given_ = TABLES | {"nodes": "name,colour\nplant,red\nA,\nB,,7\n"}
    left = [(problem.where, problem.value) for problem in from_csv(given_).left_out]
    assert left == [("nodes", "colour"), ("nodes", "…")]


def as_geojson():
    features = []
    for table, text in TABLES.items():
        for row in csv.DictReader(text.splitlines()):
            cells = {name: cell for name, cell in row.items() if cell and name not in ("x", "y")}
            shape = ({"type": "Point", "coordinates": [float(row["x"]), float(row["y"])]}
                     if table == "nodes" else None)  # fmt: skip
            properties = cells | {"kind": table[:-1]}
            features.append({"type": "Feature", "geometry": shape, "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def test_geojson_gives_the_same_network():
    assert from_geojson(json.dumps(as_geojson(), ensure_ascii=False)) == from_csv(TABLES)


def test_features_of_other_kinds_are_listed():
    document = as_geojson()
    document["features"].append({"id": "park 7", "properties": {"kind": "park"}})
    left = from_geojson(json.dumps(document)).left_out
    assert codes(left) == [("park 7", "importing_kind_left_out")]


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"type": "Topology"}', '{"type":"FeatureCollection"}']
)
def test_what_is_no_collection_is_refused(text):
    problems(from_geojson, text)


INP = """[TITLE]
a town
[JUNCTIONS]
;id elev demand pattern
J1  10   0
J2  12   36   day
[RESERVOIRS]
R   40
[TANKS]
T   20  1 0 5 10 0
[PIPES]
P1  R  J1  500 200 0.5 0 Open
P2  J1 J2  300 150 0.5 2.5 Open ; a bend
P3  J2 T   100 150 0.5 0 Closed
P4  J2 T   100 150 0.5 0 CV
P5  J1 T   100 150 0.5 0 Open
[STATUS]
P5 Closed
[PUMPS]
PU  R  J1  POWER 5
[PATTERNS]
day 1 2 3
[COORDINATES]
R 0 0
[OPTIONS]
Units CMH
Headloss D-W
Demand Model PDA
Demand Multiplier 2
[END]
"""


def test_an_inp_file_becomes_a_network_and_a_list():
    found = from_inp(INP)
    assert [(n.name, n.height_m) for n in found.nodes] == [("J1", 10), ("J2", 12), ("R", 40),
                                                            ("T", 21)]  # fmt: skip
    assert [pipe.name for pipe in found.pipes] == ["P1", "P2", "P4"]
    assert found.pipes[0].diameter_m == pytest.approx(0.2)
    assert found.pipes[0].roughness_m == pytest.approx(5e-4)
    assert [(c.name, c.flow_kg_per_s) for c in found.consumers] == [("J2", pytest.approx(20))]
    assert [source.node for source in found.sources] == ["R", "T"]
    assert sorted(codes(found.left_out)) == [
        ("P2", "importing_local_loss_left_out"),
        ("P3", "importing_closed_left_out"), ("P4", "importing_check_valve_left_out"),
        ("P5", "importing_closed_left_out"), ("PU", "importing_pump_left_out"),
        ("T", "importing_tank_left_out"), ("[PATTERNS]", "importing_section_left_out"),
        ("day", "importing_pattern_left_out"),
    ]  # fmt: skip
    assert found.network(roughness_m=1e-4, loss_w_per_m_k=0).source_holds_pressure.all()


def test_american_units_and_another_formula_are_understood():
    text = INP.replace("Units CMH\nHeadloss D-W", "Units GPM\nHeadloss H-W")
    text = text.replace(" 200 ", " 8 ").replace(" 150 ", " 6 ")
    found = from_inp(text)
    assert found.pipes[0].length_m == pytest.approx(152.4)
    assert found.pipes[1].diameter_m == pytest.approx(0.1524)
    assert found.consumers[0].flow_kg_per_s == pytest.approx(4.5425, rel=1e-4)
    assert found.pipes[0].roughness_m is None
    assert ("[PIPES]", "importing_roughness_left_out") in codes(found.left_out)


def test_wrong_lines_are_named_with_their_numbers():
    found = problems(from_inp, INP.replace("P1  R  J1  500", "P1  R  J9  far"))
    assert {(p.where, p.code, p.row) for p in found} == {
        ("P1", "importing_not_a_number", 12), ("P1", "importing_no_such_node", 12),
    }  # fmt: skip
    assert codes(problems(from_inp, INP.replace("P1  R  J1", "P1\n;"))) == [
        ("[PIPES] P1", "importing_line_short")
    ]
    assert codes(problems(from_inp, INP.replace("CMH", "BARRELS"))) == [
        ("UNITS", "importing_flow_unit")
    ]


def frame(columns, rows):
    split = {"columns": columns, "index": list(range(len(rows))), "data": rows}
    return {"_module": "pandas.core.frame", "_class": "DataFrame", "_object": json.dumps(split),
            "orient": "split"}  # fmt: skip


PIPE = ("name", "from_junction", "to_junction", "length_km", "inner_diameter_mm",
        "outer_diameter_mm", "k_mm", "loss_coefficient", "u_w_per_m2k", "in_service")  # fmt: skip


def as_pandapipes(**changes):
    inside = {
        "version": "0.16.0",
        "junction": frame(["name", "height_m", "in_service"], [
            ["plant", 10.0, True], ["A", 12.0, True], ["A", 12.0, True], ["back", 10.0, True]]),
        "junction_geodata": frame(["x", "y"], [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]),
        "pipe": frame(PIPE, [
            ["P1", 0, 1, 0.5, 100.0, None, 0.1, 0.0, 1.0, True],
            ["P2", 2, 3, 0.5, 100.0, None, 0.1, 0.0, 1.0, True],
            ["P3", 0, 1, 0.5, 100.0, None, 0.1, 0.0, 1.0, False]]),
        "circ_pump_pressure": frame(
            ["name", "return_junction", "flow_junction", "p_flow_bar", "t_flow_k", "plift_bar"],
            [["pump", 3, 0, 6.0, 363.15, 2.0]]),
        "heat_consumer": frame(
            ["name", "from_junction", "to_junction", "qext_w", "controlled_mdot_kg_per_s",
             "deltat_k", "treturn_k"], [["C", 1, 2, 50_000.0, None, None, 323.15]]),
        "valve": frame(["name", "from_junction", "to_junction"], [["V", 0, 1]]),
        "compressor": frame(["name"], []),
    } | changes  # fmt: skip
    return json.dumps({"_module": "pandapipes.pandapipes_net", "_class": "pandapipesNet",
                       "_object": inside})  # fmt: skip


def test_a_pandapipes_file_becomes_its_supply_and_a_list():
    found = from_pandapipes(as_pandapipes())
    assert [node.name for node in found.nodes] == ["plant", "junction 1"]
    (pipe,), (source,), (consumer,) = found.pipes, found.sources, found.consumers
    assert (pipe.name, pipe.start, pipe.end) == ("P1", "plant", "junction 1")
    assert pipe.length_m == 500
    assert pipe.loss_w_per_m_k == pytest.approx(np.pi * 0.1)
    assert source.pressure_pa == 600_000
    assert source.supply_c == pytest.approx(90)
    assert (consumer.heat_w, consumer.return_c) == (50_000, pytest.approx(50))
    assert sorted(codes(found.left_out)) == [
        ("P3", "importing_idle_left_out"), ("pipe", "importing_return_left_out"),
        ("pump", "importing_set_left_out"), ("valve", "importing_component_left_out"),
    ]  # fmt: skip


@pytest.mark.parametrize(("scaling", "flow"), [(None, 2.0), (0.5, 1.0), (0.0, 0.0)])
def test_a_sink_is_scaled_as_the_file_says(scaling, flow):
    sink = frame(["name", "junction", "mdot_kg_per_s", "scaling"], [["S", 1, 2.0, scaling]])
    assert from_pandapipes(as_pandapipes(sink=sink)).consumers[1].flow_kg_per_s == flow


def test_two_elements_of_one_name_stay_two():
    grid = frame(["name", "junction", "p_bar", "t_k"], [["pump", 1, 5.0, 353.15]])
    found = from_pandapipes(as_pandapipes(ext_grid=grid))
    assert [source.name for source in found.sources] == ["circ_pump_pressure 0", "ext_grid 0"]


def test_pandapipes_files_at_fault_are_named():
    assert codes(problems(from_pandapipes, '{"_class": "pandapowerNet"}'))[0][1] == (
        "importing_no_pandapipes"
    )
    half = frame(["name", "from_junction"], [["P1", 0]])
    assert [(p.where, p.column) for p in problems(from_pandapipes, as_pandapipes(pipe=half))] == [
        ("pipe 0", "to_junction"), ("pipe 0", "length_km"),
    ]  # fmt: skip


@given(text=st.text(max_size=200))
@pytest.mark.parametrize("read", [from_inp, from_geojson, from_pandapipes])
def test_no_text_ends_in_anything_but_a_network_or_named_problems(read, text):
    try:
        read(text)
    except InputError as error:
        assert all(problem.code in catalogue() for problem in error.problems)


@given(table=st.sampled_from(sorted(TABLES)), place=st.integers(0, 120), junk=st.text(max_size=6))
def test_a_table_spoilt_anywhere_ends_in_a_network_or_named_problems(table, place, junk):
    text = TABLES[table]
    at = place % len(text)
    try:
        from_csv(TABLES | {table: text[:at] + junk + text[at + len(junk) :]})
    except InputError as error:
        assert all(problem.code in catalogue() for problem in error.problems)


@given(place=st.integers(0, 5_000), junk=st.text(max_size=6))
@pytest.mark.parametrize("read", [(from_inp, INP), (from_pandapipes, as_pandapipes()),
                                  (from_geojson, json.dumps(as_geojson()))])  # fmt: skip
def test_a_file_spoilt_anywhere_ends_in_a_network_or_named_problems(read, place, junk):
    reader, text = read
    at = place % len(text)
    try:
        reader(text[:at] + junk + text[at + len(junk) :])
    except InputError as error:
        assert all(problem.code in catalogue() for problem in error.problems)
