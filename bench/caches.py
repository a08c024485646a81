"""What a kept line and a kept answer are worth: ratios to making them anew in the same run.

`python -m bench caches`. The voice is espeak-ng in process, the fastest there is: with Edge the difference is larger by
the way to its servers. Redis takes part where `redis-server` is installed.
"""

import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack, aclosing
from pathlib import Path
from statistics import median

from backend.cache import Cache, Tier
from backend.cache.disk import DiskTier
from backend.cache.memory import Memory
from backend.cache.redis import RedisTier
from backend.fallback import Chain
from backend.rendered import KeptRendering, Lines
from backend.rendering import Rendering
from backend.speaking import Style, Voice
from backend.speaking.espeak import EspeakVoice
from bench.report import table, write
from tests.services import redis, running_redis

TEXT = "The office on the ground floor is open from nine to five, and somebody there will show you the way."
ROUNDS = 9
ASKING = 50


async def first_and_all(make: Callable[[], object]) -> tuple[float, float]:
    """Seconds until the first piece of sound, and until the last."""
    began, first = time.perf_counter(), 0.0
    async with aclosing(make().pieces()) as pieces:  # type: ignore[attr-defined]
        async for _ in pieces:
            first = first or time.perf_counter() - began
    return first, time.perf_counter() - began


async def measure(folder: Path, redis_url: str | None) -> str:
    voices: Chain[Voice] = Chain([EspeakVoice()])
    tiers: dict[str, Tier] = {"memory": Memory(10**8), "disk": DiskTier(folder, 10**8)}
    if redis_url:
        tiers["Redis"] = RedisTier(redis_url, 10**8)
    caches = {name: Cache([tier]) for name, tier in tiers.items()}
    kept = {name: Lines(cache) for name, cache in caches.items()}

    def line(lines: Lines) -> KeptRendering:
        return lines.render(TEXT, Style(), voices.route(), 0.24)

    async def everyone() -> float:
        lines = Lines(Cache([Memory(10**8)]))
        began = time.perf_counter()
        await asyncio.gather(*(first_and_all(lambda: line(lines)) for _ in range(ASKING)))
        took = time.perf_counter() - began
        await lines.close()
        return took

    for lines in kept.values():
        await first_and_all(lambda lines=lines: line(lines))
        await lines.close()
    times: dict[str, list[tuple[float, float]]] = defaultdict(list)
    # In turns, so that whatever else the machine does falls on all of them alike.
    for _ in range(ROUNDS):
        times["anew"].append(await first_and_all(lambda: Rendering(TEXT, Style(), voices.route(), 0.24)))
        for name, lines in kept.items():
            times[name].append(await first_and_all(lambda lines=lines: line(lines)))
        times["everyone"].append((0.0, await everyone()))
    for cache in caches.values():
        await cache.close()
    return _text({name: (median(r[0] for r in runs), median(r[1] for r in runs)) for name, runs in times.items()})


def _text(times: dict[str, tuple[float, float]]) -> str:
    first, whole = times.pop("anew")
    _, together = times.pop("everyone")
    rows = [["rendered anew", "1", "1"]]
    rows += [[f"kept, {name}", f"1/{first / one:.0f}", f"1/{whole / all_:.0f}"] for name, (one, all_) in times.items()]
    return f"""## Kept lines

Beside rendering the line anew (espeak-ng's voice and lip sync), in the same run.

{table(["a line of six seconds", "first sound", "all of it"], rows)}

- {ASKING} conversations that want the same new line at once: {together / whole:.1f} times one rendering.
"""


def main() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(running_redis()) if redis() else None
        text = asyncio.run(measure(folder, url))
    print(text)
    write("caches", text)


if __name__ == "__main__":
    main()
