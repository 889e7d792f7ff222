"""Privacy: what is personal is found, made coarse, marked, or told only with noise.

`scanning` finds people in a table (`identifiers`, `people_names`); `deidentification` applies a
policy (`rules`, `lattice`) and measures what remains (`anonymity`, `risk`); `watermark`, `tracing`
and `pseudonyms` lead from a leak to who had the copy; `releases` answers `questions` with `laplace`
noise within a `budget` (differential privacy); `opening` gathers what stands against opening.
"""
