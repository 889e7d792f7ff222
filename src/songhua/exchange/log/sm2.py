"""SM2 signatures with SM3 (GM/T 0003.2, DER as in GM/T 0009) through OpenSSL 3's libcrypto.

The user id is the standard's default, 1234567812345678 (GM/T 0009 §10). A private key is its
32-byte scalar, a public key the 65-byte uncompressed point.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import secrets
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from songhua.kit.errors import InputError, Problem, require

if TYPE_CHECKING:
    from collections.abc import Iterator

USER_ID = b"1234567812345678"
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
# DER around a bare scalar (PKCS #8) and a bare point (SubjectPublicKeyInfo) on the SM2 curve.
_PRIVATE = bytes.fromhex("3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420")
_PUBLIC = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")


def generate() -> bytes:
    """A new private key, from the system's entropy."""
    return (1 + secrets.randbelow(ORDER - 2)).to_bytes(32, "big")


def public(private: bytes) -> bytes:
    """The public point of a private scalar. Raises ``key_malformed``."""
    require(0 < int.from_bytes(private, "big") < ORDER - 1, "SM2", "key_malformed")
    with _key("d2i_AutoPrivateKey", _PRIVATE + private) as key:
        made = ctypes.create_string_buffer(len(_PUBLIC) + 65)
        size = _crypto().i2d_PUBKEY(key, ctypes.byref(ctypes.pointer(made)))
        return made.raw[size - 65 : size]


def sign(private: bytes, message: bytes) -> bytes:
    """The signature of `message`; another one each time."""
    with _key("d2i_AutoPrivateKey", _PRIVATE + private) as key, _context("Sign", key) as context:
        size = ctypes.c_size_t(128)
        made = ctypes.create_string_buffer(size.value)
        length = ctypes.c_size_t(len(message))
        done = _crypto().EVP_DigestSign(context, made, ctypes.byref(size), message, length)
        if done != 1:
            raise RuntimeError("libcrypto could not sign with SM2")
        return made.raw[: size.value]


def verify(point: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is one of `message` by the key `point`. Raises ``key_malformed``."""
    with _key("d2i_PUBKEY", _PUBLIC + point) as key, _context("Verify", key) as context:
        sizes = ctypes.c_size_t(len(signature)), ctypes.c_size_t(len(message))
        done = _crypto().EVP_DigestVerify(context, signature, sizes[0], message, sizes[1])
        _crypto().ERR_clear_error()
        return bool(done == 1)


@cache
def _crypto() -> ctypes.CDLL:
    """libcrypto 3. Raises ``sm2_missing`` where there is none."""
    try:
        library = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")
        for name in ("EVP_MD_CTX_new", "EVP_MD_fetch", "d2i_PUBKEY", "d2i_AutoPrivateKey"):
            getattr(library, name).restype = ctypes.c_void_p
    except (OSError, AttributeError) as error:
        raise InputError(Problem("SM2", "sm2_missing", str(error))) from error
    return library


@contextmanager
def _key(decode: str, der: bytes) -> Iterator[ctypes.c_void_p]:
    start = ctypes.c_char_p(der)
    length = ctypes.c_long(len(der))
    key = ctypes.c_void_p(getattr(_crypto(), decode)(None, ctypes.byref(start), length))
    if not key:
        _crypto().ERR_clear_error()
        raise InputError(Problem("SM2", "key_malformed"))
    try:
        yield key
    finally:
        _crypto().EVP_PKEY_free(key)


@contextmanager
def _context(act: str, key: ctypes.c_void_p) -> Iterator[ctypes.c_void_p]:
    library, settings = _crypto(), ctypes.c_void_p()
    context = ctypes.c_void_p(library.EVP_MD_CTX_new())
    digest = ctypes.c_void_p(library.EVP_MD_fetch(None, b"SM3", None))
    try:
        begin = getattr(library, f"EVP_Digest{act}Init")
        ready = begin(context, ctypes.byref(settings), digest, None, key) == 1
        if not ready or library.EVP_PKEY_CTX_set1_id(settings, USER_ID, len(USER_ID)) != 1:
            raise InputError(Problem("SM2", "sm2_missing", "SM2-SM3"))
        yield context
    finally:
        library.EVP_MD_free(digest)
        library.EVP_MD_CTX_free(context)
