"""Heat carried by water: temperatures, flows and losses of a district-heating network.

`operation` says what is asked of a network, `steady` finds the state that gives it, `series` does
so step after step; `transient` follows the water on its way. Underneath, `balance` joins supply and
return; `settle` finds one of them by rounds of `trees` (consumers' wishes), `core` (Newton's step)
and `sweep` (the water's temperature).
"""
