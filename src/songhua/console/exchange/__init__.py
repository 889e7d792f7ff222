"""The exchange's desk: the city's data, found, asked for, delivered, protected and proved."""
