"""Open challenges (揭榜挂帅): the panel drawn, bids sealed, scores put together, results accepted.

Pure rules; what they take is given, what they draw can be recomputed by anybody from a published
seed. The plan (实施方案 二(一)) and policy clause 一 name the way of working and nothing of its
details: every number here is 默认值(非文件规定).
"""
