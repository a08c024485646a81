"""When each stage of a turn first delivered."""

import time
from collections.abc import Callable


class Marks:
    """Milliseconds from the turn's beginning by *clock* (seconds) to the first time of each stage."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._times: dict[str, float] = {}

    def first(self, stage: str) -> None:
        """*stage* has delivered; only the first time counts."""
        self._times.setdefault(stage, round((self._clock() - self._began) * 1000, 1))

    def __contains__(self, stage: str) -> bool:
        return stage in self._times

    @property
    def times(self) -> dict[str, float]:
        """By stage, so far."""
        return dict(self._times)

    def restart(self) -> float:
        """Count from now; what has delivered already did so at once. Returns the milliseconds until now."""
        ahead = (self._clock() - self._began) * 1000
        self._began = self._clock()
        self._times = dict.fromkeys(self._times, 0.0)
        return ahead
