"""The saving found in a log: right on average, and inside its interval as often as it says."""

from __future__ import annotations

import numpy as np
import pytest

from songhua.engines.savings.measured import measured_saving
from songhua.kit.errors import InputError


def log(rng, *, saving=0.0, memory=0.5, before=150, after=90, bend_c=8.0, noise=0.04):
    days = before + after
    season = -8 + 12 * np.cos(2 * np.pi * (np.arange(days) - 20) / 180)
    outdoor = season + np.convolve(rng.normal(0, 3, days + 2), np.ones(3) / 1.7, "valid")
    eve = np.concatenate((outdoor[:1], outdoor[:-1]))
    sun = rng.uniform(20, 160, days)
    heat = 300 + 22 * np.maximum(bend_c - outdoor, 0) + 9 * np.maximum(bend_c - eve, 0) - 0.5 * sun
    error = np.zeros(days)
    for day in range(1, days):
        error[day] = memory * error[day - 1] + rng.normal(0, np.sqrt(1 - memory**2))
    later = np.arange(days) >= before
    heat = heat * (1 - saving * later) + noise * heat.mean() * error
    return heat, outdoor, sun, later


def test_without_noise_the_saving_is_found_to_the_digit():
    rng = np.random.default_rng(0)
    found = measured_saving(*log(rng, saving=0.08, noise=0.0, bend_c=60.0))
    assert found.saving == pytest.approx(0.08, abs=1e-9)
    assert found.high - found.low < 1e-6


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(8)
    inside, off = [], []
    for number in range(160):
        saving = (0.0, 0.03, 0.08, 0.15)[number % 4]
        found = measured_saving(*log(rng, saving=saving, memory=(0.0, 0.6)[number // 4 % 2]))
        inside.append(found.low <= saving <= found.high)
        off.append(found.saving - saving)
    assert 0.89 <= np.mean(inside) <= 0.995
    assert abs(np.mean(off)) < 0.005


def test_a_wider_confidence_gives_a_wider_interval_and_more_days_a_narrower():
    rng = np.random.default_rng(4)
    short, long = log(rng, saving=0.05, before=60, after=20), log(rng, saving=0.05)
    wide, narrow = measured_saving(*long, confidence=0.99), measured_saving(*long, confidence=0.8)
    assert wide.high - wide.low > narrow.high - narrow.low
    few, many = measured_saving(*short), measured_saving(*long)
    assert few.high - few.low > many.high - many.low


def test_days_without_readings_are_left_out_and_weather_never_seen_is_told():
    heat, outdoor, sun, later = log(np.random.default_rng(5), saving=0.05)
    heat[[3, 200]] = np.nan
    outdoor[220:] = -60.0
    found = measured_saving(heat, outdoor, sun, later)
    assert (found.days_before, found.days_after) == (149, 89)
    assert found.beyond_share >= 20 / 89


def test_a_log_that_cannot_tell_is_refused():
    heat, outdoor, sun, later = log(np.random.default_rng(6))
    with pytest.raises(InputError):
        measured_saving(heat[:40], outdoor[:40], sun[:40], np.arange(40) > 20)
    with pytest.raises(InputError):
        measured_saving(heat, outdoor, sun, np.zeros(240, bool))
    with pytest.raises(InputError):
        measured_saving(heat, outdoor[1:], sun, later)
    with pytest.raises(InputError):
        measured_saving(heat, outdoor, sun, later, confidence=1.0)
    with pytest.raises(InputError):
        measured_saving(-heat, outdoor, sun, later)
