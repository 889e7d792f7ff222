"""The query language of OGC SensorThings 1.1 (a part of OData 4): text in, a tree out.

`filters` reads ``$filter``, `options` the rest of an address's query, `batch` several calls in one.
What a name means, and whether the asker may know of it, is for whoever carries the query out.
"""
