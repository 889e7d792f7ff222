"""The pages of growth."""

from songhua.console.growth.views.carriers import carrier, carrier_act, carrier_new, carriers
from songhua.console.growth.views.firms import growth_firm, growth_firms, growth_place
from songhua.console.growth.views.ladder import cohorts, ladder, ladder_act
from songhua.console.growth.views.sheets import (
    growth_sheet_errors,
    growth_sheet_file,
    growth_sheets,
)
from songhua.console.growth.views.zones import (
    layer_new,
    reach,
    reach_records,
    site_new,
    site_open,
    sites,
    zone_records,
    zones,
)

__all__ = [
    "carrier", "carrier_act", "carrier_new", "carriers", "cohorts", "growth_firm", "growth_firms",
    "growth_place", "growth_sheet_errors", "growth_sheet_file", "growth_sheets", "ladder",
    "ladder_act", "layer_new", "reach", "reach_records", "site_new", "site_open", "sites",
    "zone_records", "zones",
]  # fmt: skip
