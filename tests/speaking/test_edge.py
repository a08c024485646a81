"""Edge's voice, over a real socket to a server that speaks its protocol."""

import asyncio
import contextlib
import gc
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable

import certifi
import numpy as np
import pytest

from backend.fallback import BrokenOffError, Chain, EngineError, Step
from backend.speaking import Style, Voice
from backend.speaking.edge import EdgeVoice
from backend.speaking.edge_voices import voice_for
from backend.speaking.espeak import EspeakVoice
from backend.speaking.reachable import Doorbell
from tests.fakes.edge import EdgeFake, Failure, Kind
from tests.speaking.listening import Heard, edges, hear, lag

TEXT = "Hello there, I have twenty cats. Is it café time? She thinks of the fifth path."
US = Style()


@pytest.fixture
async def fake() -> AsyncIterator[EdgeFake]:
    async with EdgeFake() as server:
        yield server


@pytest.fixture
def voice(fake: EdgeFake) -> EdgeVoice:
    return EdgeVoice(fake.url, parallel=8)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def test_the_sound_is_what_was_spoken_without_the_silence_around_it(fake: EdgeFake, voice: EdgeVoice) -> None:
    heard = await hear(voice.say(TEXT, US))
    truth = fake.truth[TEXT]
    offset, likeness = lag(heard.sound, truth.sound)
    assert likeness > 0.97
    begin, end = edges(heard.sound)
    assert 0.01 <= begin <= 0.03
    assert 0.03 <= heard.seconds - end <= 0.08
    true_begin, true_end = edges(truth.sound)
    assert offset <= true_begin, "the beginning is whole"
    assert offset + heard.seconds >= true_end, "and so is the end"
    assert truth.seconds - heard.seconds > 0.7, "Edge's 0.8 s of silence is gone"
    assert np.abs(heard.sound.astype(int)).max() < 32767


async def test_words_are_marked_where_they_sound_and_before_they_come(fake: EdgeFake, voice: EdgeVoice) -> None:
    heard = await hear(voice.say(TEXT, US))
    truth = fake.truth[TEXT]
    offset, _ = lag(heard.sound, truth.sound)
    assert [word.text for word in heard.words] == [word.text for word in truth.words]
    for word, true in zip(heard.words, truth.words, strict=True):
        assert word.start == pytest.approx(true.start - offset, abs=0.03)
        assert word.end == pytest.approx(true.end - offset, abs=0.03)
    assert heard.late == []


async def test_the_first_sound_does_not_wait_for_the_last(fake: EdgeFake, voice: EdgeVoice) -> None:
    fake.speed = 4.0
    stream = voice.say(TEXT, US)
    heard = Heard()
    while not heard.chunks:
        heard.take(await anext(stream))
    assert fake.requests[0].seconds_sent < 2.0
    await hear(stream, heard)
    assert heard.seconds > 4.0


async def test_language_rate_pitch_and_text_arrive(fake: EdgeFake, voice: EdgeVoice) -> None:
    tricky = 'Tom & <Jerry> say "it\'s" fine'
    plain = await hear(voice.say(TEXT, US))
    fast = await hear(voice.say(TEXT, Style("de-DE", rate=0.5, pitch=-0.1)))
    request = fake.requests[-1]
    assert "SeraphinaMultilingualNeural" in request.voice
    assert (request.rate, request.pitch) == ("+50%", "-20Hz")
    assert fast.seconds < 0.85 * plain.seconds
    await hear(voice.say(tricky, Style(voice="en-GB-RyanNeural")))
    assert fake.requests[-1].text == tricky
    assert "en-GB, RyanNeural" in fake.requests[-1].voice


async def test_another_engine_s_voice_name_is_ignored(fake: EdgeFake, voice: EdgeVoice) -> None:
    await hear(voice.say("Hi", Style(voice="en-us+f3")))
    assert "EmmaMultilingualNeural" in fake.requests[-1].voice


