"""Kokoro's voice: a small neural model in this process, through ONNX Runtime; natural speech without any network.

Loading takes seconds, so it goes on in the background; until then, and wherever it cannot speak, the next voice does.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.fallback import EngineError, UnsuitableError
from backend.speaking import PhoneMark, Spoken, Style, WordMark
from backend.speaking.kokoro_files import FETCH, model, vocabulary, voices
from backend.speaking.kokoro_text import Phrase, phrases, pieces
from backend.speaking.silence import Line
from rhubarb.espeak import EspeakError
from rhubarb.speech.ipa import arpabet

RATE = 24_000
"""Samples a second, as every voice here gives them."""
MOST = 510
"""Symbols that the model reads; its context of 512 has a pad at either end."""
STYLE = 256
"""Numbers of a voice for one length of the text; a voice has a row for each length."""
UNIT = 600 / RATE
"""Seconds of one step of the durations that some exports give out beside the sound (40 steps a second)."""
RETRY = 3.0
"""Seconds after which it is asked again while it loads."""
SLOWEST = 0.8
"""Seconds of work for a second of speech at most: beyond real time it would stutter, and lip sync needs its share."""
TRIAL = "This is how long it takes to say something."
LETTERS = {"en-gb": "ba", "en": "ab", "es": "e", "fr": "f", "hi": "h", "it": "i", "pt": "p"}
"""What the names of voices begin with, by language. Japanese and Chinese were not trained on espeak-ng's phonemes."""
PREFERRED = ("af_heart", "bf_emma")
"""The voices of best quality by their makers' own grades (VOICES.md)."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    session: Any
    symbols: Mapping[str, int]
    tokens: str
    """The name of the model's first input; exports differ."""
    speed: type[np.float32] | type[np.int32]
    options: Callable[[], Any]
    """Makes what one line's runs are stopped by."""
    voices: Mapping[str, npt.NDArray[np.float32]]


class KokoroVoice:
    """Kokoro-82M behind the `Voice` door, from the files in *folder*.

    It marks words; phones where the model tells durations. *voice* is preferred in its own language.
    """

    name = "kokoro"

    def __init__(self, folder: Path, *, voice: str = "", threads: int = 2, slowest: float = SLOWEST) -> None:
        self._folder, self._voice, self._threads, self._slowest = folder, voice, threads, slowest
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="kokoro")
        self._loading: asyncio.Future[_Loaded] | None = None

    async def prepare(self) -> None:
        """Load the model, off the loop. Raises `EngineError`."""
        await asyncio.shield(self._load())

    async def aclose(self) -> None:
        """Let the thread go."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _load(self) -> "asyncio.Future[_Loaded]":
        loading = self._loading
        if loading is None or (loading.done() and (loading.cancelled() or loading.exception())):
            loop = asyncio.get_running_loop()
            loading = self._loading = loop.run_in_executor(self._worker, self._make_ready)
            # Who waits for it hears of a failure; nobody has to.
            loading.add_done_callback(lambda done: done.cancelled() or done.exception())
        return loading

    def _make_ready(self) -> _Loaded:
        loaded = _load(self._folder, self._threads)
        pace = _pace(loaded)
        if pace > self._slowest:
            reason = f"Kokoro is too slow on this machine: {pace:.1f} s for a second of speech."
            raise EngineError(reason, "More VISAVIS_KOKORO_THREADS may help; or leave it out of VISAVIS_VOICES.")
        return loaded

    async def say(self, text: str, style: Style) -> AsyncIterator[Spoken]:
        """See `backend.speaking.Voice`. Sound comes piece by piece: a sentence, or a long one's clauses."""
        loading = self._load()
        if not loading.done():
            raise EngineError("Kokoro's voice is still being loaded.", retry_after=RETRY)
        loaded = loading.result()
        voice = loaded.voices[self._choose(style, list(loaded.voices))]
        loop, line = asyncio.get_running_loop(), Line()
        run = loaded.options()
        speed = min(2.0, max(0.5, 1.0 + style.rate))
        begin = 0.0
        try:
            for piece in pieces(text):
                said = partial(phrases, piece, style.language)
                for sound, marks in await loop.run_in_executor(self._worker, _speak, loaded, voice, said, speed, run):
                    for item in marks:
                        line.mark(_moved(item, begin))
                    begin += len(sound) / RATE
                    for spoken in line.feed(sound):
                        yield spoken
            for spoken in line.finish():
                yield spoken
        except EspeakError as error:
            raise EngineError(
                "Kokoro's voice needs espeak-ng.", "Install the package espeakng-loader again."
            ) from error
        finally:
            # Also stops the model in the middle of a piece.
            run.terminate = True

    def _choose(self, style: Style, there: list[str]) -> str:
        if style.voice in there:
            return style.voice
        tag = style.language.lower().replace("_", "-")
        letters = LETTERS.get(tag) or LETTERS.get(tag.partition("-")[0], "")
        for letter in letters:
            fit = [name for name in there if name.startswith(letter)]
            for name in (self._voice, *PREFERRED, *fit):
                if name in fit:
                    return name
        reason = f"Kokoro has no voice for {style.language} here."
        raise UnsuitableError(reason, "Put one into its folder of voices." if letters else "")


