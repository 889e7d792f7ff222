"""What growth remembers; the firms and carriers themselves stand in the desk's registry."""

from songhua.console.growth.models.carrier import Carrier, Tenancy
from songhua.console.growth.models.ladder import CriterionChange, LadderMove
from songhua.console.growth.models.place import Layer, Place, Site
from songhua.console.growth.models.sheet import Sheet

__all__ = [
    "Carrier",
    "CriterionChange",
    "LadderMove",
    "Layer",
    "Place",
    "Sheet",
    "Site",
    "Tenancy",
]
