"""Chaos: each part is killed, stalled, slowed and corrupted in turn, under people who talk; see `house.py`."""