def _load(folder: Path, threads: int) -> _Loaded:
    path = model(folder)
    if path is None:
        raise EngineError("Kokoro's model is not here.", f"Fetch it: {FETCH}")
    try:
        import onnxruntime  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise EngineError("Kokoro's voice needs ONNX Runtime.", "pip install 'visavis[kokoro]'") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that wait for the next line by turning in circles would take a core from everybody else.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        kinds = {node.name: node.type for node in session.get_inputs()}
        tokens = next(name for name in ("input_ids", "tokens") if name in kinds)
        speed = np.float32 if kinds["speed"] == "tensor(float)" else np.int32
        found = {name: _rows(folder / "voices" / f"{name}.bin") for name in voices(folder)}
        if not found:
            raise EngineError("Kokoro has no voices.", f"Fetch them: {FETCH}")
    except EngineError:
        raise
    except Exception as error:  # ONNX Runtime has a class of its own for each kind of damage
        raise EngineError("Kokoro's model cannot be read.", f"Delete {path.name} and fetch it anew: {FETCH}") from error
    return _Loaded(session, vocabulary(folder), tokens, speed, onnxruntime.RunOptions, found)


def _rows(path: Path) -> npt.NDArray[np.float32]:
    values = np.fromfile(path, np.float32)
    if not len(values) or len(values) % STYLE or not np.isfinite(values).all():
        raise EngineError(f"Kokoro's voice {path.name} is damaged.", f"Delete it and fetch it anew: {FETCH}")
    return values.reshape(-1, 1, STYLE)


def _pace(loaded: _Loaded) -> float:
    """Seconds that it takes to make a second of speech, after a first time that also sets the model up."""
    voice, run, took = next(iter(loaded.voices.values())), loaded.options(), 0.0
    for _ in range(2):
        began = time.perf_counter()
        sound = [part[0] for part in _speak(loaded, voice, partial(phrases, TRIAL, "en-US"), 1.0, run)]
        took = time.perf_counter() - began
    return took / max(1, sum(map(len, sound))) * RATE


Marks = list[WordMark | PhoneMark]
_Part = tuple[npt.NDArray[np.int16], Marks]


def _speak(
    loaded: _Loaded, voice: npt.NDArray[np.float32], read: Callable[[], list[Phrase]], speed: float, run: Any
) -> list[_Part]:
    """The sound of what is *read*, and its marks, in as many parts as the model needs; none once *run* is stopped."""
    said: list[Phrase] = []
    parts: list[list[Phrase]] = []
    for phrase in read():
        # A phrase goes with those before it as long as all of them fit.
        if said and sum(len(one.symbols) + 2 for one in [*said, phrase]) > MOST:
            parts.append(said)
            said = []
        said.append(phrase)
    parts += [said] if said else []
    return [_part(loaded, voice, part, speed, run) for part in parts if not run.terminate]


