"""The evidence log as it is handed over, and the second department that co-signs it. What is
exported is checked by a verifier of our own here, written from RFC 6962 and the C2SP notes alone:
it shares nothing with the product but the bytes."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import struct
import zipfile

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import transaction
from django.test import Client

from songhua.cli import main
from songhua.console import clock
from songhua.console.exchange.services import cosigning, evidence, verifying

HEAD = struct.Struct(">II")  # length, CRC-32: a record's head, as the export's format says


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\0" + data).digest()


def tree_hash(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, as it stands there."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return hashlib.sha256(b"\1" + tree_hash(hashes[:k]) + tree_hash(hashes[k:])).digest()


def path_root(index: int, size: int, hashed: bytes, path: list[bytes]) -> bytes:
    """The root to which an audit path leads (RFC 9162, 2.1.3.2)."""
    fn, sn, r = index, size - 1, hashed
    for part in path:
        assert sn > 0
        if fn & 1 or fn == sn:
            r = hashlib.sha256(b"\1" + part + r).digest()
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = hashlib.sha256(b"\1" + r + part).digest()
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return r


def records(data: bytes) -> list[bytes]:
    found, place = [], 0
    while place + HEAD.size <= len(data):
        length, _ = HEAD.unpack_from(data, place)
        found.append(data[place + HEAD.size : place + HEAD.size + length])
        place += HEAD.size + length
    return found


def signed(note: str, key: str) -> tuple[int, bytes] | None:
    """Size and root of a checkpoint, if the owner of `key` (a C2SP verifier line) signed it."""
    name, _, encoded = key.strip().split("+", 2)
    material = base64.b64decode(encoded)
    text, _, lines = note.rpartition("\n\n")
    text += "\n"
    for line in lines.splitlines():
        _, who, value = line.split(" ")
        raw = base64.b64decode(value)[4:]
        said = text.encode()
        if material[0] == 4:  # a witness signs with the time
            (seconds,), raw = struct.unpack(">Q", raw[:8]), raw[8:]
            said = f"cosignature/v1\ntime {seconds}\n".encode() + said
        if who != name:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(material[1:]).verify(raw, said)
        except InvalidSignature:
            return None
        _, size, root, *_ = text.splitlines()
        return int(size), base64.b64decode(root)
    return None


def sound(entries: list[bytes], note: str, keys: list[str]) -> bool:
    """Whether a checkpoint kept elsewhere, signed by all of `keys`, holds of these entries."""
    said = {signed(note, key) for key in keys}
    if None in said or len(said) != 1:
        return False
    [(size, root)] = said
    return size <= len(entries) and tree_hash([leaf(e) for e in entries[:size]]) == root


@pytest.fixture
def office(empty_city, tmp_path, settings):
    settings.DATA_DIR = tmp_path / "data"
    client = Client()
    client.force_login(empty_city.office)
    return client


def happen(count: int, kind: str = "test") -> None:
    with transaction.atomic():
        for number in range(count):
            evidence.record(kind, number=number)
    evidence.seal()


def witness(tmp_path, capsys, *arguments: str) -> tuple[int, str]:
    """What `songhua log` says on the witness's machine."""
    code = main(["log", *arguments])
    return code, capsys.readouterr().out


def unpacked(client: Client, folder):
    answer = client.get("/evidence-log/export/")
    data = b"".join(answer.streaming_content)
    zipfile.ZipFile(io.BytesIO(data)).extractall(folder)
    return folder / "evidence-log"


@pytest.fixture
def cosigned(office, tmp_path, capsys):
    """A log of 23 events of which the heating bureau co-signed the first 16 or so: the note that
    it keeps, the keys, and the export of all."""
    happen(15)
    secret = str(tmp_path / "secret")
    _, line = witness(tmp_path, capsys, "key", secret, "--name", "heating-bureau")
    assert office.post("/evidence-log/witnesses/", {"key": line}).status_code == 302
    evidence.seal()
    export = unpacked(office, tmp_path / "first")
    log_key = next(p for p in (export / "keys").glob("*.vkey") if "heating" not in p.read_text())
    state = str(tmp_path / "state.json")
    asks = ("cosign", str(export), "--secret", secret, "--state", state, "--key", str(log_key))
    code, note = witness(tmp_path, capsys, *asks)
    assert code == 0
    assert Client().post("/evidence-log/checkpoint/", note, content_type="text/plain").content
    happen(8)
    return note, [log_key.read_text(), line], unpacked(office, tmp_path / "second"), asks


def test_an_independent_verifier_finds_whatever_was_done_to_the_log(cosigned):
    note, keys, export, _ = cosigned
    entries = records((export / "entries").read_bytes())
    size, _ = signed(note, keys[1])
    assert 15 < size < len(entries) and sound(entries, note, keys)
    flipped = [*entries[:3], bytes([entries[3][0] ^ 1]) + entries[3][1:], *entries[4:]]
    swapped = [*entries[:5], entries[6], entries[5], *entries[7:]]
    for wrong in (flipped, entries[:4] + entries[5:], swapped, entries[: size - 1], entries[1:],
                  [*entries[:2], b"{}", *entries[2:]]):  # fmt: skip
        assert not sound(wrong, note, keys)
    assert not sound(entries, note.replace(f"\n{size}\n", f"\n{size - 1}\n"), keys)
    newest = max((export / "checkpoints").glob("*.note")).read_text()
    assert sound(entries, newest, keys[:1]) and not sound(entries, newest, keys)


