"""The exchange's pure logic: what may be read, and how each act is proved; no Django, no clock."""
