"""A log on disk keeps what it acknowledged, cuts what broke off, and has one writer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songhua.exchange.log import files, folder, tree
from songhua.exchange.log.evidence import EvidenceLog
from songhua.exchange.log.files import FileStore, Recovery
from songhua.exchange.log.keys import generate
from songhua.exchange.log.records import HEAD, LIMIT
from songhua.exchange.log.stores import MemoryStore
from songhua.kit.errors import Conflict, InputError

from .conftest import AT

EVENTS = [f"事件 {i}".encode() * (i % 4) for i in range(9)]


def _written(path, events=EVENTS, digest="sha256"):
    folder.create(path, "o", digest)
    with FileStore(path, write=True) as store:
        store.append(events)
    return path


def _codes(error):
    return {problem.code for problem in error.value.problems}


def _root(events):
    memory = MemoryStore("o")
    memory.append(events)
    return tree.root(memory, len(events))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(st.binary(max_size=30), max_size=8), max_size=5), st.integers(1, 4))
def test_disk_and_memory_are_the_same_log(tmp_path_factory, monkeypatch, batches, size):
    monkeypatch.setattr(files, "BATCH", size)
    path = tmp_path_factory.mktemp("logs") / "log"
    folder.create(path, "o", "sm3")
    memory = MemoryStore("o", "sm3")
    for batch in batches:
        with FileStore(path, write=True) as store, FileStore(path) as reader:
            assert store.append(batch) == memory.append(batch)
            assert store.recovery == Recovery(0, 0)
            assert reader.size == store.size == memory.size
            for index in range(memory.size):
                assert reader.entry(index) == memory.entry(index)
                proof = tree.inclusion(memory, index, memory.size)
                assert tree.inclusion(reader, index, memory.size) == proof
            for n in range(memory.size + 1):
                assert tree.root(reader, n) == tree.root(memory, n)


@pytest.mark.parametrize("indexed", [True, False])
def test_a_last_record_cut_at_any_byte_is_taken_away_and_told(tmp_path, indexed):
    """Cut before it was acknowledged (no index rows yet), and after (a disk that lied)."""
    whole = _written(tmp_path / "whole")
    with FileStore(whole) as store:
        start, end = store.end(8), store.end(9)
    for cut in range(start, end):
        path = tmp_path / f"cut-{cut}"
        shutil.copytree(whole, path)
        os.truncate(path / "entries", cut)
        if not indexed:
            os.truncate(path / "index", tree.rows(8) * files.ROW.size)
        with FileStore(path, write=True) as store:
            assert store.recovery == Recovery(cut - start, int(indexed))
            assert store.size == 8
            assert tree.root(store, 8) == _root(EVENTS[:8])
            store.append(EVENTS[8:])
            assert tree.root(store, 9) == _root(EVENTS)
        torn = list(path.glob("torn-*"))
        assert [t.read_bytes() for t in torn] == (
            [(whole / "entries").read_bytes()[start:cut]] if cut > start else []
        )


def test_an_index_cut_at_any_byte_is_made_again(tmp_path):
    path = _written(tmp_path / "log")
    whole = (path / "index").read_bytes()
    for cut in range(len(whole)):
        os.truncate(path / "index", cut)
        with FileStore(path, write=True) as store:
            assert store.recovery == Recovery(0, 0)
        assert (path / "index").read_bytes() == whole


@pytest.mark.parametrize("tail", [b"\0" * 200, b"\xff" * 200, HEAD.pack(3, 7) + b"abc", b"\0"])
def test_a_tail_that_is_no_record_is_cut(tmp_path, tail):
    path = _written(tmp_path / "log")
    with (path / "entries").open("ab") as stream:
        stream.write(tail)
    with FileStore(path, write=True) as store:
        assert store.recovery == Recovery(len(tail), 0)
        assert tree.root(store, 9) == _root(EVENTS)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data, start: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data, start: data[:start] + b"\xff" + data[start + 1 :],  # a length beyond the end
        lambda data, start: data[:start] + b"\0" * (len(data) - start),
        lambda data, start: data[: start // 2],
    ],
)
def test_acknowledged_entries_that_changed_stop_the_writer_and_are_not_cut(
    tmp_path, monkeypatch, spoil
):
    monkeypatch.setattr(files, "BATCH", 4)
    path = _written(tmp_path / "log")
    with FileStore(path) as store:
        start = store.end(7)
    spoilt = spoil((path / "entries").read_bytes(), start)
    (path / "entries").write_bytes(spoilt)
    with pytest.raises(Conflict) as error:
        FileStore(path, write=True)
    assert _codes(error) == {"log_damaged"}
    assert (path / "entries").read_bytes() == spoilt


def test_a_second_process_cannot_write_but_can_read(tmp_path):
    path = _written(tmp_path / "log")
    program = (
        "import sys; from pathlib import Path; from songhua.exchange.log.files import FileStore\n"
        "from songhua.kit.errors import Conflict\n"
        "print(FileStore(Path(sys.argv[1])).size)\n"
        "try: FileStore(Path(sys.argv[1]), write=True); print('free')\n"
        "except Conflict as error: print(error.problems[0].code)\n"
    )

    def other():
        command = [sys.executable, "-c", program, str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    with FileStore(path, write=True) as store:
        assert other() == ["9", "log_in_use"]
        with pytest.raises(Conflict):
            FileStore(path, write=True)
        store.append([b"still mine"])
    assert other() == ["10", "free"]


def test_entries_acknowledged_before_a_kill_are_there_after_it(tmp_path):
    path = tmp_path / "log"
    folder.create(path, "o")
    program = (
        "import sys; from pathlib import Path; from songhua.exchange.log.files import FileStore\n"
        "store = FileStore(Path(sys.argv[1]), write=True)\n"
        "while True: print(store.append([b'x' * 100] * 50).stop, flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE) as at:
        told = [int(at.stdout.readline()) for _ in range(20)]
        at.kill()
        told += [int(line) for line in at.stdout]
    with FileStore(path, write=True) as store:
        assert store.size >= told[-1]
        assert tree.root(store, store.size) == _root([b"x" * 100] * store.size)


def test_a_reader_cannot_write_and_a_log_is_begun_once(tmp_path):
    path = _written(tmp_path / "log")
    with FileStore(path) as reader, pytest.raises(RuntimeError):
        reader.append([b""])
    with pytest.raises(Conflict) as error:
        folder.create(path, "o")
    assert _codes(error) == {"log_exists"}


def test_an_entry_that_is_too_large_is_refused_and_nothing_is_kept(tmp_path):
    folder.create(tmp_path / "log", "o")
    with FileStore(tmp_path / "log", write=True) as store:
        with pytest.raises(InputError):
            store.append([b"fits", bytes(LIMIT + 1)])
        assert store.size == 0
        store.append([b"next"])
        assert store.entry(0) == b"next"


def test_a_log_that_fell_behind_its_checkpoint_signs_no_more(tmp_path):
    key, path = generate("o", "ed25519"), _written(tmp_path / "log")
    with FileStore(path, write=True) as store:
        log = EvidenceLog(store, key)
        log.checkpoint()
        cut = store.end(8)
    os.truncate(path / "entries", cut)
    with FileStore(path, write=True) as store:
        assert store.recovery.lost_entries == 1
        with pytest.raises(Conflict) as error:
            EvidenceLog(store, key)
        assert _codes(error) == {"log_behind"}
        store.append([b"another event"])
        with pytest.raises(Conflict):
            EvidenceLog(store, key)


def test_the_key_of_another_does_not_sign(tmp_path):
    for key in (generate("other", "ed25519"), generate("o", "ed25519_cosignature")):
        with pytest.raises(InputError):
            EvidenceLog(MemoryStore("o"), key)


def test_rows_follow_one_another_without_a_gap():
    places = sorted(tree.row(level, index) for level in range(6) for index in range(32 >> level))
    assert places == list(range(tree.rows(32)))


def test_of_the_checkpoints_the_last_of_each_day_and_the_cosigned_are_kept(plain_city, tmp_path):
    log = plain_city.open(plain_city.begin(tmp_path / "log"))
    watching, notes = plain_city.witness(tmp_path / "state"), tmp_path / "log" / "checkpoints"

    def sizes():
        return sorted(int(path.stem) for path in notes.glob("*.note"))

    def grown(by):
        for _ in range(by):
            log.append([b"event"])
            note = log.checkpoint()
        return note

    def cosign(note, proof=()):
        log.cosigned(watching.cosign(note, proof, AT), [plain_city.second.public])

    cosign(grown(3))
    assert sizes() == [3]
    passed = grown(1)
    grown(2)
    assert sizes() == [3, 6]
    yesterday = time.time() - 86_400
    os.utime(folder.note_path(tmp_path / "log", 6), (yesterday, yesterday))
    grown(3)
    assert sizes() == [3, 6, 9]
    cosign(passed, log.consistency(3, 4))  # it comes back for the witness's signature
    assert sizes() == [3, 4, 6, 9]
    log.store.close()
