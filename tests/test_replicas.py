"""Two real servers behind nginx: one is killed in the middle of an answer, and nothing that is said is lost."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from subprocess import Popen

import pytest
from websockets.asyncio.client import connect

from tests.fakes.chat import ChatFake
from tests.server import ROOT, free_port, process
from tests.services import nginx, redis, running_nginx, running_redis
from tests.talker import Heard, Talker, talker

ANSWER = (
    "First of all, there are two servers. The second of them knows everything that the first one said. "
    "Third, a person who listens does not notice when one goes away. Fourth, the rest of the answer is thought of "
    "where the listener is now. Fifth and last, nothing is said twice, and nothing is left out."
)

pytestmark = pytest.mark.skipif(not (redis() and nginx()), reason="needs redis-server and nginx")


@pytest.fixture
def shelf() -> Iterator[str]:
    with running_redis() as url:
        yield url


@pytest.fixture
async def mind() -> AsyncIterator[ChatFake]:
    async with ChatFake(rate=25.0) as chat:
        chat.answer = ANSWER
        yield chat


def environment(shelf: str, folder: Path, mind: ChatFake | None) -> dict[str, str]:
    return {
        "VISAVIS_VOICES": "espeak",
        "VISAVIS_DATA": str(folder),
        "VISAVIS_REDIS_URL": shelf,
        "VISAVIS_TRUSTED_PROXIES": "127.0.0.1",
        "VISAVIS_TOKEN": "sesame",
        "OPENAI_BASE_URL": mind.url if mind else "",
        "OPENAI_MODEL": "fake-small",
        "VISAVIS_AHEAD_SECONDS": "2",
    }


def configuration(port: int, servers: list[str]) -> str:
    """deploy/nginx.conf with other names and another port."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for number, server in enumerate(servers, 1):
        text = text.replace(f"visavis-{number}:8000", server.removeprefix("http://"))
    return text.replace("listen 8080", f"listen 127.0.0.1:{port}")


@asynccontextmanager
async def two(
    shelf: str, folder: Path, mind: ChatFake | None, **more: str
) -> AsyncIterator[tuple[str, dict[str, Popen[bytes]]]]:
    """Yields (nginx's address, the servers' processes by their addresses)."""

    def start(stack: ExitStack) -> tuple[str, dict[str, Popen[bytes]]]:
        servers = {}
        for number in (1, 2):
            url, child = stack.enter_context(process(environment(shelf, folder / str(number), mind) | more))
            servers[url] = child
        port = free_port()
        return stack.enter_context(running_nginx(configuration(port, list(servers)), port)), servers

    with ExitStack() as stack:
        yield await asyncio.to_thread(start, stack)


HEADERS = {"authorization": "Bearer sesame"}


