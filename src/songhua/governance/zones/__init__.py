"""Zones: layers of a map read from GeoJSON, their areas, and minutes along roads.

Pure rules for the plan's 二(六): the axis and the four zones, and the ten minutes around a carrier.
"""
