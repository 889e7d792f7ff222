"""Hot water in pipes: what pressures drive which flows through a district-heating network.

`water` gives the properties, `friction` the pressure a pipe costs, `network` the description and
its checks. `topology` splits a network into trees, where flows are sums, and a core of meshes,
where `flows` finds them by Newton's method on the sparse matrix of `factorisation`. Temperatures
and consumers by heat are the subject of `songhua.engines.thermal`.
"""
