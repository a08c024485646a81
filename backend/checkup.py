"""`visavis doctor`: what is configured, what answers, how fast, and what to do about the rest."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Any, cast

from backend.bases import Base
from backend.engines import build, close
from backend.fallback import EngineError
from backend.feeling.feelings import Feelings
from backend.settings import Settings
from backend.speaking import Pcm, Style, Voice
from backend.thinking import Mind
from backend.thinking.doctor import Finding, examine
from backend.thinking.ladder import Ladder

PATIENCE = 12.0
"""Seconds that a voice may take."""


async def checkup(settings: Settings, say: Callable[[str], None]) -> bool:
    """Ask every mind for a word and every voice for a sound; whether one of each answers."""
    engines = build(settings)
    try:
        say("Minds, best first:")
        minds = await examine(_each(engines.minds.engines))
        _tell(minds, say)
        say("Voices, best first:")
        voices = await asyncio.gather(*(_listen(voice, settings.language) for voice in engines.voices.engines))
        _tell(voices, say)
        say("Knowledge:")
        say(await _known(engines.base))
        say("Feeling:")
        _tell(await _feel(engines.feeling, settings.emotion_model), say)
        return any(finding.well for finding in minds) and any(finding.well for finding in voices)
    finally:
        await close(engines)


async def _known(base: Base) -> str:
    """What is searched, and whether it can be."""
    try:
        async with asyncio.timeout(PATIENCE):
            there = bool(await base.knowledge.version())
            await base.knowledge.search("Hello there, documents")
    except EngineError as error:
        return f"  --  {base.knowledge.name}: {error.reason} {error.remedy}".rstrip()
    except TimeoutError:
        return f"  --  {base.knowledge.name}: It does not answer in time."
    if not there:
        how = "Its documents are learned when the server starts." if base.sources else "Run: visavis learn FOLDER"
        return f"  --  {base.knowledge.name}: Nothing was learned yet. {how}"
    if base.embedder is not None and base.embedder.trouble:
        return f"  --  {base.knowledge.name}: searches by words alone. {base.embedder.trouble.reason}"
    return f"  ok  {base.knowledge.name}"


def _each(minds: Sequence[Mind]) -> list[Mind]:
    return [one for mind in minds for one in (mind.minds if isinstance(mind, Ladder) else (mind,))]


def _tell(findings: Sequence[Finding], say: Callable[[str], None]) -> None:
    for finding in findings:
        say(f"  {'ok ' if finding.well else '-- '} {finding}")


async def _feel(feelings: Feelings, model: str) -> list[Finding]:
    """The readers of emotion; the better one only where it is wanted, as loading it takes seconds."""
    began = time.perf_counter()
    await asyncio.to_thread(feelings.read, "I am happy that it works.")
    found = [Finding("embedded", True, time.perf_counter() - began)]
    if not model:
        return found
    try:
        await feelings.warm()
        began = time.perf_counter()
        await feelings.refine("I am happy that it works.")
    except EngineError as error:
        return [Finding(model, False, None, error.reason, error.remedy), *found]
    return [Finding(model, True, time.perf_counter() - began), *found]


async def _listen(voice: Voice, language: str) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            if prepare := getattr(voice, "prepare", None):
                await prepare()
            began = time.perf_counter()
            async with aclosing(cast(Any, voice.say("Hello.", Style(language)))) as items:
                async for item in items:
                    if isinstance(item, Pcm):
                        return Finding(voice.name, True, time.perf_counter() - began)
    except EngineError as error:
        return Finding(voice.name, False, None, error.reason, error.remedy)
    except TimeoutError:
        pass
    return Finding(voice.name, False, None, "It does not answer in time.")
