"""The whole loop as one circuit: pipes, valves, pumps and check valves, solved for pressures.

`circuit` describes it, `laws` gives each element's pressure, `solving` finds the state, `limits`
reads what a dispatcher must know from it, and `balancing` sets the stations' valves.
"""