def test_a_receipt_proves_its_event_to_anybody(cosigned, office):
    _, keys, _, _ = cosigned
    for index in (0, 7, 16):
        found = json.loads(office.get(f"/evidence-log/receipts/{index}/").content)
        event = office.get(f"/evidence-log/events/{index}/").content
        size, root = signed(found["checkpoint"], keys[0])
        path = [bytes.fromhex(part) for part in found["proof"]]
        assert path_root(index, size, leaf(event), path) == root


def test_a_witness_refuses_a_log_whose_past_was_rewritten(
    cosigned, office, tmp_path, capsys, settings
):
    """Somebody who owns the machine writes everything anew with the log's own key."""
    _, _, _, asks = cosigned
    secret = (evidence.root() / "signing.key").read_text()
    evidence.Event.objects.all().delete()
    old = settings.DATA_DIR
    settings.DATA_DIR = tmp_path / "again" / old.name
    evidence.root().mkdir(parents=True)
    (evidence.root() / "signing.key").write_text(secret)
    for kind in ("forged", "test"):
        happen(20, kind)
    export = unpacked(office, tmp_path / "third")
    code, said = witness(tmp_path, capsys, asks[0], str(export), *asks[2:])
    assert code != 0 and "— heating-bureau" not in said


def test_only_a_witness_on_the_list_leaves_a_signature(cosigned, office, tmp_path, capsys):
    _, _, export, asks = cosigned
    stranger = str(tmp_path / "stranger")
    witness(tmp_path, capsys, "key", stranger, "--name", "heating-bureau")
    _, note = witness(tmp_path, capsys, "cosign", str(export), "--secret", stranger, "--state",
                      str(tmp_path / "other.json"), *asks[6:])  # fmt: skip
    for text in (note, note.partition("\n\n")[0], "x", ""):
        answer = Client().post("/evidence-log/checkpoint/", text, content_type="text/plain")
        assert answer.status_code == 422, text
    assert len(cosigning.witnesses()) == 1
    assert cosigning.standing().signers == ()


def test_the_program_of_a_witness_goes_on_from_what_it_signed_last(cosigned, office):
    note, keys, _, _ = cosigned
    size, _ = signed(note, keys[1])
    answer = json.loads(Client().get(f"/evidence-log/checkpoint/?since={size}").content)
    assert signed(answer["checkpoint"], keys[0])[0] > size and answer["proof"]
    assert Client().get("/evidence-log/checkpoint/?since=999999").status_code == 422
    assert cosigning.standing().cosigned.size == size


def test_a_witness_cosigns_at_the_logs_address_and_is_told_what_is_refused(
    cosigned, tmp_path, capsys, live_server
):
    _, keys, _, asks = cosigned
    address = f"{live_server.url}/evidence-log/checkpoint/"
    code, note = witness(tmp_path, capsys, "cosign", address, *asks[2:])
    assert code == 0 and signed(note, keys[1]) == signed(note, keys[0])
    assert [key.name for key in cosigning.standing().signers] == ["heating-bureau"]
    assert cosigning.standing().cosigned.size == signed(note, keys[1])[0]
    (tmp_path / "state.json").write_text(
        json.dumps({"origin": "songhua-data", "size": 99999, "root": "00" * 32})
    )
    assert witness(tmp_path, capsys, "cosign", address, *asks[2:])[0] == 1


def test_the_worker_verifies_what_the_page_asks_for(cosigned, office):
    def verified():
        assert office.post("/evidence-log/verify/").status_code == 302
        return office.get("/evidence-log/").content.decode()

    verifying._keep(verifying.Verification(clock.now()))
    waits = office.get("/evidence-log/", headers={"HX-Request": "true"}).content.decode()
    assert "已交后台核验" in waits and "<html" not in waits
    assert "从头重算" in verified()
    place = evidence.root() / "entries"
    data = bytearray(place.read_bytes())
    data[40] ^= 1
    place.write_bytes(data)
    page = verified()
    assert "核验发现" in page and "从头重算" not in page


def test_nothing_is_verified_before_the_first_checkpoint(office):
    assert office.post("/evidence-log/verify/").status_code == 422
    assert verifying.newest() is None


def test_what_an_event_says_is_for_those_whom_it_concerns(cosigned, office, empty_city):
    assert "witness_trusted" in office.get("/evidence-log/?index=15").content.decode()
    staff = Client()
    staff.force_login(empty_city.staff)
    page = staff.get("/evidence-log/?index=15").content.decode()
    assert "witness_trusted" not in page and "receipts/15/" in page
    assert staff.get("/evidence-log/events/15/").status_code == 404
    assert staff.get("/evidence-log/export/").status_code == 403
    assert office.get("/evidence-log/?index=99999").status_code == 422
