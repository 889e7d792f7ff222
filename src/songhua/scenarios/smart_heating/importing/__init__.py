"""Networks, weather and cases as others write them, read into one plain description.

`tables` (CSV, GeoJSON), `epanet` (INP) and `pandapipes_file` (JSON) turn a file into rows;
`reading` brings rows to SI units and names every cell at fault; `description` is the result, with
the list of what could not be carried. `weather` reads EPW, `destest` a published case.
"""
