"""A full house: many conversations at once over real sockets, beside one alone in the same run.

    python -m bench load --people 100 --minutes 30
    python -m bench load --find-limit

The people live in a process of their own (`people.py`) on a websocket client that does almost nothing (`line.py`):
on few cores whoever makes the load is part of it. `watch.py` looks at the server's processes from outside.
"""


def main() -> None:
    """See `command.py`; the people, a process of their own, need none of it."""
    from bench.load.command import main as run

    run()
