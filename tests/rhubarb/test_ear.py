"""Hearing: where the phones are, how sure, and what it takes."""

from __future__ import annotations

import difflib
import statistics
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from rhubarb import cues
from rhubarb.ear.ear import Ear
from rhubarb.ear.features import Features
from rhubarb.ear.model import load as load_model
from rhubarb.plan import Plan
from rhubarb.speech import lexicon
from tests.rhubarb.utterances import NAMES, NATURAL, agreement, load


def listen(text: str, pcm: bytes, rate: int) -> Ear:
    plan = Plan(text, "en-US")
    ear = Ear([word.variants for word in plan.words], [word.spoken.pause for word in plan.words], rate)
    ear.feed(np.frombuffer(pcm, np.int16), last=True)
    return ear


def test_phones_start_where_they_do() -> None:
    errors: list[float] = []
    for name in NAMES:
        said = load(name)
        if not said.voice.startswith(NATURAL):
            continue
        heard = listen(said.text, said.pcm, said.rate).heard(final=True)
        mine = [item.phone for item in heard]
        true = ["AH" if phone.phone == "Schwa" else phone.phone for phone in said.true_phones]
        for block in difflib.SequenceMatcher(None, mine, true, autojunk=False).get_matching_blocks():
            pairs = zip(heard[block.a :], said.true_phones[block.b :], strict=False)
            errors += [abs(item.start - phone.start) for item, phone in islice(pairs, block.size)]
    assert len(errors) > 500
    assert sum(error < 0.0201 for error in errors) / len(errors) >= 0.88
    assert sum(error < 0.0501 for error in errors) / len(errors) >= 0.97


def test_the_goals_for_agreement() -> None:
    said = [load(name) for name in NAMES]
    mine = {one.name: cues(one.pcm, one.rate, one.text) for one in said}
    assert statistics.mean(agreement(mine[one.name], one.truth) for one in said) >= 0.79
    natural = [one for one in said if one.voice.startswith(NATURAL)]
    assert statistics.mean(agreement(mine[one.name], one.rhubarb) for one in natural) >= 0.78
    assert statistics.mean(agreement(mine[one.name], one.rhubarb, within=5) for one in natural) >= 0.92


@pytest.mark.parametrize("gain", [0.05, 0.3])
def test_quiet_speech_is_heard_as_well(gain: float) -> None:
    said = load("u03")
    quiet = (np.frombuffer(said.pcm, np.int16) * gain).astype(np.int16)
    assert agreement(cues(quiet, said.rate, said.text), said.truth) > 0.75


@pytest.mark.parametrize("rate", [16000, 22050, 44100, 48000])
def test_any_usual_sample_rate(rate: int) -> None:
    said = load("u16")
    samples = np.frombuffer(said.pcm, np.int16)
    at = np.arange(int(said.duration * rate)) * said.rate / rate
    resampled = np.interp(at, np.arange(len(samples)), samples).astype(np.int16)
    assert agreement(cues(resampled, rate, said.text), said.truth) > 0.75


def test_a_wrong_text_is_noticed_and_a_right_one_believed() -> None:
    for name, other in (("u02", "u14"), ("u13", "u05"), ("u18", "u03")):
        said = load(name)
        assert not listen(said.text, said.pcm, said.rate).lost()
        lost = listen(load(other).text, said.pcm, said.rate).lost()
        assert sum(end - start for start, end in lost) > said.duration / 2


def test_a_text_too_long_is_followed_as_far_as_it_is_said() -> None:
    said = load("u01")
    heard = listen(f"{said.text} {load('u13').text * 3}", said.pcm, said.rate).heard(final=True)
    assert max(item.word for item in heard) <= 12


def test_features_do_not_depend_on_how_the_audio_is_cut_once_the_mean_is_known() -> None:
    said = load("u07")
    samples = np.frombuffer(said.pcm, np.int16)

    def shapes(step: int) -> int:
        features = Features(said.rate)
        pieces = [features.feed(samples[at : at + step]) for at in range(0, len(samples), step)]
        pieces.append(features.feed(samples[:0], last=True))
        # The differences do not contain the mean.
        joined = np.concatenate(pieces)[:, 13:]
        results.append(joined)
        return len(joined)

    results: list[np.ndarray] = []
    assert shapes(len(samples)) == shapes(777) == shapes(2400)
    assert np.allclose(results[0], results[1], atol=1e-2)
    assert np.allclose(results[0], results[2], atol=1e-2)


def test_the_model_is_what_it_says() -> None:
    model = load_model()
    assert len(model.names) == 42
    # Weights of each state's densities sum to about one.
    sums = np.exp(-0.10239 * model.weights[0].astype(float)).sum(axis=0)
    assert 0.8 < np.median(sums) < 1.2
    assert np.allclose(np.exp(model.stay) + np.exp(model.leave), 1, atol=1e-3)
    number = model.names.index
    with_context = model.senones(number("AE"), number("K"), number("T"), 0)
    assert not np.array_equal(with_context, model.of(model.base[number("AE")]))


def test_every_tenth_word_of_the_dictionary_is_found() -> None:
    import pocketsphinx

    with Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict")).open() as file:
        lines = [line.split() for line in file if line.strip()]
    for word, *phones in lines[::997]:
        assert tuple(phones) in lexicon.look_up(word.split("(")[0])
    assert lexicon.look_up("") == lexicon.look_up("zzzzzz") == lexicon.look_up("größe") == ()
