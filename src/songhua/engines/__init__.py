"""The mathematics by discipline: arrays in, arrays out; no file, no clock, no setting."""
