"""The inner loop of a station, compiled on first use; `station` is its door."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def start_times(arrival, urgency, occupied, patience, classes, servers, interval):  # type: ignore[no-untyped-def]
    """Start of each patient's service, inf where it never starts; arrivals must be sorted.

    Each class has a linked list of those waiting, the servers in use a heap of their releases.
    The next instant of interest is an arrival, a release, or the turn of an interval.
    """
    start = np.full(arrival.size, np.inf)
    behind = np.full(arrival.size, -1)
    first = np.full(classes, -1)
    last = np.full(classes, -1)
    releases = np.empty(servers.max() + 1)
    busy = waiting = arrived = current = 0
    while True:
        now = np.inf
        if arrived < arrival.size:
            now = arrival[arrived]
        if busy:
            now = min(now, releases[0])
        if waiting and current + 1 < servers.size:
            now = min(now, (current + 1) * interval)
        if now == np.inf:
            return start
        while current + 1 < servers.size and now >= (current + 1) * interval:
            current += 1
        while busy and releases[0] <= now:
            busy -= 1
            _sink(releases, busy)
        while arrived < arrival.size and arrival[arrived] <= now:
            grade = urgency[arrived]
            if first[grade] < 0:
                first[grade] = arrived
            else:
                behind[last[grade]] = arrived
            last[grade] = arrived
            waiting += 1
            arrived += 1
        while waiting and busy < servers[current]:
            grade = 0
            while first[grade] < 0:
                grade += 1
            patient = first[grade]
            first[grade] = behind[patient]
            waiting -= 1
            if arrival[patient] + patience[patient] >= now:
                start[patient] = now
                _rise(releases, busy, now + occupied[patient])
                busy += 1


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _rise(heap, size, value):  # type: ignore[no-untyped-def]
    """Put `value` into the heap of `size` values."""
    place = size
    while place and heap[(place - 1) // 2] > value:
        heap[place] = heap[(place - 1) // 2]
        place = (place - 1) // 2
    heap[place] = value


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _sink(heap, size):  # type: ignore[no-untyped-def]
    """Take the least value out of a heap, leaving `size` values."""
    value = heap[size]
    place, child = 0, 1
    while child < size:
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= value:
            break
        heap[place] = heap[child]
        place, child = child, 2 * child + 1
    heap[place] = value
