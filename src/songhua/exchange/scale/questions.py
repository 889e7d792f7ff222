"""Questions about readings, each one function: tables in, table out.

`readings` has device_id, metric, ts_us (microseconds since 1970 in UTC), value, quality (0: good);
`devices` has device_id, district, expected_s (seconds between two readings).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ibis.expr.types import IntegerColumn, IntegerValue, Table

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
CITY = 8 * HOUR
"""Civil time of the city is eight hours ahead of UTC, all year."""
COMFORT_C = 18.0
OUTLYING = 3.0

QUESTIONS: dict[str, Callable[[Table, Table], Table]] = {}


def question(
    made: Callable[[Table, Table], Table],
) -> Callable[[Table, Table], Table]:
    """Enter a question under its name."""
    QUESTIONS[made.__name__] = made
    return made


def start(at: IntegerColumn, length: int, shift: int = 0) -> IntegerValue:
    """The beginning of the stretch of `length` µs that holds `at`; `shift` is the zone's."""
    return at - (at + shift) % length


@question
def hourly(readings: Table, devices: Table) -> Table:
    """Mean, least, most and number by device, metric and hour."""
    hours = readings.mutate(hour_us=start(readings.ts_us, HOUR))
    return hours.group_by("device_id", "metric", "hour_us").agg(
        mean=hours.value.mean(), least=hours.value.min(), most=hours.value.max(), n=hours.count()
    )


@question
def daily_range(readings: Table, devices: Table) -> Table:
    """The spread of each device's values in a civil day."""
    days = readings.mutate(day_us=start(readings.ts_us, DAY, CITY))
    return days.group_by("device_id", "metric", "day_us").agg(
        spread=days.value.max() - days.value.min()
    )


@question
def by_metric(readings: Table, devices: Table) -> Table:
    """How many readings and devices each metric has, and its mean."""
    return readings.group_by("metric").agg(
        n=readings.count(), devices=readings.device_id.nunique(), mean=readings.value.mean()
    )


@question
def by_quality(readings: Table, devices: Table) -> Table:
    """How many readings of each quality a metric has."""
    return readings.group_by("metric", "quality").agg(n=readings.count())


@question
def daily_coverage(readings: Table, devices: Table) -> Table:
    """The share of the expected readings that came in each civil day."""
    days = readings.mutate(day_us=start(readings.ts_us, DAY, CITY))
    counted = days.group_by("device_id", "metric", "day_us").agg(n=days.count())
    joined = counted.join(devices, "device_id")
    # A plain number is a decimal to Spark: what it meets must be a float already.
    heard_s = joined.n.cast("float64") * joined.expected_s.cast("float64")
    return joined.select("device_id", "metric", "day_us", share=heard_s / 86400.0)


@question
def newest(readings: Table, devices: Table) -> Table:
    """The last value of each device and metric."""
    return _nth(readings, newest_first=True)


@question
def oldest(readings: Table, devices: Table) -> Table:
    """The first value of each device and metric."""
    return _nth(readings, newest_first=False)


def _nth(readings: Table, *, newest_first: bool) -> Table:
    import ibis

    order = ibis.desc("ts_us") if newest_first else ibis.asc("ts_us")
    window = ibis.window(group_by=["device_id", "metric"], order_by=order)
    numbered = readings.mutate(nth=ibis.row_number().over(window))
    return numbered.filter(numbered.nth == 0).select("device_id", "metric", "ts_us", "value")


@question
def steps(readings: Table, devices: Table) -> Table:
    """By how much each reading differs from the one before."""
    before = _before(readings)
    return before.filter(before.before_us.notnull()).select(
        "device_id", "metric", "ts_us", step=before.value - before.before
    )


def _before(readings: Table) -> Table:
    import ibis

    window = ibis.window(group_by=["device_id", "metric"], order_by="ts_us")
    return readings.mutate(
        before=readings.value.lag().over(window), before_us=readings.ts_us.lag().over(window)
    )


@question
def gaps(readings: Table, devices: Table) -> Table:
    """Where more than twice the expected time passed without a reading."""
    joined = _before(readings).join(devices, "device_id")
    silent = joined.ts_us - joined.before_us
    return joined.filter(silent > 2 * joined.expected_s * SECOND).select(
        "device_id", "metric", from_us=joined.before_us, silent_us=silent
    )


@question
def longest_gap(readings: Table, devices: Table) -> Table:
    """The longest time without a reading."""
    before = _before(readings)
    return before.group_by("device_id", "metric").agg(
        silent_us=(before.ts_us - before.before_us).max()
    )


@question
def rolling_mean(readings: Table, devices: Table) -> Table:
    """The mean of each reading and the eleven before it."""
    import ibis

    window = ibis.window(group_by=["device_id", "metric"], order_by="ts_us", preceding=11,
                         following=0)  # fmt: skip
    return readings.select("device_id", "metric", "ts_us", mean=readings.value.mean().over(window))


@question
def cumulated(readings: Table, devices: Table) -> Table:
    """The sum of all values up to each reading."""
    import ibis

    window = ibis.cumulative_window(group_by=["device_id", "metric"], order_by="ts_us")
    return readings.select("device_id", "metric", "ts_us", total=readings.value.sum().over(window))


