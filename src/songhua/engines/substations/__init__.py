"""Heat substations: the plate heat exchanger between primary and secondary, and its control.

`exchanger` gives what passes through the plates, `valve` the primary flow that makes a wanted
secondary supply temperature, `curve` that temperature from the weather and the rooms.
"""
