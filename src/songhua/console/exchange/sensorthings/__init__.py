"""OGC SensorThings 1.1 over the registry of devices and the telemetry store.

`kinds` says which entities there are, `world` which of them a caller may know of, `conditions`
turns a filter into a question about these alone, `showing` writes them out, `readings` does all
that for observations, `writing` enters and changes, and `door` knows the addresses.
"""
