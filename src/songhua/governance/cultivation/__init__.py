"""Cultivation: the ladder of firms, cohorts over time, what funds bring, how far services reach.

Pure rules. The plan (实施方案 二(三)3, 二(六)1) names the ladder and the ten minutes and gives no
criteria: every number here is 默认值(非文件规定), dated, and changed as data.
"""