@pytest.mark.parametrize(
    ("language", "expected"),
    [("de", "de-DE-"), ("de-AT", "de-AT-"), ("pt-PT", "pt-PT-"), ("EN_gb", "en-GB-"), ("no", "nb-NO-"),
     ("tlh", "en-US-Emma"), ("", "en-US-Emma")],
)  # fmt: skip
def test_every_language_has_a_voice(language: str, expected: str) -> None:
    assert voice_for(language).startswith(expected)


async def test_nothing_to_say_asks_for_nothing(fake: EdgeFake, voice: EdgeVoice) -> None:
    assert (await hear(voice.say("?! …", US))).chunks == []
    assert fake.requests == []


REASONS: dict[Kind, str] = {
    "403": "refuses",
    "503": "too busy",
    "no_audio": "no sound",
    "silent": "does not answer",
    "stall": "stopped",
    "deaf": "stopped",
    "cut": "broke off",
    "bad_frame": "no speech",
    "garbage": "no speech",
}


@pytest.mark.parametrize("kind", REASONS)
async def test_a_failure_is_an_error_in_plain_words_after_all_that_had_come(fake: EdgeFake, kind: Kind) -> None:
    voice = EdgeVoice(fake.url, first_byte=0.3, stall=0.6, connect=1)
    fake.fail = kind
    fake.failures.extend([Failure(kind, after=0.6)] * 2)  # edge-tts itself tries a 403 twice
    heard = Heard()
    with pytest.raises(EngineError, match=REASONS[kind]) as error:
        await hear(voice.say(TEXT, US), heard)
    assert "127.0.0.1" not in error.value.reason + error.value.remedy
    if kind in {"stall", "deaf", "cut", "bad_frame", "garbage"}:
        assert 0.3 < heard.seconds <= 0.6
    else:
        assert heard.chunks == []


@pytest.mark.parametrize("kind", REASONS)
@pytest.mark.parametrize("after", [0.0, 0.6])
async def test_whatever_edge_does_the_line_is_spoken(fake: EdgeFake, kind: Kind, after: float) -> None:
    edge = EdgeVoice(fake.url, first_byte=0.3, stall=0.6, connect=1)
    steps: list[Step] = []
    voices: Chain[Voice] = Chain([edge, EspeakVoice()])
    route = voices.route(steps.append)
    fake.failures.extend([Failure(kind, after)] * 2)
    heard = Heard()
    try:
        await hear(route.stream(lambda voice: voice.say(TEXT, US)), heard)
    except BrokenOffError as broken:
        assert broken.engine == "edge"
        assert heard.chunks
        spoken = sum(word.end <= heard.seconds for word in heard.words)
        rest = " ".join(TEXT.split()[spoken:])
        heard = await hear(route.stream(lambda voice: voice.say(rest, US)))
    assert heard.text.endswith("fifth path")
    assert [(step.from_, step.to) for step in steps] == [("edge", "espeak")]
    assert steps[0].reason


async def test_no_server_at_all() -> None:
    with pytest.raises(EngineError, match="cannot be reached") as error:
        await hear(EdgeVoice("ws://127.0.0.1:1/").say(TEXT, US))
    assert "VISAVIS_EDGE_URL" in error.value.remedy


@pytest.mark.parametrize("url", ["https://example.org", "example.org", "ws://", ""])
def test_a_wrong_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="wss://host/path"):
        EdgeVoice(url)


async def test_closing_frees_the_socket_at_once(fake: EdgeFake, voice: EdgeVoice) -> None:
    fake.speed = 1.0
    stream = voice.say(TEXT, US)
    async with contextlib.aclosing(stream):
        await anext(stream)
        assert fake.open == 1
    await until(lambda: fake.open == 0)
    assert fake.requests[0].outcome == "closed"
    assert fake.requests[0].seconds_sent < 2.5


