"""Many applications at once: polars frames in, one row an applicant out, exact as `assess`.

The closed vocabulary of the rules becomes columns of whole fen. What follows from the
facts of a row is decided by `assess`'s own code, once for each way in which rows can differ.
"""

from songhua.policy.batch.assessment import assess_batch

__all__ = ["assess_batch"]
