"""The log of an exchange: events go in, checkpoints, proofs and receipts come out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.exchange.log import tree
from songhua.exchange.log.checkpoints import Checkpoint
from songhua.exchange.log.notes import Note
from songhua.exchange.log.receipts import Receipt
from songhua.kit.errors import Conflict, Problem, require

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.exchange.log.keys import PublicKey, SigningKey
    from songhua.exchange.log.stores import Store


class EvidenceLog:
    """A store with the key that signs for it; the key's name is the log's origin.

    Raises ``log_behind`` where the store no longer holds what its last checkpoint signed: such a
    log must not go on signing.
    """

    def __init__(self, store: Store, key: SigningKey) -> None:
        public = key.public
        own = public.name == store.origin and not public.cosigns
        require(own, store.origin, "log_key_of_another", public.name)
        self.store, self._key = store, key
        newest = store.newest()
        if newest:
            signed = Checkpoint.of(newest)
            if signed.size > store.size or tree.root(store, signed.size) != signed.root:
                raise Conflict(Problem(store.origin, "log_behind", str(signed.size)))

    def append(self, events: Iterable[bytes]) -> range:
        """Add events; their indices. They are durable when this returns."""
        return self.store.append(events)

    def checkpoint(self) -> Note:
        """The signed note of all entries so far, also kept in the store."""
        size = self.store.size
        text = Checkpoint(self.store.origin, size, tree.root(self.store, size)).text()
        newest = self.store.newest()
        if newest and newest.text == text:
            return newest
        return self.store.keep(Note(text).signed(self._key))

    def cosigned(self, note: Note, witnesses: Iterable[PublicKey]) -> Note:
        """Keep what witnesses signed, once their signatures and the log's own hold."""
        own = self._key.public
        holds = own in note.verified([own, *witnesses])
        require(holds, self.store.origin, "log_not_signed")
        return self.store.keep(note)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof that entries were only added between two sizes."""
        return tree.consistency(self.store, first, second)

    def receipt(self, index: int, note: Note) -> Receipt:
        """The proof that entry `index` is under the signed checkpoint `note`."""
        size = Checkpoint.of(note).size
        proof = tree.inclusion(self.store, index, size)
        leaf = self.store.node(0, index)
        return Receipt(self.store.hasher.digest, index, leaf, tuple(proof), note)
