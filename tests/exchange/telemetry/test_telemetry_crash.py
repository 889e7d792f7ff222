"""Whenever a writer ends, a batch is in the store wholly or not at all."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import random
import subprocess
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path

import polars as pl
import pytest

from songhua.exchange.telemetry import files, manifest, upkeep

M, N = "supply_c", "回水温度/℃"
HERE = Path(__file__).parent
FIRST = [("甲", M, 1, 1.0), ("乙", N, 30, 2.0)]
SECOND = [("甲", M, 1, 1.0), ("甲", M, 2, 3.0), ("乙", M, 30, 4.0), ("丙", N, 1, 5.0)]
STEPS = [
    (files, "_save"), (os, "fsync"), (manifest, "_count"), (manifest, "_add"), (Path, "unlink"),
    (manifest.Manifest, "publish"), (manifest.Manifest, "replace"),
]  # fmt: skip


class PowerCut(BaseException):
    """The machine stops here."""


@pytest.fixture
def cut(monkeypatch):
    """``with cut(n, late):`` the n-th step of writing, of any kind, is the last; it is done itself
    if `late`. Gives a list that is empty where there were fewer steps."""

    @contextlib.contextmanager
    def cutting(number, late):
        left, met = [number], []

        def wrapped(step):
            def stepping(*args, **kwargs):
                left[0] -= 1
                if left[0] == 0 and not late:
                    met.append(step)
                    raise PowerCut
                mine = left[0] == 0
                result = step(*args, **kwargs)
                if mine:
                    met.append(step)
                    raise PowerCut
                return result

            return stepping

        with monkeypatch.context() as patched:
            for owner, name in STEPS:
                patched.setattr(owner, name, wrapped(getattr(owner, name)))
            with contextlib.suppress(PowerCut):
                yield met

    return cutting


def _expected(town, *batches):
    return {(d, m, town.now - timedelta(hours=h)): v for rows in batches for d, m, h, v in rows}


def _on_disk(town):
    return set(town.folder.rglob("*.parquet"))


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("reopened", [False, True])
def test_a_batch_cut_off_at_any_step_is_there_wholly_or_not(make_town, cut, late, reopened):
    for number in count(1):
        town = make_town()
        store = town.open()
        store.write(town.batch(*FIRST))
        with cut(number, late) as met:
            store.write(town.batch(*SECOND))
        if reopened:
            store.close()
            store = town.open()
            assert _on_disk(town) == set(town.reader.files())
        old, new = _expected(town, FIRST), _expected(town, FIRST, SECOND)
        assert town.stored() in (old, new)
        store.write(town.batch(*SECOND))
        assert town.stored() == new
        assert town.reader.counts()["stored"] == len(new)
        store.close()
        if not met:
            break
    assert number > 10


@pytest.mark.parametrize("late", [False, True])
def test_a_merge_cut_off_at_any_step_changes_no_reading(make_town, cut, late):
    for number in count(1):
        town = make_town()
        store = town.open()
        for hours in range(3):
            store.write(town.batch(("甲", M, hours, 1.0), ("甲", N, hours, 1.0)))
        before = town.stored()
        with cut(number, late) as met:
            upkeep.compact(store, before=town.now.date() + timedelta(days=1))
            town.now += 2 * manifest.GRACE
            store.manifest.sweep(town.now)
        assert town.stored() == before
        store.close()
        with town.open() as store:
            assert store.write(town.batch(("甲", M, 31, 1.0))).stored == 1
            upkeep.compact(store, before=town.now.date() + timedelta(days=1))
            town.now += 2 * manifest.GRACE
            store.manifest.sweep(town.now)
        assert len(town.stored()) == len(before) + 1
        assert _on_disk(town) == set(town.reader.files())
        if not met:
            break
    assert number > 10


@pytest.mark.slow
def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path):
    """Killed at random moments; each next writer begins two batches before the last one told."""
    rng, folder, told = random.Random(7), tmp_path / "telemetry", -1
    spec = importlib.util.spec_from_file_location("writer", HERE / "writer.py")
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, str(HERE / "writer.py"), str(folder), str(max(0, told - 1))],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        begun = [int(process.stdout.readline()) for _ in range(3)]
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(rng.uniform(0.05, 1.0))
        process.kill()
        lines = process.communicate()[0].splitlines(keepends=True)
        told = max([*begun, *(int(line) for line in lines if line.endswith("\n"))])
    with writer.TelemetryStore(folder, writer.REGISTRY) as store:
        held = pl.concat([pl.read_parquet(folder / f.path) for f in store.manifest.files()])
    key = ["device_id", "metric", "ts_utc"]
    assert held.select(key).is_duplicated().sum() == 0
    for whole in (told + 1, told + 2):
        expected = pl.concat([writer.batch(n) for n in range(whole)]).unique(key, keep="first")
        if held.height == expected.height:
            break
    assert held.select(*key, "value").sort(key).equals(expected.select(*key, "value").sort(key))
    assert told >= 8
