"""Whoever alters an exported log is found, with the place; a sound one is found sound."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songhua.cli import main
from songhua.exchange.log import folder
from songhua.exchange.log.checkpoints import Checkpoint
from songhua.exchange.log.differences import differences
from songhua.exchange.log.export import export, import_log
from songhua.exchange.log.files import FileStore
from songhua.exchange.log.keys import generate
from songhua.exchange.log.records import packed, records
from songhua.exchange.log.verification import verify
from songhua.kit.errors import Conflict, InputError
from songhua.kit.messages import catalogue

EVENTS = [f"事件 {i}".encode() for i in range(8)]
NEWEST = f"{8:020d}.note"


@pytest.fixture(scope="module")
def sound(city, tmp_path_factory):
    return city.exported(tmp_path_factory.mktemp("sound"), EVENTS[:3], EVENTS[3:])


@pytest.fixture
def copy(sound, tmp_path):
    return shutil.copytree(sound, tmp_path / "copy")


def _said(findings):
    for finding in findings:
        assert finding.code in catalogue()
        for language in ("zh", "en"):
            assert "{" not in finding.text(language)
    return [(finding.code, finding.where) for finding in findings]


def _entries(path):
    with (path / "entries").open("rb") as stream:
        return [entry for entry, _ in records(stream)]


def _rewrite(path, entries):
    (path / "entries").write_bytes(b"".join(map(packed, entries)))


def test_a_sound_export_has_no_findings(city, sound, copy):
    assert verify(sound, city.trusted) == []
    old = shutil.copy(sound / "checkpoints" / f"{3:020d}.note", copy.parent / "kept.note")
    assert verify(sound, city.trusted, [old]) == []


def test_what_was_done_to_the_entries_is_told_entry_by_entry(city, copy):
    e = EVENTS
    cases = [
        ([*e[:4], b"other", *e[5:]], [("log_changed", "entries 4")]),
        ([*e[:2], b"x", b"y", *e[4:]], [("log_changed", "entries 2–3")]),
        (e[:5] + e[6:], [("log_removed", "entries 5")]),
        (e[2:], [("log_removed", "entries 0–1")]),
        ([*e[:6], b"new", *e[6:]], [("log_inserted", "entries 6")]),
        ([*e, b"new"], [("log_uncovered", "entries 8")]),
        ([e[0], e[2], e[1], *e[3:]], [("log_moved", "entries 1–2")]),
        (e[:7], [("log_removed", "entries 7")]),
        ([], [("log_removed", "entries 0–7")]),
    ]
    for entries, told in cases:
        _rewrite(copy, entries)
        assert _said(verify(copy, city.trusted)) == told


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([*EVENTS[:5], b"other", *EVENTS[6:]], [("log_root_differs", "entries 3–7")]),
        ([b"other", *EVENTS[1:]], [("log_root_differs", "entries 0–2")]),
        (EVENTS[:6], [("log_short", "entries 6–7")]),
        (EVENTS[1:6], [("log_root_differs", "entries 0–2"), ("log_short", "entries 5–7")]),
        (EVENTS[:2], [("log_short", "entries 2–7")]),
        ([], [("log_short", "entries 0–7")]),
    ],
)
def test_where_the_index_is_rewritten_too_the_span_is_told(city, copy, entries, told):
    """Somebody who owns the store changes entries and has everything derived made anew."""
    _rewrite(copy, entries)
    (copy / "index").unlink()
    FileStore(copy, write=True).close()
    assert _said(verify(copy, city.trusted)) == told


def test_a_rollback_is_found_by_a_checkpoint_kept_elsewhere(city, copy, sound):
    kept = shutil.copy(copy / "checkpoints" / NEWEST, copy.parent / "kept.note")
    (copy / "checkpoints" / NEWEST).unlink()
    _rewrite(copy, EVENTS[:3])
    (copy / "index").unlink()
    FileStore(copy, write=True).close()
    assert verify(copy, city.trusted) == []  # by itself it is a sound log of three entries
    assert _said(verify(copy, city.trusted, [kept])) == [("log_short", "entries 3–7")]


def test_a_fork_is_told_even_where_each_side_is_sound(city, tmp_path):
    one = city.exported(tmp_path / "one", EVENTS[:3], EVENTS[3:])
    two = city.exported(tmp_path / "two", [*EVENTS[:2], b"other"], EVENTS[3:])
    for events in (one, two):
        assert verify(events, city.trusted) == []
    small, large = (two / "checkpoints" / f"{size:020d}.note" for size in (3, 8))
    for kept, size in ((small, "3"), (large, "8")):
        findings = verify(one, city.trusted, [kept])
        assert [(f.code, f.value) for f in findings] == [("log_forked", size)]


def test_missing_and_wrong_signatures_are_told(city, copy):
    path = copy / "checkpoints" / NEWEST
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), "utf-8")
    assert _said(verify(copy, city.trusted)) == [("log_cosignature_missing", NEWEST)]
    assert verify(copy, [city.key.public]) == []
    path.write_text("".join(lines[:-2] + lines[-1:]), "utf-8")
    assert ("log_not_signed", NEWEST) in _said(verify(copy, city.trusted))
    path.write_text("".join(lines).replace("\n8\n", "\n7\n"), "utf-8")
    wrong = _said(verify(copy, city.trusted))
    assert wrong.count(("note_wrong_signature", NEWEST)) == 2
    shutil.rmtree(copy / "checkpoints")
    assert _said(verify(copy, city.trusted)) == [("log_no_checkpoint", "checkpoints")]


def test_keys_are_the_readers_not_the_exports(city, copy):
    stranger = generate(city.key.public.name, city.key.public.kind)
    told = _said(verify(copy, [stranger.public]))
    assert ("log_not_signed", NEWEST) in told
    assert "log_key_differs" in {code for code, _ in told}
    assert _said(verify(copy, [city.second.public]))[0][0] == "log_key_missing"


def test_missing_files_are_told(city, copy):
    for name in ("entries", "index", "log.json"):
        shutil.copy(copy / name, copy.parent / name)
        (copy / name).unlink()
        assert {code for code, _ in _said(verify(copy, city.trusted))} == {"log_file_unreadable"}
        shutil.copy(copy.parent / name, copy / name)
    assert verify(copy, city.trusted) == []


def test_every_byte_of_an_export_counts(plain_city, tmp_path):
    path = plain_city.exported(tmp_path, EVENTS[:3])
    for file in [each for each in path.rglob("*") if each.is_file()]:
        whole = file.read_bytes()
        # The line break that ends a key's line says nothing.
        for place in range(len(whole) - (file.suffix == ".vkey")):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            assert verify(path, plain_city.trusted), (file.name, place)
        file.write_bytes(whole)
    assert verify(path, plain_city.trusted) == []


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_altered_removed_or_added_byte_is_found(plain_city, tmp_path_factory, data):
    base = tmp_path_factory.getbasetemp() / "bytes"
    if not base.exists():
        plain_city.exported(base, EVENTS)
    files = sorted(p for p in (base / "export").rglob("*") if p.is_file())
    path = data.draw(st.sampled_from(files))
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(1, 255))
    act = data.draw(st.sampled_from(["alter", "remove", "add", "cut"]))
    middle = {
        "alter": bytes([whole[place] ^ byte]),
        "add": whole[place : place + 1] + bytes([byte]),
    }
    bad = whole[:place] + middle.get(act, b"") + (b"" if act == "cut" else whole[place + 1 :])
    path.write_bytes(bad)
    try:
        # Only a last line break of a key file says nothing.
        assert bad.strip() == whole.strip() or _said(verify(base / "export", plain_city.trusted))
    finally:
        path.write_bytes(whole)


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from("abcdef"), max_size=8), st.lists(st.sampled_from("abcdef"), max_size=8)
)
def test_lists_that_differ_are_never_called_equal(signed, found):
    old, new = ([each.encode() for each in texts] for texts in (signed, found))
    told = list(differences(old, new))
    assert bool(told) == (old != new)
    for change, first, last in told:
        assert 0 <= first <= last < len(new if change == "log_inserted" else old)


@given(st.lists(st.binary(max_size=2), unique=True, max_size=9), st.data())
def test_one_change_is_told_as_that_change(entries, data):
    place = data.draw(st.integers(0, len(entries)))
    told = list(differences(entries, [*entries[:place], b"new", *entries[place:]]))
    assert told == [("log_inserted", place, place)]
    if place < len(entries):
        told = list(differences(entries, entries[:place] + entries[place + 1 :]))
        assert told == [("log_removed", place, place)]
        told = list(differences(entries, [*entries[:place], b"new", *entries[place + 1 :]]))
        assert told == [("log_changed", place, place)]


def test_an_export_ends_at_the_newest_checkpoint(city, tmp_path):
    log = city.open(city.begin(tmp_path / "log"))
    with pytest.raises(InputError):
        export(log.store, tmp_path / "export", city.trusted)
    log.append(EVENTS[:5])
    log.checkpoint()
    log.append(EVENTS[5:])
    assert export(log.store, tmp_path / "export", city.trusted).size == 5
    log.store.close()
    assert _entries(tmp_path / "export") == EVENTS[:5]
    assert verify(tmp_path / "export", [city.key.public]) == []


def test_an_import_goes_on_where_the_export_ended(city, sound, copy, tmp_path):
    import_log(sound, tmp_path / "new", city.trusted)
    log = city.open(tmp_path / "new")
    assert list(log.append([b"more"])) == [8]
    before, after = (Checkpoint.of(n).size for n in (log.store.newest(), log.checkpoint()))
    assert (before, after) == (8, 9)
    log.store.close()
    with pytest.raises(Conflict):
        import_log(sound, tmp_path / "new", city.trusted)
    _rewrite(copy, EVENTS[:-1])
    with pytest.raises(InputError) as error:
        import_log(copy, tmp_path / "refused", city.trusted)
    assert error.value.problems[0].code == "log_removed"
    assert not (tmp_path / "refused").exists()


def test_the_command_says_what_it_found(city, copy, capsys):
    folder.write_keys(copy.parent / "trusted", city.trusted)
    keys = [f"--key={path}" for path in (copy.parent / "trusted").iterdir()]
    assert main(["log", "verify", str(copy), *keys]) == 0
    assert main(["log", "verify", str(copy)]) == 0
    assert "--key" in capsys.readouterr().err
    kept = shutil.copy(copy / "checkpoints" / NEWEST, copy.parent / "kept.note")
    _rewrite(copy, EVENTS[:-1])
    assert main(["log", "verify", str(copy), *keys, "--checkpoint", str(kept)]) == 1
    shown = capsys.readouterr().out
    assert "entries 7" in shown
    assert "已被删除" in shown
    assert "It was removed" in shown
    assert main(["log", "verify", str(copy), "--key", str(copy / "nothing")]) == 1
