"""Buildings as two capacities and two resistances: indoor air, and the mass around it.

`model` steps thousands of them exactly, `fitting` learns one from its readings and says how
surely, `comfort` tells what its rooms were like.
"""