class Listener:
    """A browser's behaviour: when the connection is lost it comes back, and plays on what it has meanwhile."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("http", "ws") + "/ws"
        self.person: Talker | None = None
        self.ready = asyncio.Event()
        self.resumed: list[bool] = []
        self.numbers: list[int] = []

    async def run(self) -> None:
        playing: asyncio.Task[None] | None = None
        while True:
            try:
                async with connect(self.url, additional_headers=HEADERS, max_size=None) as socket:
                    if self.person is None:
                        self.person = Talker(socket)
                        self.person.speed = 4
                        playing = asyncio.create_task(self.person.play())
                    person, person.socket = self.person, socket
                    resume = {"token": person.ready["resume"], "seq": person.seq} if person.ready else None
                    person.ready = {}
                    listening = asyncio.create_task(person.listen())
                    await person.send(type="hello", greet=False, resume=resume)
                    await person.until(lambda person=person: person.ready)
                    if resume:
                        self.resumed.append(person.ready["resumed"])
                    self.ready.set()
                    await listening
            except OSError:
                pass
            except Exception as error:
                if type(error).__name__ not in {"InvalidStatus", "InvalidMessage", "ConnectionClosedError"}:
                    raise
            finally:
                if asyncio.current_task().cancelling() and playing:  # type: ignore[union-attr]
                    playing.cancel()
            await asyncio.sleep(0.1)


def said(heard: Heard) -> str:
    return re.sub(r"\s+", " ", heard.text)


async def serving_now(servers: dict[str, Popen[bytes]]) -> str:
    """The server that has the connection."""
    import httpx

    async with httpx.AsyncClient(headers=HEADERS) as client:
        for url, child in servers.items():
            if child.poll() is None:
                text = (await client.get(f"{url}/metrics")).text
                if re.search(r'visavis_conversations\{connected="yes"\} 1\.0', text):
                    return url
    raise AssertionError("nobody has the connection")


@pytest.mark.timeout(180)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_one_is_stopped_in_the_middle_of_an_answer(
    shelf: str, tmp_path: Path, mind: ChatFake, how: signal.Signals
) -> None:
    async with two(shelf, tmp_path, mind) as (url, servers):
        listener = Listener(url)
        task = asyncio.create_task(listener.run())
        await asyncio.wait_for(listener.ready.wait(), 30)
        person = listener.person
        assert person is not None
        heard = await person.say("Tell me about the two servers.")
        await person.until(lambda: 1 in heard.lines and heard.lines[1].pcm, 60)
        first = await serving_now(servers)
        servers[first].send_signal(how)
        await person.until(lambda: heard.end, 90)
        assert listener.resumed == [True]
        assert await serving_now(servers) != first
        assert heard.end is not None
        assert heard.end["type"] == "turn_ended"
        assert heard.end["why"] == "complete"
        assert all(line.complete for line in heard.lines.values())
        written = "".join(m["delta"] for m in heard.messages if m["type"] == "text")
        assert written == ANSWER, "what is written comes once, and whole"
        # A word that was cut in two may be said again; nothing else is, and nothing is missing.
        spoken = said(heard)
        assert aloud(heard) in (ANSWER, *with_one_word_twice()), spoken
        numbers = [message["seq"] for _, message in person.frames if message["type"] != "ready"]
        assert numbers == sorted(set(numbers)), "no frame twice, none out of order"
        # And the conversation goes on.
        again = await person.ask("Tell me about the two servers.", 90)
        assert again.turn == heard.turn + 1
        assert mind.requests[-1].body["messages"][-2]["role"] in {"assistant", "user"}
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def aloud(heard: Heard) -> str:
    """What was spoken: of a line that was broken off, the words whose sound was sent."""
    words: list[str] = []
    for line in heard.lines.values():
        seconds = len(line.pcm) / 2 / 24_000
        written = line.text.split()
        begun = sum(1 for start, *_ in line.words if start < seconds)
        words += written if begun >= len(line.words) >= len(written) else written[:begun]
    return " ".join(words)


def with_one_word_twice() -> list[str]:
    words = ANSWER.split()
    return [" ".join(words[: n + 1] + words[n:]) for n in range(len(words))]


@pytest.mark.timeout(120)
async def test_a_conversation_moves_to_whoever_is_asked(shelf: str, tmp_path: Path) -> None:
    """Without nginx: from one server to the other and back, and nobody answers twice."""
    # These listeners come anew each time and report nothing of turns that they do not know.
    async with two(shelf, tmp_path, None, VISAVIS_AHEAD_SECONDS="60") as (_, servers):
        one, other = servers
        async with talker(one, speed=20, headers=HEADERS) as person:
            await person.ask("Hello!")
            token, seq = person.ready["resume"], person.seq
        for turn, url in ((2, other), (3, one), (4, other)):
            async with talker(url, speed=20, resume={"token": token, "seq": seq}, headers=HEADERS) as person:
                assert person.ready["resumed"], url
                heard = await person.ask("And how are you?")
                assert heard.turn == turn
                seq = person.seq


@pytest.mark.timeout(120)
async def test_without_the_shelf_conversations_go_on(tmp_path: Path) -> None:
    with running_redis() as shelf:
        stack = ExitStack()
        url, _ = stack.enter_context(process(environment(shelf, tmp_path, None)))
    with stack:  # Redis is gone
        async with talker(url, speed=20, headers=HEADERS) as person:
            assert (await person.ask("Hello!", 60)).lines[0].pcm
