"""The seed of a draw: nobody can know or steer it, and everybody can check it.

The list of candidates is sealed: its text, and so its digest, is fixed. At the same moment the
office commits to a secret, by publishing its digest, and names a public value that is not known
yet (a lottery's numbers of a later day). Then

    seed = SHA-256(secret + newline + public value + newline + digest of the list)

as lower-case hexadecimal. The office cannot choose the secret after the public value, and whoever
could move the public value does not know the secret.
"""

from __future__ import annotations

import json
from hashlib import sha256

from songhua.governance.challenges.draw import Candidates
from songhua.governance.challenges.seats import PanelRules
from songhua.governance.challenges.ties import Expert
from songhua.kit.errors import InputError, Problem


def sealed_text(candidates: Candidates) -> str:
    """The list as it is published: JSON with sorted keys and no spaces, experts by id. Who is tied
    is left out, for it is nobody's business who is whose cousin."""
    rows = [
        {"id": e.id, "unit": e.unit, "outside": e.outside, "fields": sorted(e.fields)}
        for e in sorted(candidates.experts, key=lambda expert: expert.id)
        if e.id not in candidates.tied
    ]
    whole = {"experts": rows, "rules": candidates.rules.model_dump(mode="json")}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def candidates_of(text: str) -> Candidates:
    """The candidates of a sealed list, for whoever draws again."""
    whole = json.loads(text)
    experts = tuple(
        Expert(row["id"], row["unit"], row["outside"], frozenset(row["fields"]))
        for row in whole["experts"]
    )
    return Candidates(experts, {}, PanelRules.model_validate(whole["rules"]))


def digest(text: str) -> str:
    """SHA-256 as lower-case hexadecimal.

    >>> digest("")[:8]
    'e3b0c442'
    """
    return sha256(text.encode()).hexdigest()


def seed(secret: str, public_value: str, text: str) -> str:
    """The seed for the sealed list `text`."""
    return digest(f"{secret}\n{public_value}\n{digest(text)}")


def check(secret: str, commitment: str) -> None:
    """Raise `InputError` unless `secret` is the one committed to."""
    if digest(secret) != commitment:
        raise InputError(Problem("secret", "panel_secret_differs", commitment))
