"""Messages of readings on their way from the broker into a commit."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from songhua.exchange.telemetry import decoding
from songhua.exchange.telemetry.rejections import Rejections

if TYPE_CHECKING:
    from datetime import datetime

    import paho.mqtt.client as mqtt


@dataclass
class Batch:
    """Readings and the messages that brought them, not stored yet."""

    readings: list[Any] = field(default_factory=list)
    arrivals: list[datetime] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    unacknowledged: list[int] = field(default_factory=list)
    receipts: list[tuple[str, bytes]] = field(default_factory=list)
    rejections: Rejections = field(default_factory=Rejections)
    begun: float = 0.0

    def add(self, message: mqtt.MQTTMessage, at: datetime) -> None:
        """Take in a message that came `at`; what cannot be read is refused, and done with."""
        self.begun = self.begun or time.monotonic()
        if message.qos:
            self.unacknowledged.append(message.mid)
        topic = getattr(message.properties, "ResponseTopic", "")
        if topic and not set("+#") & set(topic):  # nothing can be published to a pattern
            self.receipts.append((topic, getattr(message.properties, "CorrelationData", b"")))
        found = decoding.objects(bytes(message.payload))
        if found is None:
            shown = message.payload[:80].decode(errors="replace")
            self.rejections.add("reading_not_json", message.topic, shown)
        self.readings += found or []
        self.arrivals.append(at)
        self.sizes.append(len(found or []))

    def due(self, rows: int, messages: int, delay_s: float) -> bool:
        """Whether it holds as many readings or messages, or has waited as long."""
        full = len(self.readings) >= rows or len(self.unacknowledged) >= messages
        return full or (bool(self.sizes) and time.monotonic() - self.begun >= delay_s)

    def frame(self) -> pl.DataFrame:
        """The readings as columns."""
        dtype = decoding.READING["received_at"]
        arrivals = pl.Series(self.arrivals, dtype=dtype).to_physical().to_numpy()
        received_at = pl.Series(np.repeat(arrivals, self.sizes)).cast(dtype)
        return decoding.frame(self.readings, received_at, self.rejections)
