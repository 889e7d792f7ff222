"""Where figures come from, column by column.

`graph` says what leads to what and follows it either way; `queries` finds it in SQL, `declared` in
what a scenario declares; `openlineage` tells it to other programs and `drawing` lays it out.
"""

from songhua.exchange.lineage.declared import edges_of_action
from songhua.exchange.lineage.drawing import Picture, laid_out
from songhua.exchange.lineage.graph import Edge, Node, among, downstream, upstream
from songhua.exchange.lineage.openlineage import event
from songhua.exchange.lineage.queries import edges_of_query

__all__ = [
    "Edge",
    "Node",
    "Picture",
    "among",
    "downstream",
    "edges_of_action",
    "edges_of_query",
    "event",
    "laid_out",
    "upstream",
]
