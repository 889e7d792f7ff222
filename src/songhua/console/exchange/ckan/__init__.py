"""The action interface of CKAN, version 3, so that its clients and harvesters work unchanged.

`door` takes a call and answers it, `actions` holds what may be called by name, `refusals` is how a
call is refused. Every row goes through `services.door`, every change through a service.
"""
