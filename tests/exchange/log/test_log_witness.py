"""The second department signs only what continues what it signed; receipts need no one's help."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songhua.exchange.log import tree
from songhua.exchange.log.checkpoints import Checkpoint
from songhua.exchange.log.evidence import EvidenceLog
from songhua.exchange.log.keys import generate
from songhua.exchange.log.notes import Note, Signature
from songhua.exchange.log.receipts import Receipt
from songhua.exchange.log.stores import MemoryStore
from songhua.exchange.log.witness import Witness
from songhua.kit.errors import Conflict, InputError

from .conftest import AT, ORIGIN

EVENTS = [f"event {i}".encode() for i in range(12)]


def _log(city, events):
    log = EvidenceLog(MemoryStore(ORIGIN, city.digest), city.key)
    log.append(events)
    return log


def _refused(code, act):
    with pytest.raises((Conflict, InputError)) as error:
        act()
    assert error.value.problems[0].code == code


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 5), max_size=6))
def test_a_growing_log_is_cosigned_at_every_step(plain_city, tmp_path_factory, steps):
    log = _log(plain_city, [])
    state = tmp_path_factory.mktemp("state") / "state.json"
    for step in steps:
        log.append(EVENTS[:step])
        seen = plain_city.witness(state).seen()
        proof = log.consistency(seen.size if seen else 0, log.store.size)
        note = plain_city.witness(state).cosign(log.checkpoint(), proof, AT)
        assert note.verified(plain_city.trusted) == plain_city.trusted
        assert log.cosigned(note, [plain_city.second.public]) == note
        assert log.checkpoint() == note  # the co-signature stays


def test_a_fork_a_shrunk_log_and_a_missing_proof_are_refused(city, tmp_path):
    watching = city.witness(tmp_path / "state.json")
    log = _log(city, EVENTS[:6])
    watching.cosign(log.checkpoint(), [], AT)
    remembered = (tmp_path / "state.json").read_bytes()
    for events in ([*EVENTS[:5], b"rewritten"], [*EVENTS[:5], b"rewritten", *EVENTS[6:]]):
        fork = _log(city, events)
        proof = fork.consistency(6, len(events))
        _refused("witness_fork", lambda f=fork, p=proof: watching.cosign(f.checkpoint(), p, AT))
    short = _log(city, EVENTS[:5])
    _refused("witness_shrunk", lambda: watching.cosign(short.checkpoint(), [], AT))
    log.append(EVENTS[6:])
    _refused("witness_fork", lambda: watching.cosign(log.checkpoint(), [], AT))
    assert (tmp_path / "state.json").read_bytes() == remembered
    watching.cosign(log.checkpoint(), log.consistency(6, 12), AT)
    assert watching.seen() == Checkpoint.of(log.checkpoint())


def test_only_the_logs_own_signature_is_cosigned(city, tmp_path):
    watching = city.witness(tmp_path / "state.json")
    text = Checkpoint(ORIGIN, 0, tree.Hasher(city.digest).empty()).text()
    impostor = generate(ORIGIN, city.key.public.kind)
    _refused("log_not_signed", lambda: watching.cosign(Note(text).signed(impostor), [], AT))
    other = Checkpoint("other", 0, bytes(32)).text()
    _refused("log_not_signed", lambda: watching.cosign(Note(other).signed(city.key), [], AT))
    sound = Note(text).signed(city.key)
    forged = Note(text.replace("\n0\n", "\n1\n"), sound.signatures)
    _refused("note_wrong_signature", lambda: watching.cosign(forged, [], AT))
    assert watching.seen() is None
    _refused("witness_key", lambda: Witness(city.key, city.key.public, tmp_path / "s"))


def test_a_wrong_cosignature_is_not_kept(plain_city, tmp_path):
    log = _log(plain_city, EVENTS)
    note = plain_city.witness(tmp_path / "state.json").cosign(log.checkpoint(), [], AT)
    last = note.signatures[-1]
    bad = Signature(last.name, last.key_id, last.value[:-1] + bytes([last.value[-1] ^ 1]))
    forged = Note(note.text, (*note.signatures[:-1], bad))
    _refused("note_wrong_signature", lambda: log.cosigned(forged, plain_city.trusted))
    lone = Note(note.text, note.signatures[1:])
    _refused("log_not_signed", lambda: log.cosigned(lone, plain_city.trusted))
    assert len(log.checkpoint().signatures) == 1


def test_a_store_keeps_one_text_for_a_size(plain_city):
    log, fork = _log(plain_city, EVENTS[:3]), _log(plain_city, EVENTS[3:6])
    log.checkpoint()
    _refused("log_fork", lambda: log.store.keep(fork.checkpoint()))


def test_every_entry_has_a_receipt_that_anybody_can_check(city, tmp_path):
    log = _log(city, EVENTS)
    note = city.witness(tmp_path / "state.json").cosign(log.checkpoint(), [], AT)
    for index, event in enumerate(EVENTS):
        receipt = log.receipt(index, note)
        again = Receipt.parse(receipt.encode())
        assert again == receipt
        assert again.verify(event, city.trusted).size == 12
        _refused("receipt_wrong", lambda r=again: r.verify(b"another event", city.trusted))
    lone = log.receipt(3, log.checkpoint())
    assert lone.verify(EVENTS[3], [city.key.public])
    _refused("log_cosignature_missing", lambda: lone.verify(EVENTS[3], city.trusted))
    _refused("log_not_signed", lambda: log.receipt(3, note).verify(EVENTS[3], city.trusted[1:]))
    _refused("log_not_signed", lambda: lone.verify(EVENTS[3], []))


def test_every_altered_byte_of_a_receipt_is_found(plain_city, tmp_path):
    log = _log(plain_city, EVENTS)
    note = plain_city.witness(tmp_path / "state.json").cosign(log.checkpoint(), [], AT)
    sound = log.receipt(7, note).encode().encode()
    for place in range(len(sound)):
        for mask in (1, 0x20):
            bad = bytearray(sound)
            bad[place] ^= mask
            with pytest.raises((InputError, UnicodeDecodeError)):
                Receipt.parse(bytes(bad).decode()).verify(EVENTS[7], plain_city.trusted)


@pytest.mark.parametrize(
    "change", [{"index": True}, {"index": "7"}, {"leaf": 5}, {"proof": None}, {"digest": "md5"}]
)
def test_what_is_no_receipt_is_refused(plain_city, change):
    log = _log(plain_city, EVENTS)
    found = json.loads(log.receipt(1, log.checkpoint()).encode()) | change
    with pytest.raises(InputError):
        Receipt.parse(json.dumps(found, indent=1) + "\n").verify(EVENTS[1], [plain_city.key.public])
