"""Commands to plants: an order goes out, the device says that it has carried it out, or is silent.

`orders` are the messages, `states` what may become of a command and when it is sent again,
`executing` the side of the device, which carries out each order once; `delivery` chooses the way:
`by_mqtt`, `by_modbus` (TCP) or `by_opcua`. `gateway` is a plant on MQTT: it sends readings until
they are stored and answers orders.
"""
