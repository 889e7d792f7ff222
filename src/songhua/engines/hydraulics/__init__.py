"""Hot water in pipes: what pressures drive which flows through a district-heating network.

`water` gives the properties, `friction` and `flows` the pressure a pipe costs, `network` the
description and its checks. `layout` splits a network into a core of meshes and its trees, and
`factorisation` solves the core's equations. Temperatures and consumers are the subject of
`songhua.engines.thermal`.
"""
