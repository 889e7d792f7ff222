"""Heat carried by water: temperatures, flows and losses of a district-heating network.

`operation` says what is asked of a network, `steady` finds the state that gives it, `series` does
so step after step. Underneath, `sweep` follows the water and its temperature from node to node
and `demand` corrects the consumers' flows. The pipes are those of `songhua.engines.hydraulics`.
"""
