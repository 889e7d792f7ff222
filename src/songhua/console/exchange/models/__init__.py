"""What the exchange remembers."""

from songhua.console.exchange.models.catalogue import Distribution, Entry, Group, Version
from songhua.console.exchange.models.delivery import Message, Parcel, Subscription
from songhua.console.exchange.models.devices import (
    Datastream,
    FeatureOfInterest,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)
from songhua.console.exchange.models.evidence import Event
from songhua.console.exchange.models.harvest import Harvest
from songhua.console.exchange.models.intake import Intake, NoisyRelease
from songhua.console.exchange.models.lineage import Flow
from songhua.console.exchange.models.portal import Brought, Rating, Wanted
from songhua.console.exchange.models.sharing import Grant, Request, Step, Use
from songhua.console.exchange.models.sharing_outcomes import Correction, Outcome

__all__ = [
    "Brought",
    "Correction",
    "Datastream",
    "Distribution",
    "Entry",
    "Event",
    "FeatureOfInterest",
    "Flow",
    "Grant",
    "Group",
    "Harvest",
    "Intake",
    "Location",
    "Message",
    "NoisyRelease",
    "ObservedProperty",
    "Outcome",
    "Parcel",
    "Rating",
    "Request",
    "Sensor",
    "Step",
    "Subscription",
    "Thing",
    "Use",
    "Version",
    "Wanted",
]
