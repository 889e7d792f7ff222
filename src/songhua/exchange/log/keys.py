"""Keys of signed notes (C2SP signed-note): who signs, by which algorithm.

A key has a name, a signature type and its material; its id is the first four bytes of
SHA-256(name || 0x0A || type || material). Types: 0x01 Ed25519, 0x04 Ed25519 co-signature with a
timestamp (C2SP tlog-cosignature). C2SP gives SM2 no byte, so its types begin with 0xff, as the
specification asks, and go on with a name of ours that ends in a newline.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from songhua.exchange.log import sm2
from songhua.kit.errors import InputError, Problem, require

if TYPE_CHECKING:
    from datetime import datetime

Kind = Literal["ed25519", "ed25519_cosignature", "sm2", "sm2_cosignature"]

TYPES: dict[Kind, bytes] = {
    "ed25519": b"\x01",
    "ed25519_cosignature": b"\x04",
    "sm2": b"\xffsonghua/sm2-sm3\n",
    "sm2_cosignature": b"\xffsonghua/sm2-sm3-cosignature\n",
}
_SIZES = {"ed25519": 32, "sm2": 65}
_TIME = struct.Struct(">Q")
_PRIVATE = "PRIVATE+KEY+"


@dataclass(frozen=True)
class PublicKey:
    """What anybody needs to check a signature. `name` has no spaces and no plus sign."""

    name: str
    kind: Kind
    material: bytes

    def __post_init__(self) -> None:
        sound = self.name and self.name.isprintable() and not set(self.name) & {"+", " "}
        size = _SIZES[_curve(self.kind)]
        require(bool(sound) and len(self.material) == size, self.name, "key_malformed")

    @property
    def id(self) -> bytes:
        """Four bytes that tell the keys of one name apart."""
        return _id(self.name, TYPES[self.kind] + self.material)

    @property
    def cosigns(self) -> bool:
        """Whether it is a witness's: its signatures carry the time at which they were made."""
        return self.kind.endswith("_cosignature")

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Whether `signature`, without the key id, is this key's on the note text `text`."""
        if self.cosigns:
            if len(signature) < _TIME.size:
                return False
            seconds = _TIME.unpack_from(signature)[0]
            text, signature = _timed(seconds, text), signature[_TIME.size :]
        if _curve(self.kind) == "sm2":
            return sm2.verify(self.material, text, signature)
        return _ed25519_verifies(self.material, text, signature)

    def encode(self) -> str:
        """The key as one line: ``name+id+base64(type || material)``."""
        return _line(self.name, self.id, TYPES[self.kind] + self.material)

    @classmethod
    def parse(cls, text: str) -> PublicKey:
        """Read `encode`'s line. Raises ``key_malformed``, also where the id does not fit."""
        name, kind, material = _read(text)
        return cls(name, kind, material)


@dataclass(frozen=True)
class SigningKey:
    """A public key with its secret: 32 bytes, an Ed25519 seed or an SM2 scalar."""

    public: PublicKey
    secret: bytes = field(repr=False)

    def sign(self, text: bytes, at: datetime | None = None) -> bytes:
        """The signature of a note text; a witness's names the instant `at` (aware)."""
        if not self.public.cosigns:
            return self._sign(text)
        if at is None or at.tzinfo is None:
            raise ValueError("a co-signature needs an aware instant")
        seconds = int(at.timestamp())
        return _TIME.pack(seconds) + self._sign(_timed(seconds, text))

    def _sign(self, text: bytes) -> bytes:
        if _curve(self.public.kind) == "sm2":
            return sm2.sign(self.secret, text)
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.secret).sign(text)

    def encode(self) -> str:
        """The secret key as one line, ``PRIVATE+KEY+name+id+base64(type || secret)``."""
        return _PRIVATE + _line(
            self.public.name, self.public.id, TYPES[self.public.kind] + self.secret
        )

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read `encode`'s line. Raises ``key_malformed``."""
        require(text.startswith(_PRIVATE), "key", "key_malformed")
        name, kind, secret = _read(text.removeprefix(_PRIVATE), private=True)
        return _signing(name, kind, secret)


def generate(name: str, kind: Kind) -> SigningKey:
    """A new key from the system's entropy. Raises ``sm2_missing`` where libcrypto has no SM2."""
    if _curve(kind) == "sm2":
        return _signing(name, kind, sm2.generate())
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return _signing(name, kind, Ed25519PrivateKey.generate().private_bytes_raw())


def _signing(name: str, kind: Kind, secret: bytes) -> SigningKey:
    require(len(secret) == 32, name, "key_malformed")
    if _curve(kind) == "sm2":
        return SigningKey(PublicKey(name, kind, sm2.public(secret)), secret)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    point = Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    return SigningKey(PublicKey(name, kind, point), secret)


def strict_base64(text: str) -> bytes | None:
    """The bytes of `text`, None unless it is exactly their base64 (RFC 4648 §4)."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def _read(text: str, *, private: bool = False) -> tuple[str, Kind, bytes]:
    name, _, rest = text.strip().partition("+")
    written, _, encoded = rest.partition("+")
    data = strict_base64(encoded) or b""
    for kind, mark in TYPES.items():
        material = data.removeprefix(mark)
        if data.startswith(mark) and len(material) == (32 if private else _SIZES[_curve(kind)]):
            made = _signing(name, kind, material).public if private else None
            found = made or PublicKey(name, kind, material)
            require(found.id.hex() == written, name, "key_malformed")
            return name, kind, material
    raise InputError(Problem(name or "key", "key_malformed"))


def _line(name: str, identity: bytes, data: bytes) -> str:
    return f"{name}+{identity.hex()}+{base64.b64encode(data).decode()}"


def _id(name: str, data: bytes) -> bytes:
    return hashlib.sha256(f"{name}\n".encode() + data).digest()[:4]


def _curve(kind: Kind) -> str:
    return kind.removesuffix("_cosignature")


def _timed(seconds: int, text: bytes) -> bytes:
    """What a co-signature signs (tlog-cosignature): two header lines and the note text."""
    return f"cosignature/v1\ntime {seconds}\n".encode() + text


def _ed25519_verifies(point: bytes, text: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(point).verify(signature, text)
    except InvalidSignature:
        return False
    return True
