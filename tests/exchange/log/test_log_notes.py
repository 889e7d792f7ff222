"""Keys, signed notes and checkpoints are those of C2SP; SM2 is that of GM/T 0003."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.exchange.log import sm2
from songhua.exchange.log.checkpoints import Checkpoint
from songhua.exchange.log.keys import TYPES, PublicKey, SigningKey, generate
from songhua.exchange.log.notes import Note
from songhua.kit.errors import InputError

# The example of the note package of golang.org/x/mod/sumdb, from which the C2SP form comes.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
NOTE = TEXT + (
    "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n"
)
# The example of the C2SP tlog-checkpoint and tlog-cosignature specifications.
COSIGNED = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""  # noqa: E501
# GM/T 0003.5-2012, appendix A.2, on the recommended curve.
SCALAR = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
POINT = bytes.fromhex(
    "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_the_published_note_is_verified_and_signed_alike():
    key = PublicKey.parse(PETER)
    note = Note.parse(NOTE)
    assert note.text == TEXT
    assert note.verified([key]) == [key]
    assert note.encode() == NOTE
    assert Note(TEXT).signed(SigningKey.parse(PETERS_SECRET)).encode() == NOTE
    assert key.encode() == PETER
    assert SigningKey.parse(PETERS_SECRET).encode() == PETERS_SECRET


def test_the_published_checkpoint_is_read():
    note = Note.parse(COSIGNED)
    found = Checkpoint.of(note)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.root.hex().startswith("0ac5186a9186")
    assert note.encode() == COSIGNED
    assert [s.name for s in note.signatures] == [found.origin, "witness.example.com/w1"]
    assert int.from_bytes(note.signatures[1].value[:8], "big") == 1679315147  # as the text says


def test_the_standards_sm2_signature_holds_and_no_other():
    signature = encode_dss_signature(R, S)
    assert sm2.public(SCALAR) == POINT
    assert sm2.verify(POINT, b"message digest", signature)
    assert not sm2.verify(POINT, b"message digesT", signature)
    assert not sm2.verify(POINT, b"message digest", encode_dss_signature(R, S + 1))
    assert not sm2.verify(POINT, b"message digest", signature + b"\0")
    assert not sm2.verify(POINT, b"message digest", b"")


@pytest.mark.parametrize("scalar", [0, sm2.ORDER - 1, sm2.ORDER])
def test_a_scalar_out_of_range_is_no_sm2_key(scalar):
    with pytest.raises(InputError):
        sm2.public(scalar.to_bytes(32, "big"))


def test_a_point_off_the_curve_is_no_sm2_key():
    with pytest.raises(InputError):
        sm2.verify(b"\4" + b"1" * 64, b"", b"")


@pytest.mark.parametrize("kind", TYPES)
def test_a_key_of_each_kind_signs_and_comes_back_from_its_line(kind):
    key = generate("市大数据局", kind)
    note = Note("text\n").signed(key, AT)
    again = SigningKey.parse(key.encode())
    assert again == key
    assert PublicKey.parse(key.public.encode() + "\n") == key.public
    assert Note.parse(note.encode()).verified([key.public]) == [key.public]
    stranger = generate("市大数据局", kind).public
    assert note.verified([stranger]) == []
    assert not stranger.verify(b"text\n", note.signatures[0].value)


@pytest.mark.parametrize("kind", TYPES)
def test_every_altered_byte_of_a_signed_note_is_found(kind):
    key = generate("example.com/log", kind)
    sound = Note("a line\n另一行\n").signed(key, AT).encode().encode()
    for place in range(len(sound)):
        for mask in (1, 0x20, 0x80):
            bad = bytearray(sound)
            bad[place] ^= mask
            try:
                signers = Note.parse(bytes(bad).decode()).verified([key.public])
            except (InputError, UnicodeDecodeError):
                continue
            assert signers == [], (place, mask)


def test_a_witness_says_when_it_signed():
    key = generate("w", "ed25519_cosignature")
    value = Note("t\n").signed(key, AT).signatures[0].value
    assert int.from_bytes(value[:8], "big") == int(AT.timestamp())
    plain = PublicKey("w", "ed25519", key.public.material)
    assert plain.verify(f"cosignature/v1\ntime {int(AT.timestamp())}\nt\n".encode(), value[8:])
    for no_instant in (None, AT.replace(tzinfo=None)):
        with pytest.raises(ValueError, match="aware"):
            Note("t\n").signed(key, no_instant)


@pytest.mark.parametrize(
    "text",
    ["", "no key", PETER[:-1], PETER.replace("c74f", "c74e"), PETER.replace("Peter", "Pater"),
     PETER.replace("+", " "), "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"],
)  # fmt: skip
def test_what_is_no_key_is_refused(text):
    with pytest.raises(InputError):
        PublicKey.parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "\n", "text\n", "text\n\n", "text\n\nno dash AAAAAAA=\n", "text\n\n— name\n",
     "text\n\n— name AAAA\n", "text\n\n— a+b AAAAAAA=\n", "te\txt\n\n— name AAAAAAA=\n",
     "text\n\n— name AAAAAAA=", "text\n\n— name AAAAAAB=\n", "t\n\n" + "— n AAAAAAA=\n" * 101],
)  # fmt: skip
def test_what_is_no_note_is_refused(text):
    with pytest.raises(InputError):
        Note.parse(text)


ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@pytest.mark.parametrize(
    "text",
    ["", "o\n1\n", f"\n1\n{ROOT}\n", f"o\n01\n{ROOT}\n", f"o\n-1\n{ROOT}\n", f"o\n1 \n{ROOT}\n",
     f"o\n１\n{ROOT}\n", f"o\n1\n{ROOT[:-1]}\n", f"o\n1\n{ROOT}", f"o\n1\n{ROOT}\n\n",
     "o\n1\nAAAA\n", f"o\n1\n{ROOT}\nx\n\ny\n"],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(InputError):
        Checkpoint.parse(text)


_LINE = st.text(st.characters(min_codepoint=32, exclude_characters="\x7f"), min_size=1, max_size=9)


@settings(max_examples=100)
@given(_LINE, st.integers(0, 10**18), st.binary(min_size=32, max_size=32), st.lists(_LINE))
def test_a_checkpoint_comes_back_from_its_text(origin, size, root, extensions):
    made = Checkpoint(origin, size, root, tuple(extensions))
    assert Checkpoint.parse(made.text()) == made


def test_a_line_break_in_an_origin_is_refused():
    with pytest.raises(InputError):
        Checkpoint("a\nb", 1, bytes(32)).text()
