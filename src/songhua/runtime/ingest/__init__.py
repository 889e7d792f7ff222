"""A table file as people send it, brought into the store's form, or everything wrong with it.

`intake` leads: it looks at the content, has it read (`delimited`, `worksheet`) in pieces of text
(`pieces`) under the dataset's columns (`headings`), and holds the whole to `kit.conform`.
"""

from songhua.runtime.ingest.intake import Ingested, ingest

__all__ = ["Ingested", "ingest"]
