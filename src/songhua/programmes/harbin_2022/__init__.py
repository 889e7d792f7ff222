"""Harbin's plan of 2022 as data: units, indicators, obligations, zones, the text's defects."""
