"""Minutes along roads agree with another's shortest paths; areas with a surveyor's; faulty files
are told in full."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from songhua.governance.zones.areas import holds, square_metres
from songhua.governance.zones.layers import AREAS, LINES, Feature, read_layer
from songhua.governance.zones.minutes import minutes_to
from songhua.governance.zones.roads import great_circle, roads
from songhua.kit.errors import InputError

HERE = (126.63, 45.74)


def collection(*features: tuple[str, object, dict]) -> str:
    made = [
        {"type": "Feature", "properties": said, "geometry": {"type": kind, "coordinates": at}}
        for kind, at, said in features
    ]
    return json.dumps({"type": "FeatureCollection", "features": made})


def graph(*lines: tuple[list, dict]):
    return roads(read_layer(collection(*(("LineString", at, said) for at, said in lines)), LINES))


def east(metres: float) -> list[float]:
    return [HERE[0] + metres / (111_195.08 * np.cos(np.radians(HERE[1]))), HERE[1]]


def asked(*places) -> np.ndarray:
    return np.array(places, dtype=float).reshape(-1, 2)


def test_ten_minutes_on_foot_are_eight_hundred_metres_of_road():
    street = graph(([east(0), east(2000)], {}))
    travel = minutes_to(street, asked(east(0)), asked(east(800), east(400), east(1600)), "walk")
    assert travel.places == pytest.approx([10, 5, 20], rel=1e-3)


def test_by_car_the_speed_of_the_file_counts_and_else_that_of_the_class():
    fast = graph(([east(0), east(10_000)], {"speed_kmh": 60}))
    slow = graph(([east(0), east(10_000)], {"highway": "residential"}))
    for street, minutes in ((fast, 10), (slow, 30)):
        found = minutes_to(street, asked(east(0)), asked(east(10_000)), "drive").places
        assert found == pytest.approx([minutes], rel=1e-3)


@pytest.mark.parametrize(("said", "there"), [("yes", False), ("-1", True), ("no", True)])
def test_a_one_way_street_counts_towards_the_service_and_people_walk_both_ways(said, there):
    street = graph(([east(0), east(500)], {"oneway": said}))
    service, place = asked(east(0)), asked(east(500))
    assert np.isfinite(minutes_to(street, service, place, "drive").places[0]) == there
    assert minutes_to(street, service, place, "walk").places == pytest.approx([6.25], rel=1e-3)
    between = minutes_to(street, asked(east(100)), asked(east(300)), "drive").places[0]
    assert np.isfinite(between) == there


def test_nobody_reaches_what_no_road_leads_to_and_no_service_is_never_reached():
    apart = graph(([east(0), east(500)], {}), ([east(5000), east(5500)], {}))
    assert np.isinf(minutes_to(apart, asked(east(0)), asked(east(5100)), "walk").places).all()
    assert np.isinf(minutes_to(apart, asked(), asked(east(0)), "walk").places).all()
    footpath = graph(([east(0), east(500)], {"highway": "footway"}))
    assert np.isinf(minutes_to(footpath, asked(east(0)), asked(east(9)), "drive").places).all()


NODES = 9
NODE = st.integers(0, NODES - 1)
EDGES = st.lists(st.tuples(NODE, NODE, st.integers(10, 90), st.booleans()), min_size=1, max_size=25)


@settings(deadline=None, max_examples=60)
@given(EDGES, st.sets(st.integers(0, NODES - 1), min_size=1, max_size=3))
def test_minutes_between_crossings_are_those_of_scipy(edges, services):
    rng = np.random.default_rng(5)
    at = HERE + rng.random((NODES, 2)) * 0.05
    drawn = [(a, b, kmh, one) for a, b, kmh, one in edges if a != b]
    if not drawn:
        return
    made = graph(*(
        ([at[a].tolist(), at[b].tolist()], {"speed_kmh": kmh, "oneway": "yes" if one else "no"})
        for a, b, kmh, one in drawn
    ))  # fmt: skip
    used = sorted({n for a, b, *_ in drawn for n in (a, b)})
    goals = [n for n in services if n in used]
    if not goals:
        return
    weights = np.full((NODES, NODES), np.inf)
    for a, b, kmh, one in drawn:
        minutes = great_circle(at[[a]], at[[b]])[0] * 60 / 1000 / kmh
        weights[a, b] = min(weights[a, b], minutes)
        if not one:
            weights[b, a] = min(weights[b, a], minutes)
    weights[np.isinf(weights)] = 0
    theirs = dijkstra(csr_matrix(weights))[:, goals].min(axis=1)
    # A crossing lies on several segments; its own minutes are those of the point.
    order = {tuple(point): n for n, point in enumerate(made.points.tolist())}
    ours = minutes_to(made, at[goals], at[used], "drive").points
    for node in used:
        mine = ours[order[tuple(at[node].tolist())]]
        assert mine == pytest.approx(theirs[node], rel=1e-9, abs=1e-6)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from(["walk", "drive"]))
def test_one_more_service_makes_no_way_longer(seed, mode):
    rng = np.random.default_rng(seed)
    at = HERE + rng.random((12, 2)) * 0.05
    pairs = rng.integers(0, 12, (20, 2))
    made = graph(*(([at[a].tolist(), at[b].tolist()], {}) for a, b in pairs if a != b))
    places = HERE + rng.random((15, 2)) * 0.05
    few = minutes_to(made, at[:1], places, mode).places
    more = minutes_to(made, at[:2], places, mode).places
    assert (more <= few + 1e-9).all()


def square(side_m: float, at=HERE, lat0: float | None = None) -> list[list[float]]:
    """A small square on the ellipsoid of WGS 84, by its radii of curvature."""
    phi = np.radians(at[1] if lat0 is None else lat0)
    a, e2 = 6_378_137.0, 0.00669437999014
    w = np.sqrt(1 - e2 * np.sin(phi) ** 2)
    north = side_m / np.radians(1) / (a * (1 - e2) / w**3)
    across = side_m / np.radians(1) / (a / w * np.cos(phi))
    x, y = at[0], np.degrees(phi)
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
    return [[x + i * across / 2, y + j * north / 2] for i, j in corners]


def area(*rings) -> float:
    return square_metres(read_layer(collection(("Polygon", list(rings), {})), AREAS))


@pytest.mark.parametrize("latitude", [-60, 0, 45.8, 70])
def test_the_core_of_a_square_kilometre_and_a_half_has_its_area(latitude):
    side = 1_530_000**0.5
    assert area(square(side, lat0=latitude)) == pytest.approx(1_530_000, rel=2e-4)


def test_holes_and_direction_change_what_they_should():
    outer, inner = square(1000), square(400)
    assert area(outer, inner) == pytest.approx(1_000_000 - 160_000, rel=1e-3)
    assert area(outer[::-1]) == pytest.approx(area(outer))
    layer = read_layer(collection(("Polygon", [outer, inner], {})), AREAS)
    assert holds(layer, tuple(square(700)[0])) and not holds(layer, HERE)
    assert not holds(layer, (0.0, 0.0))


FAULTY = [
    ("[", ["zones_not_json"]), ("[" * 100_000, ["zones_not_json"]), ("{}", ["zones_no_features"]),
    ('{"features": []}', ["zones_no_features"]),
    ('{"features": [1, null]}', ["zones_other_geometry"] * 2),
    (collection(("Point", [1, 2], {}), ("LineString", [[1, 2]], {})),
     ["zones_other_geometry", "zones_too_short"]),
    (collection(("LineString", [[1, 2], [1, 99]], {})), ["zones_off_the_globe"]),
    (collection(("LineString", [[1, 2], [1, float("nan")]], {})), ["zones_off_the_globe"]),
    (collection(("LineString", [[1, "2"], [True, 2]], {})), ["zones_no_coordinates"]),
    (collection(("MultiLineString", [[]], {})), ["zones_no_coordinates"]),
    (collection(("MultiLineString", None, {})), ["zones_no_coordinates"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "codes"), FAULTY, ids=range(len(FAULTY)))
def test_a_faulty_file_is_told_with_every_fault(text, codes):
    with pytest.raises(InputError) as caught:
        read_layer(text, LINES)
    assert [problem.code for problem in caught.value.problems] == codes
    for problem in caught.value.problems:
        assert problem.text("zh") != problem.code != problem.text("en")


def test_an_open_ring_and_a_speed_that_is_none_are_refused():
    with pytest.raises(InputError, match="zones_open_ring"):
        read_layer(collection(("Polygon", [[*square(10)[:-1], [1, 1]]], {})), AREAS)
    for speed in ("fast", "999", -3):
        with pytest.raises(InputError, match="zones_speed"):
            graph(([east(0), east(1)], {"maxspeed": speed}))
    with pytest.raises(InputError, match="zones_no_features"):
        roads([Feature({}, ((HERE, HERE),), ())])