@question
def ranked(readings: Table, devices: Table) -> Table:
    """Devices in the order of their mean, of equal ones by name, the first ten."""
    import ibis

    means = readings.group_by("metric", "device_id").agg(mean=readings.value.mean())
    window = ibis.window(group_by="metric", order_by=[ibis.desc("mean"), "device_id"])
    placed = means.mutate(place=ibis.row_number().over(window))
    return placed.filter(placed.place < 10)


@question
def outliers(readings: Table, devices: Table) -> Table:
    """Readings further from their device's mean than three standard deviations."""
    means = readings.group_by("device_id", "metric").agg(
        mean=readings.value.mean(), spread=readings.value.std(how="pop")
    )
    joined = readings.join(means, ["device_id", "metric"])
    away = (joined.value - joined.mean).abs()
    return joined.filter(away > OUTLYING * joined.spread).select(
        "device_id", "metric", "ts_us", "value"
    )


@question
def spread(readings: Table, devices: Table) -> Table:
    """Mean and standard deviation (of the population) by device and metric."""
    return readings.group_by("device_id", "metric").agg(
        mean=readings.value.mean(), spread=readings.value.std(how="pop")
    )


@question
def trend(readings: Table, devices: Table) -> Table:
    """The slope of the least-squares line, per day, from sums (no engine's own function)."""
    first = readings.group_by("device_id", "metric").agg(first_us=readings.ts_us.min())
    joined = readings.join(first, ["device_id", "metric"])
    x = (joined.ts_us - joined.first_us).cast("float64") / float(DAY)
    sums = joined.mutate(x=x).group_by("device_id", "metric")
    moments = sums.agg(
        n=lambda t: t.count(), x=lambda t: t.x.sum(), y=lambda t: t.value.sum(),
        xx=lambda t: (t.x * t.x).sum(), xy=lambda t: (t.x * t.value).sum(),
    )  # fmt: skip
    over = moments.n * moments.xx - moments.x * moments.x
    return moments.filter(over > 0).select(
        "device_id", "metric", slope=(moments.n * moments.xy - moments.x * moments.y) / over
    )


@question
def district_hours(readings: Table, devices: Table) -> Table:
    """The mean of a metric over a district's devices, by hour."""
    joined = readings.join(devices, "device_id")
    hours = joined.mutate(hour_us=start(joined.ts_us, HOUR))
    return hours.group_by("district", "metric", "hour_us").agg(
        mean=hours.value.mean(), devices=hours.device_id.nunique()
    )


@question
def share_cold(readings: Table, devices: Table) -> Table:
    """The share of readings below 18 °C, by device."""
    import ibis

    cold = ibis.ifelse(readings.value < COMFORT_C, 1, 0).cast("float64")
    return readings.group_by("device_id", "metric").agg(share=cold.mean())


@question
def degree_hours(readings: Table, devices: Table) -> Table:
    """Degree hours below 18 °C, each reading standing for its expected time."""
    joined = readings.join(devices, "device_id")
    missing = (COMFORT_C - joined.value).clip(lower=0.0)
    hours = joined.mutate(kelvin_hours=missing * joined.expected_s.cast("float64") / 3600.0)
    return hours.group_by("device_id", "metric").agg(kelvin_hours=hours.kelvin_hours.sum())


@question
def median(readings: Table, devices: Table) -> Table:
    """The lower median: the value that half of the readings do not exceed, exactly."""
    import ibis

    window = ibis.window(group_by=["device_id", "metric"], order_by=["value", "ts_us"])
    whole = ibis.window(group_by=["device_id", "metric"])
    placed = readings.mutate(
        place=ibis.row_number().over(window), n=readings.value.count().over(whole)
    )
    middle = placed.n - 1 - (placed.n - 1) % 2
    return placed.filter(placed.place * 2 == middle).select("device_id", "metric", "value")


@question
def histogram(readings: Table, devices: Table) -> Table:
    """How many values fall into each band of five."""
    bands = readings.mutate(band=(readings.value / 5.0).floor().cast("int64") * 5)
    return bands.group_by("metric", "band").agg(n=bands.count())


@question
def day_profile(readings: Table, devices: Table) -> Table:
    """The mean by hour of the civil day."""
    of_day = (readings.ts_us + CITY) % DAY
    hours = readings.mutate(hour=((of_day - of_day % HOUR) / HOUR).cast("int64"))
    return hours.group_by("metric", "hour").agg(mean=hours.value.mean(), n=hours.count())


@question
def silent_devices(readings: Table, devices: Table) -> Table:
    """Registered devices of which nothing came."""
    return devices.anti_join(readings, "device_id").select("device_id", "district")


@question
def stuck(readings: Table, devices: Table) -> Table:
    """Devices whose value never changed over at least twelve readings."""
    found = readings.group_by("device_id", "metric").agg(
        n=readings.count(), least=readings.value.min(), most=readings.value.max()
    )
    return found.filter((found.n >= 12) & (found.least == found.most)).drop("least", "most")
