from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.knowing.embedded import Embedded
from backend.knowing.ingest import learn

GUIDE = """# House guide

Intro line about the house.

## Heating

The boiler stands in the cellar. Turn the red valve to open the heating circuit.

Bleed the radiators each autumn.

### Errors

Code E42 means low water pressure. Refill to 1.5 bar.

## Internet

The router password is printed under the device. Restart the router when the connection drops.

```sh
ping router.local  # a comment with # heading marks
```
"""

GARDEN = """The garden
==========

Roses want full sun. Water them in the morning.

Lawn
----

Mow the lawn weekly in summer, never in the midday heat.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "guide.md").write_text(GUIDE)
    (folder / "garden.txt").write_text(GARDEN)
    return folder


@pytest.fixture
async def knowledge(folder: Path, tmp_path: Path) -> AsyncIterator[Embedded]:
    learn(tmp_path / "store.sqlite", [folder])
    knowledge = Embedded(tmp_path / "store.sqlite")
    yield knowledge
    await knowledge.aclose()
