"""Readings from an MQTT broker into a store: each message is acknowledged after its commit.

The session outlives the connection, so the broker keeps what is not acknowledged and sends it
again; what was stored meanwhile is then a duplicate. At-least-once delivery and a store that keeps
a reading once make exactly once. The broker holds back when `RECEIVE_MAXIMUM` messages wait for
their acknowledgement. All is done in one thread: listen, decode, commit, acknowledge.

A broker may lose what it has told a publisher that it has. A publisher that asks for a receipt
(MQTT 5: response topic and correlation data) gets an empty message with the same correlation data
when its readings are stored, and sends again what has none.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from songhua.exchange.telemetry import upkeep
from songhua.exchange.telemetry.batch import Batch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import paho.mqtt.client as mqtt

    from songhua.exchange.telemetry.store import TelemetryStore

RECEIVE_MAXIMUM = 4000
"""Messages that the broker sends ahead of their acknowledgement; half of them make a batch."""
SESSION = timedelta(days=7)
"""How long the broker keeps messages for an intake that is away."""
ROWS = 50_000
"""Readings that make a batch."""
DELAY = timedelta(seconds=1)
"""The longest that a reading waits for its batch to fill."""
_LISTEN_S = 0.02
_AGAIN_S = 0.5
_COMPACT_EVERY = 32


@dataclass(frozen=True)
class Stats:
    """Since the intake began: messages and readings received, what `Commit` counts, commits, and
    the seconds from the arrival of the newest batch's first message to its commit."""

    messages: int
    received: int
    stored: int
    duplicates: int
    late: int
    flagged: int
    rejected: dict[str, int]
    commits: int
    lag_s: float


class MqttIntake:
    """Listens at `host` for `topics` and writes to `store`, which it does not close.

    `client_id` names the session: keep it the same from one start to the next. Metrics named in
    `retention_days` are kept for as many days, the others for ever.
    """

    def __init__(
        self,
        store: TelemetryStore,
        host: str,
        port: int,
        topics: Sequence[str],
        *,
        client_id: str = "songhua-telemetry",
        rows: int = ROWS,
        delay: timedelta = DELAY,
        retention_days: Mapping[str, int] | None = None,
    ) -> None:
        self._store, self._address, self._topics = store, (host, port), list(topics)
        self._retention_days, self._kept_up = retention_days or {}, date.min
        self._rows, self._delay_s = rows, delay.total_seconds()
        self._client = _client(client_id)
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_message = self._arrived
        self.listening = False
        """Whether the broker has said that it will send the topics."""
        self._batch = Batch()
        self._stopping = False
        self._totals: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self._lag_s = 0.0

    @property
    def client(self) -> mqtt.Client:
        """The client, to give it a name and password or TLS before `run`."""
        return self._client

    @property
    def stats(self) -> Stats:
        """What has been done so far."""
        names = ("messages", "received", "stored", "duplicates", "late", "flagged", "commits")
        totals = {name: self._totals[name] for name in names}
        return Stats(**totals, rejected=dict(self._rejected), lag_s=self._lag_s)

    @property
    def waiting(self) -> int:
        """Messages taken in that are not stored yet."""
        return len(self._batch.sizes)

    def stop(self) -> None:
        """Ask `run` to end, from another thread or a signal handler."""
        self._stopping = True

    def run(self) -> None:
        """Listen until `stop`, through every loss of the connection; then commit what is there.

        What the store raises ends the run: nothing of that batch is acknowledged.
        """
        connected = False
        while not self._stopping:
            if not connected:
                connected = self._connect()
            elif self._client.loop(_LISTEN_S) != 0:
                self._commit()  # to acknowledge it is too late: the broker will send it again
                connected = self.listening = False
            elif self._batch.due(self._rows, RECEIVE_MAXIMUM // 2, self._delay_s):
                self._commit()
            if not connected:
                time.sleep(_AGAIN_S)
        self._commit()
        self._client.disconnect()
        self.listening = False

    def _connect(self) -> bool:
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        wishes = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        wishes.SessionExpiryInterval = int(SESSION.total_seconds())
        wishes.ReceiveMaximum = RECEIVE_MAXIMUM
        try:
            self._client.connect(*self._address, clean_start=False, properties=wishes)
        except OSError:
            return False
        return True

    def _connected(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe([(topic, 1) for topic in self._topics])

    def _subscribed(self, *_: Any) -> None:
        self.listening = True

    def _arrived(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self._batch.add(message, self._store.clock())

    def _commit(self) -> None:
        """Store the batch, then acknowledge its messages and give the receipts asked for."""
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        batch, self._batch = self._batch, Batch()
        if not batch.sizes:
            return
        commit = self._store.write(batch.frame(), batch.rejections)
        for mid in batch.unacknowledged:
            self._client.ack(mid, 1)
        for topic, correlation in batch.receipts:
            answer = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            answer.CorrelationData = correlation
            self._client.publish(topic, properties=answer)
        self._lag_s = time.monotonic() - batch.begun
        self._totals.update(
            messages=len(batch.sizes), received=len(batch.readings), stored=commit.stored,
            duplicates=commit.duplicates, late=commit.late, flagged=commit.flagged, commits=1,
        )  # fmt: skip
        self._rejected.update(commit.rejected)
        self._keep_up()

    def _keep_up(self) -> None:
        """Merge the days that are over and let old ones go, once a day; merge small files often."""
        today = self._store.clock().date()
        if today != self._kept_up:
            upkeep.compact(self._store, before=today)
            upkeep.retain(self._store, self._retention_days)
            self._kept_up = today
        elif self._totals["commits"] % _COMPACT_EVERY == 0:
            upkeep.compact(self._store)


def _client(client_id: str) -> mqtt.Client:
    import paho.mqtt.client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion

    return mqtt.Client(
        CallbackAPIVersion.VERSION2, client_id, protocol=mqtt.MQTTv5, manual_ack=True
    )
