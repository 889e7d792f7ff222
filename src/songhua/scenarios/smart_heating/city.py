"""A simulated city: sources, stations and buildings that we made up, over Harbin's district.

No pipe, station or building in it exists. Stations stand beside the crossings of a jittered grid
of streets south of the river; each is reached by the shortest way from a source, and a few more
streets close loops. Figures of buildings, pipes and radiators are ordinary ones for the climate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.buildings.model import Buildings
from songhua.engines.plant.equipment import Equipment
from songhua.engines.substations.curve import Curve
from songhua.engines.substations.exchanger import Exchangers
from songhua.kit.errors import require
from songhua.kit.random import generator
from songhua.scenarios.smart_heating.mains import laid

if TYPE_CHECKING:
    from numpy.random import Generator

    from songhua.engines.hydraulics.network import Floats, Integers

CENTRE_LON, CENTRE_LAT = 126.63, 45.75
CURVE = Curve(75, 50, 20, -24.2)  # designed for GB 50736-2012, appendix A, Harbin
PRIMARY_C = (120.0, 60.0)
_M_PER_DEGREE = 111_320.0
_J_PER_KG_K = 4190.0
_FIRST_SHARE, _OTHERS_SHARE = 0.6, 0.6  # of the design load that sources can give


@dataclass(frozen=True)
class City:
    """The equipment, where it stands, and what it is called. Everything is simulated."""

    equipment: Equipment
    node_lon: Floats
    node_lat: Floats
    building_lon: Floats
    building_lat: Floats
    source_name: tuple[str, ...]
    station_name: tuple[str, ...]
    building_name: tuple[str, ...]


def simulated_city(
    seed: int, *, sources: int = 3, stations: int = 200, buildings: int = 2000
) -> City:
    """A city of that size; the same seed gives the same city.

    Raises `InputError` for less than one source, a station for each source, or a building for each
    station.
    """
    require(sources >= 1, "sources", "out_of_range", sources)
    require(stations >= sources, "stations", "out_of_range", stations)
    require(buildings >= stations, "buildings", "out_of_range", buildings)
    rng = generator(seed, "city")
    spare = rng.integers(0, stations, buildings - stations)
    home = np.sort(np.concatenate((np.arange(stations), spare)))
    houses, gains_w = _houses(buildings, rng)
    loss_w = (CURVE.room_c - CURVE.outdoor_c) / (houses.inside_k_per_w + houses.outside_k_per_w)
    heat_w = loss_w - gains_w
    load_w = _sums(home, heat_w, stations)
    flow = load_w / (_J_PER_KG_K * (PRIMARY_C[0] - PRIMARY_C[1]))
    mains = laid(flow, sources, rng)
    secondary = heat_w / (_J_PER_KG_K * (CURVE.supply_c - CURVE.return_c))
    secondary *= rng.lognormal(0, 0.03, buildings)  # balanced by hand
    capacity_w = np.full(sources, _OTHERS_SHARE * load_w.sum() / max(sources - 1, 1))
    capacity_w[0] = (_FIRST_SHARE if sources > 1 else 1.2) * load_w.sum()
    equipment = Equipment(
        mains.network,
        capacity_w,
        np.full(sources, mains.head_pa),
        Exchangers(load_w / _mean_difference_k(), flow, _sums(home, secondary, stations)),
        1.6 * flow,
        home,
        houses,
        secondary,
        _radiators_w_per_k(heat_w, secondary),
        gains_w,
        CURVE,
    )
    place_m = mains.place_m[mains.network.consumer_node][home] + rng.normal(0, 120, (buildings, 2))
    lon, lat = _on_the_map(mains.place_m)
    building_lon, building_lat = _on_the_map(place_m)
    return City(
        equipment, lon, lat, building_lon, building_lat,
        tuple(f"S{n + 1}" for n in range(sources)),
        tuple(f"{n + 1:03d}" for n in range(stations)),
        tuple(f"{s + 1:03d}-{n + 1:04d}" for n, s in enumerate(home)),
    )  # fmt: skip


def _sums(home: Integers, of_buildings: Floats, stations: int) -> Floats:
    """The sum over the buildings of each station."""
    return np.asarray(np.bincount(home, of_buildings, stations), float)


def _houses(count: int, rng: Generator) -> tuple[Buildings, Floats]:
    """Buildings from old to new by their loss per floor area, and their gains."""
    floor_m2 = rng.lognormal(np.log(4500), 0.45, count)
    loss_w_per_k = floor_m2 * rng.uniform(0.8, 1.5, count)
    inside = rng.uniform(0.06, 0.14, count) / loss_w_per_k
    outside = 1 / loss_w_per_k - inside
    air = floor_m2 * rng.uniform(3e4, 5e4, count)
    mass = floor_m2 * rng.uniform(2.5e5, 5e5, count)
    aperture = floor_m2 * rng.uniform(0.01, 0.03, count)
    return Buildings(air, mass, inside, outside, aperture), 3.8 * floor_m2


def _radiators_w_per_k(heat_w: Floats, flow_kg_per_s: Floats) -> Floats:
    """The conductance that gives the design heat at the curve's design supply and this flow."""
    rate = _J_PER_KG_K * flow_kg_per_s
    share = heat_w / (rate * (CURVE.supply_c - CURVE.room_c))
    return -rate * np.log1p(-share)


def _mean_difference_k() -> float:
    """Logarithmic mean of the differences at both ends of the plates, at design."""
    hot, cold = PRIMARY_C[0] - CURVE.supply_c, PRIMARY_C[1] - CURVE.return_c
    return float((hot - cold) / np.log(hot / cold))


def _on_the_map(place_m: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude of places in metres east and north of the centre."""
    east = _M_PER_DEGREE * np.cos(np.deg2rad(CENTRE_LAT))
    return CENTRE_LON + place_m[:, 0] / east, CENTRE_LAT + place_m[:, 1] / _M_PER_DEGREE
