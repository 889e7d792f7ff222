"""The tree gives the published roots and proofs, and every proof it gives can be checked."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.exchange.log import tree
from songhua.exchange.log.proofs import verify_consistency, verify_inclusion
from songhua.exchange.log.stores import MemoryStore
from songhua.kit.errors import InputError

# The reference entries, roots and proofs of Certificate Transparency's own test suites
# (google/certificate-transparency and google/trillian, merkle tests of RFC 6962).
ENTRIES = [
    bytes.fromhex(each)
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                 "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A, B, C = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
D, E, F, G = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
)
INCLUSION = {(0, 8): [A, B, C], (5, 8): [D, E, F]}
CONSISTENCY = {(1, 8): [A, B, C], (6, 8): [G, E, F], (2, 5): [B, D]}
MANY = 70


def _log(entries, digest="sha256"):
    store = MemoryStore("example.com/log", digest)
    store.append(entries)
    return store


@pytest.fixture(scope="module", params=["sha256", "sm3"])
def many(request):
    return _log([bytes([i]) * i for i in range(MANY)], request.param)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size):
    assert tree.root(_log(ENTRIES), size).hex() == ROOTS[size]


def test_proofs_are_the_published_ones():
    log = _log(ENTRIES)
    for place, proof in INCLUSION.items():
        assert [part.hex() for part in tree.inclusion(log, *place)] == proof
    for sizes, proof in CONSISTENCY.items():
        assert [part.hex() for part in tree.consistency(log, *sizes)] == proof


def test_sm3_gives_the_standards_digests():
    """GM/T 0004-2012, appendix A: "abc", and "abcd" sixteen times."""
    known = {
        b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
        b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
    }
    hasher = tree.Hasher("sm3")
    for text, digest in known.items():
        assert hasher._new(text).hexdigest() == digest
    assert hasher.leaf(b"x") == hashlib.new("sm3", b"\x00x").digest()
    assert hasher.node(b"a", b"b") == hashlib.new("sm3", b"\x01ab").digest()


def _plain_root(hasher, leaves):
    """RFC 6962 §2.1 as it is written."""
    if not leaves:
        return hasher.empty()
    if len(leaves) == 1:
        return hasher.leaf(leaves[0])
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hasher.node(_plain_root(hasher, leaves[:half]), _plain_root(hasher, leaves[half:]))


def test_the_root_of_every_size_is_that_of_the_definition(many):
    entries = [many.entry(i) for i in range(MANY)]
    for size in range(MANY + 1):
        assert tree.root(many, size) == _plain_root(many.hasher, entries[:size])


def test_every_entry_is_proved_in_every_size_and_in_no_other_place(many):
    for size in range(1, MANY + 1):
        root = tree.root(many, size)
        for index in range(size):
            leaf, proof = many.node(0, index), tree.inclusion(many, index, size)
            assert len(proof) <= (size - 1).bit_length()
            assert verify_inclusion(many.hasher, index, size, leaf, proof, root)
            other = (index + 1) % size
            assert size == 1 or not verify_inclusion(many.hasher, other, size, leaf, proof, root)


def test_every_size_is_proved_to_continue_every_smaller_one(many):
    roots = [tree.root(many, size) for size in range(MANY + 1)]
    for second in range(MANY + 1):
        for first in range(second + 1):
            proof = tree.consistency(many, first, second)
            old, new = roots[first], roots[second]
            assert verify_consistency(many.hasher, first, second, old, new, proof)
            assert not verify_consistency(many.hasher, first, second, b"x" * 32, new, proof)
            if first:
                assert not verify_consistency(many.hasher, first, second, old, b"x" * 32, proof)
            if 0 < first < second:
                assert not verify_consistency(many.hasher, first, second, old, new, proof[:-1])
            assert not verify_consistency(many.hasher, first, second, old, new, [*proof, old])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_proof_with_any_bit_changed_proves_nothing(data):
    entries = data.draw(st.lists(st.binary(max_size=4), min_size=2, max_size=40))
    log = _log(entries)
    index = data.draw(st.integers(0, len(entries) - 1))
    proof = tree.inclusion(log, index, log.size)
    part = data.draw(st.integers(0, len(proof) - 1))
    bit = data.draw(st.integers(0, 255))
    changed = (int.from_bytes(proof[part], "big") ^ (1 << bit)).to_bytes(32, "big")
    bad = [*proof[:part], changed, *proof[part + 1 :]]
    place = index, log.size, log.node(0, index)
    root = tree.root(log, log.size)
    assert verify_inclusion(log.hasher, *place, proof, root)
    assert not verify_inclusion(log.hasher, *place, bad, root)
    assert not verify_inclusion(log.hasher, *place, proof[:-1], root)
    assert not verify_inclusion(log.hasher, *place, [*proof, proof[0]], root)


def test_a_place_outside_the_log_is_refused():
    log = _log(ENTRIES)
    for ask in (
        lambda: tree.root(log, 9), lambda: tree.inclusion(log, 8, 8),
        lambda: tree.inclusion(log, 0, 9), lambda: tree.consistency(log, 5, 4),
        lambda: log.entry(8), lambda: log.entry(-1), lambda: tree.Hasher("md5"),
    ):  # fmt: skip
        with pytest.raises(InputError):
            ask()
