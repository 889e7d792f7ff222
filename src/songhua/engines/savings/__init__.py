"""What better control saves: split at equal comfort in simulation, or found in a plant's own log.

`trial` runs a strategy through a winter, `ledger` finds what each adds at equal comfort, with
intervals; `measured` finds the saving in a log of heat and weather after a change.
"""
