"""Waiting lines: how long people wait, how many servers that takes, and which shifts give them.

Formulas for steady arrivals: `erlang`, `abandonment`, `approximations`. From a day's arrivals to
a roster: `durations`, `offered_load`, `staffing`, `shifts`. Patient by patient: `station` (one
queue), `clinic` (doctor, then scanner), `occupancy` (the servers' side), `replications` (many
days and what they tell). Times are minutes from the start of the first interval; loads are
erlangs, the mean number of servers kept busy.
"""
