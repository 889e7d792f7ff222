"""How a plant is run: what stations are told by weather and rooms, and which source gives when.

`balancing` sets valves once, `feedback` trims each station hour by hour, `horizon` states the next
two days as a linear program and `planning` solves it with a proven bound, `interior` underneath.
"""
