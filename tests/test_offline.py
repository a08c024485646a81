"""The conversation with the network cut off: a namespace of its own, with nothing in it but loopback."""

import asyncio
import shutil
import subprocess
import sys

import pytest

from tests.server import ROOT, serving
from tests.talker import talker

CUT_OFF = ["unshare", "--net", "--map-root-user", "sh", "-c", 'ip link set lo up && exec "$0" "$@"']


def can_cut_off() -> bool:
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    return subprocess.run([*CUT_OFF, "true"], check=False, capture_output=True).returncode == 0


async def converse() -> None:
    """What a person sees who has no network: everything but Edge's voice."""
    async with serving() as url, talker(url, greet=True, speed=20) as person:
        await person.until(lambda: 1 in person.turns and person.turns[1].end, 30)
        greeting = person.turns[1]
        assert greeting.lines[0].voice == "espeak"
        assert greeting.seconds() > 1
        assert [notice["code"] for notice in person.notices] == ["edge_to_espeak"]
        assert person.notices[0]["action"], "it says what to do"
        for _ in range(20):  # the documents are being read for the first time
            heard = await person.ask("What does Visavis answer when no model is configured?", 30)
            if heard.end and heard.end["sources"]:
                break
            await asyncio.sleep(0.5)
        assert heard.end is not None
        assert heard.end["sources"], "it answers from the documents and says from which"
        assert heard.seconds() > 1
        assert len(person.notices) == 1, "said once"
        assert not person.errors


@pytest.mark.skipif(not can_cut_off(), reason="needs Linux with unshare and ip")
def test_with_the_network_cut_off() -> None:
    done = subprocess.run(
        [*CUT_OFF, sys.executable, "-m", "tests.test_offline"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr


if __name__ == "__main__":
    asyncio.run(converse())
