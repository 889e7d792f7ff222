"""Readings of devices: taken in over MQTT, stored once, read while they come.

`registry` says which device measures what, `decoding` reads messages, `checking` refuses what
cannot be true (`rejections` counts it), `keys` finds what is stored already, `files` and `manifest`
make a commit durable and whole, `store` is the one writer, `upkeep` merges and removes, `reading`
is for any number of readers. `intake` listens to a broker and gathers a `batch` for each commit;
`broker` starts one where a trial needs it.
"""