@pytest.mark.parametrize("kind", ["silent", "stall", "deaf"])
async def test_cancelling_does_not_wait_for_a_service_that_hangs(fake: EdgeFake, voice: EdgeVoice, kind: Kind) -> None:
    fake.fail = kind
    task = asyncio.create_task(hear(voice.say(TEXT, US)))
    await until(lambda: bool(fake.requests) and fake.requests[0].outcome == kind)
    task.cancel()
    # A websocket's own goodbye would wait ten seconds for the other side.
    done, _ = await asyncio.wait([task], timeout=3)
    assert done
    assert task.cancelled()


async def test_no_more_lines_at_once_than_the_service_bears(fake: EdgeFake) -> None:
    fake.parallel = 3
    voice = EdgeVoice(fake.url, parallel=3)
    lines = await asyncio.gather(*(hear(voice.say(f"{TEXT} {n}", US)) for n in range(8)))
    assert all(line.seconds > 4.0 for line in lines)
    assert {request.outcome for request in fake.requests} == {"done"}


async def test_eight_lines_at_once_each_get_their_own(fake: EdgeFake, voice: EdgeVoice) -> None:
    texts = [f"Line number {number} of eight, is it whole?" for number in range(8)]
    lines = await asyncio.gather(*(hear(voice.say(text, US)) for text in texts))
    for text, line in zip(texts, lines, strict=True):
        assert line.text == text.replace(",", "").rstrip("?")
        assert lag(line.sound, fake.truth[text].sound)[1] > 0.97


async def test_each_voice_has_its_own_endpoint(fake: EdgeFake) -> None:
    import edge_tts.communicate

    before = edge_tts.communicate.WSS_URL
    async with EdgeFake() as other:
        one, two = EdgeVoice(fake.url), EdgeVoice(other.url)
        await asyncio.gather(hear(one.say("one", US)), hear(two.say("two", US)))
        assert [r.text for r in fake.requests] == ["one"]
        assert [r.text for r in other.requests] == ["two"]
    assert before == edge_tts.communicate.WSS_URL
    assert "bing.com" in before


async def test_the_loop_is_never_held_up_as_by_an_ssl_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """CPU time of the longest callback; the yardstick is what edge-tts used to do for every line."""
    began = time.thread_time()
    ssl.create_default_context(cafile=certifi.where())
    yardstick = time.thread_time() - began
    spent: list[float] = []
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        before = time.thread_time()
        run(handle)
        spent.append(time.thread_time() - before)

    with EdgeFake().in_thread() as fake:
        voice = EdgeVoice(fake.url, parallel=8)
        gc.collect()
        gc.disable()  # the heap is the test run's, not the voice's
        monkeypatch.setattr(asyncio.Handle, "_run", timed)
        lines = await asyncio.gather(*(hear(voice.say(f"{TEXT} {n % 2}", US)) for n in range(8)))
        monkeypatch.undo()
        gc.enable()
    assert all(line.seconds > 4.0 for line in lines)
    assert max(spent) < yardstick


def test_importing_the_voice_loads_nothing_heavy() -> None:
    code = "import sys, backend.speaking.edge; print({'edge_tts', 'aiohttp'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


async def test_where_packets_vanish_no_line_waits_for_them(fake: EdgeFake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that neither opens nor fails, as behind a firewall that drops."""

    async def vanish(*_: object) -> None:
        await asyncio.Event().wait()

    opened = asyncio.open_connection
    monkeypatch.setattr(asyncio, "open_connection", vanish)
    now = [0.0]
    voice = EdgeVoice(fake.url)
    voice._doorbell = Doorbell(fake.url, limit=0.1, clock=lambda: now[0])
    with pytest.raises(EngineError, match="cannot be reached"):
        await voice.prepare()
    with pytest.raises(EngineError, match="cannot be reached"):
        await hear(voice.say(TEXT, US))
    assert fake.requests == [], "it was not even tried"
    # Later the way is free, and who asks then is served.
    monkeypatch.setattr(asyncio, "open_connection", opened)
    now[0] += 60.0
    assert (await hear(voice.say(TEXT, US))).seconds > 4.0


async def test_behind_a_proxy_nobody_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    doorbell = Doorbell("wss://example.invalid/x")
    assert doorbell.ring() is None
    assert await doorbell.answered()