def _part(loaded: _Loaded, voice: npt.NDArray[np.float32], said: list[Phrase], speed: float, run: Any) -> _Part:
    written = "".join(f"{' ' if n else ''}{phrase.symbols}{phrase.mark}" for n, phrase in enumerate(said))
    kept = [(at, loaded.symbols[symbol]) for at, symbol in enumerate(written) if symbol in loaded.symbols][:MOST]
    if not kept:
        return np.empty(0, np.int16), []
    fed = {
        loaded.tokens: np.array([[0, *(number for _, number in kept), 0]], np.int64),
        "style": voice[min(len(kept), len(voice) - 1)],
        # One old export takes whole numbers only: it can hardly be sped up.
        "speed": np.array([round(speed) if loaded.speed is np.int32 else speed], loaded.speed),
    }
    outputs = loaded.session.run(None, fed, run)
    wave = np.nan_to_num(np.asarray(outputs[0], np.float32).reshape(-1))
    sound = np.clip(np.rint(wave * 32_767), -32_768, 32_767).astype(np.int16)
    durations = np.asarray(outputs[1]).reshape(-1) if len(outputs) > 1 else np.empty(0)
    told = len(durations) == len(kept) + 2
    ends = _ends(durations, len(sound)) if told else _spread(len(kept), sound)
    times = {at: (float(ends[n]), float(ends[n + 1])) for n, (at, _) in enumerate(kept)}
    return sound, _marks(said, written, times, phones=told)


def _ends(durations: npt.NDArray[Any], samples: int) -> npt.NDArray[np.float64]:
    """Where each symbol begins, and the last one ends, in seconds; the pads are before and after."""
    steps = np.cumsum(np.maximum(durations.astype(float), 0.0))[:-1] * UNIT
    return np.minimum(steps, samples / RATE)


def _spread(count: int, sound: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    """The same by guess, where the model tells nothing: the symbols share what can be heard evenly."""
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > 300)
    first, last = (int(loud[0]), int(loud[-1]) + 1) if len(loud) else (0, len(sound))
    return np.linspace(first, last, count + 1) / RATE


def _marks(said: list[Phrase], written: str, times: Mapping[int, tuple[float, float]], *, phones: bool) -> Marks:
    marks: Marks = []
    offset = 0
    for phrase in said:
        for text, first, last in phrase.words:
            if spans := [times[at] for at in range(offset + first, offset + last) if at in times]:
                marks.append(WordMark(spans[0][0], spans[-1][1], text))
        offset += len(phrase.symbols) + len(phrase.mark) + 1
    if phones:
        for at, (begin, end) in times.items():
            names = arpabet([_IPA.get(written[at], written[at])])
            step = (end - begin) / max(1, len(names))
            marks += [PhoneMark(begin + n * step, begin + (n + 1) * step, name) for n, name in enumerate(names)]
    return sorted(marks, key=lambda mark: mark.start)


_IPA = {"I": "aɪ", "W": "aʊ", "A": "eɪ", "Y": "ɔɪ", "O": "oʊ", "Q": "əʊ", "ʤ": "dʒ", "ʧ": "tʃ", "ʦ": "ts", "ʣ": "dz",
        "T": "ɾ", "ᵊ": "ə"}  # fmt: skip


def _moved(mark: WordMark | PhoneMark, by: float) -> WordMark | PhoneMark:
    if isinstance(mark, WordMark):
        return WordMark(mark.start + by, mark.end + by, mark.text)
    return PhoneMark(mark.start + by, mark.end + by, mark.phone)
