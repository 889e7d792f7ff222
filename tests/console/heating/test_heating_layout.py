"""A plant is registered whole, or refused with everything that is wrong with its tables."""

from __future__ import annotations

import pytest

from songhua.console.exchange.models import Datastream
from songhua.console.heating import layout
from songhua.console.heating.models import Plant
from songhua.console.heating.services import registration
from songhua.kit.errors import Conflict, InputError

ELEMENTS = """device_id,kind,name,parent,longitude,latitude,elevation_m,area_m2
p1,plant,全网,,,,,50000
s1,source,东热源,,126.6,45.7,140,
h1,station,一号站,,126.61,45.71,141,50000
r1,room,一号楼 301,h1,,,,
"""
PIPES = "start,end,length_m\ns1,h1,820.5\n"
POINTS = (
    "device_id,quantity,answer,low,high,tolerance,protocol,address\n"
    'h1,secondary_supply_c,secondary_supply_c,25,75,1,modbus,"{""host"": ""10.0.0.5"", '
    '""register"": 40, ""scale"": 10}"\n'
)


def written(folder, elements=ELEMENTS, pipes=PIPES, points=POINTS):
    for name, text in (("elements", elements), ("pipes", pipes), ("points", points)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8-sig")
    return folder


def problems(folder):
    with pytest.raises(InputError) as caught:
        layout.read(folder)
    return {(problem.code, problem.value, problem.row) for problem in caught.value.problems}


def test_a_plant_is_registered_with_its_devices_in_the_exchange(empty_city, tmp_path):
    found = layout.read(written(tmp_path))
    weather = empty_city.weather
    plant = registration.register(weather, weather.unit, "east", "东区供热", found)
    assert sorted(plant.elements.values_list("device_id", flat=True)) == ["h1", "p1", "r1", "s1"]
    assert Datastream.objects.filter(device_id="h1").count() == 9
    entry = plant.table.entry
    assert (entry.is_open, entry.tier) == (False, "conditional") and not plant.simulated
    assert plant.pipes.get().length_m == 820.5
    with pytest.raises(Conflict):
        registration.register(weather, weather.unit, "east", "东区供热", found)
    with pytest.raises(InputError):  # the devices belong to a plant already
        registration.register(weather, weather.unit, "west", "西区供热", found)
    assert Plant.objects.count() == 1


def test_everything_wrong_is_named_at_once(tmp_path):
    elements = ELEMENTS + "h1,boiler,,,200,45,,\nr2,room,二号楼,s1,126.6,,,-5\n"
    points = POINTS + "h9,x,y,5,5,0,telnet,{}\nh1,v,room_c,1,2,1,mqtt,{}\n" + POINTS.split("\n")[1]
    pipes = PIPES + "s1,r1,10\ns1,h1,0\n"
    found = {code for code, *_ in problems(written(tmp_path, elements, pipes, points))}
    assert found == {
        "layout_kind", "empty", "layout_unknown", "layout_place", "layout_range", "layout_twice",
        "layout_answer", "order_protocol",
    }  # fmt: skip


def test_cells_columns_and_files_are_pointed_at(tmp_path):
    assert problems(written(tmp_path, pipes="start,end,length_m\ns1,h1,long\n")) == {
        ("layout_cell", "long", 2)
    }
    assert problems(written(tmp_path, points=POINTS + "h1,q,valve_percent,0,1,1,mqtt,[]\n")) == {
        ("layout_cell", "[]", 3)
    }
    assert {code for code, *_ in problems(written(tmp_path, pipes="start,end,metres\n"))} == {
        "layout_column"
    }
    assert problems(written(tmp_path, pipes="start,end,length_m\ns1,h1,nan\n"))
    written(tmp_path)
    (tmp_path / "elements.csv").unlink()
    assert {code for code, *_ in problems(tmp_path)} == {"layout_unreadable"}
    (tmp_path / "elements.csv").write_bytes(ELEMENTS.encode("gb18030"))
    assert {code for code, *_ in problems(tmp_path)} == {"layout_unreadable"}
