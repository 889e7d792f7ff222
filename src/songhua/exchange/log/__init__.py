"""The evidence log: nobody can change, remove or reorder what was once signed, unseen.

`tree` hashes (RFC 6962), `proofs` checks (RFC 9162), `stores` and `files` keep, `keys` signs,
`notes` and `checkpoints` are the signed forms (C2SP), `evidence` is the log itself, `witness` is
the second department, `receipts` and `verification` need nothing but files and public keys.
"""
