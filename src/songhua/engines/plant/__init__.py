"""A heating plant that can be run: source, network, stations and rooms, computed as one.

`equipment` says what stands, `operation` what it is told and what its meters say; `flows` finds
what flows through valves and pipes, `rooms` what stations hand on to buildings; `plant` steps them
together and `faults` break them. Everything here is simulated.
"""
