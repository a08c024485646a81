"""The state machine over every order of events."""

from hypothesis import given
from hypothesis import strategies as st

from backend import wire
from backend.conversation import (
    Begin,
    Conversation,
    Effect,
    Event,
    Exchange,
    Hint,
    LineBegun,
    LineGrew,
    LineSaid,
    Paused,
    Stop,
    Tell,
    TurnOver,
)


def said(turn: int, line: int, text: str, *, last: bool = True) -> list[Event]:
    """A line whose words take half a second each."""
    words = tuple((n / 2, n / 2 + 0.4, word, text.index(word)) for n, word in enumerate(text.split()))
    return [LineBegun(turn, line, text, text), LineGrew(turn, line, words, len(words) / 2, last)]


def feed(conversation: Conversation, *events: Event) -> list[Effect]:
    return [effect for event in events for effect in conversation.on(event)]


def test_a_typed_message_begins_a_turn() -> None:
    assert feed(Conversation(), wire.Typed(type="typed", text="  How are\nyou? ")) == [
        Begin(1, "typed", "How are you?", ())
    ]


def test_only_the_words_that_were_heard_are_kept() -> None:
    talk = Conversation()
    feed(talk, wire.Typed(type="typed", text="Tell me"), *said(1, 0, "one two three"), *said(1, 1, "four five six"))
    effects = feed(talk, wire.Interrupt(type="interrupt", turn=1, line=1, played_ms=600))
    assert effects == [Stop(1), Tell(wire.Cancelled(turn=1, heard="one two three four five"))]
    assert talk.history == [Exchange("Tell me", "one two three four five")]


def test_a_new_message_interrupts_by_the_last_position_known() -> None:
    talk = Conversation()
    feed(talk, wire.Typed(type="typed", text="Tell me"), *said(1, 0, "one two three four"))
    feed(talk, wire.Playback(type="playback", turn=1, line=0, played_ms=700))
    effects = feed(talk, wire.Typed(type="typed", text="Stop"))
    assert effects[:2] == [Stop(1), Tell(wire.Cancelled(turn=1, heard="one two"))]
    assert effects[2] == Begin(2, "typed", "Stop", (Exchange("Tell me", "one two"),))


def test_what_was_played_out_is_not_cancelled() -> None:
    talk = Conversation()
    feed(talk, wire.Typed(type="typed", text="Hi"), *said(1, 0, "one two"), TurnOver(1))
    feed(talk, wire.Playback(type="playback", turn=1, line=0, played_ms=1000))
    assert feed(talk, wire.Typed(type="typed", text="More")) == [
        Begin(2, "typed", "More", (Exchange("Hi", "one two"),))
    ]


def test_late_interim_words_are_dropped() -> None:
    def interim(revision: int) -> wire.Heard:
        return wire.Heard(type="heard", text="so I", final=False, revision=revision)

    talk = Conversation()
    assert feed(talk, interim(2), interim(1), interim(2), interim(3)) == [Hint("so I"), Hint("so I")]


def test_a_half_sent_line_is_not_taken_for_heard() -> None:
    text = "one two three four"
    assert LineSaid(text, text, [(0.0, 0.4, "one", 0)], seconds=0.5).heard(0.5) == "one"
    assert LineSaid(text, text, [(0.0, 0.4, "1", -1)], seconds=0.5).heard(0.5) == "one", "by its share"


def test_what_was_heard_is_kept_as_it_was_written() -> None:
    spoken = "Set OPENAI BASE URL in .env, see there."
    shown = "Set OPENAI_BASE_URL in .env, see https://a.b/c there."
    named = ["Set", "OPENAI", "BASE", "URL", "in", "env", "see", "there"]
    words = [(n / 2, n / 2 + 0.4, word, shown.index(word)) for n, word in enumerate(named)]
    line = LineSaid(shown, spoken, words, 4.0, complete=True)
    assert line.heard(0.2) == "Set"
    assert line.heard(0.7) == "Set OPENAI_BASE_URL"
    assert line.heard(2.6) == "Set OPENAI_BASE_URL in .env,"
    assert line.heard(3.3) == "Set OPENAI_BASE_URL in .env, see"
    assert line.heard(4.0) == shown
    assert line.heard(0.0) == ""


def test_what_was_heard_of_a_script_without_spaces_ends_with_the_word() -> None:
    text = "你好世界。"
    words = [(0.0, 0.4, "你好", 0), (0.5, 0.9, "世界", 2)]
    line = LineSaid(text, text, words, 1.0, complete=True)
    assert line.heard(0.3) == "你好"
    assert line.heard(1.0) == text


def test_a_line_that_is_cut_goes_on_with_its_next_whole_word() -> None:
    text = "one two three"
    words = [(0.0, 0.4, "one", 0), (0.5, 0.9, "two", 4), (1.0, 1.4, "three", 8)]
    line = LineSaid(text, text, words, seconds=0.7)
    line.cut()
    assert (line.text, line.spoken, line.complete) == ("one", "one", True)


def test_a_message_without_words_is_refused_kindly() -> None:
    (effect,) = feed(Conversation(), wire.Typed(type="typed", text=" ...?! \x07"))
    assert isinstance(effect, Tell)
    assert isinstance(effect.message, wire.Error)
    assert not effect.message.fatal


def test_the_greeting_comes_only_at_the_beginning() -> None:
    talk = Conversation()
    assert talk.greet() == [Begin(1, "greeting", "", ())]
    assert talk.greet() == []


numbers = st.integers(0, 4)
texts = st.sampled_from(["Hello there", "stop", "", "…", "one two three four five"])
events = st.one_of(
    st.builds(wire.Typed, type=st.just("typed"), text=texts),
    st.builds(wire.Heard, type=st.just("heard"), text=texts, final=st.booleans(), revision=numbers),
    st.builds(wire.Interrupt, type=st.just("interrupt"), turn=numbers, line=numbers, played_ms=st.floats(0, 5000)),
    st.builds(wire.Playback, type=st.just("playback"), turn=numbers, line=numbers, played_ms=st.floats(0, 5000)),
    st.builds(LineBegun, turn=numbers, line=numbers, text=texts, spoken=texts),
    st.builds(
        LineGrew,
        turn=numbers,
        line=numbers,
        words=st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3), st.just("w"), st.integers(-1, 40)), max_size=3).map(
            tuple
        ),
        seconds=st.floats(0, 5),
        last=st.booleans(),
    ),
    st.builds(TurnOver, turn=numbers),
)


@given(st.lists(events, max_size=40), st.integers(0, 3))
def test_whatever_comes_in_whatever_order(story: list[Event], turns: int) -> None:
    talk = Conversation(turns)
    begun: list[int] = []
    stopped: set[int] = set()
    for event in story:
        for effect in talk.on(event):
            match effect:
                case Begin(turn=turn, text=text, history=history):
                    assert text.strip()
                    assert not begun or turn > begun[-1], "turns only count up"
                    assert len(history) <= turns
                    begun.append(turn)
                case Stop(turn=turn):
                    assert turn in begun
                    assert turn not in stopped, "a turn is stopped once"
                    stopped.add(turn)
                case Tell(message=wire.Cancelled(turn=turn)):
                    assert turn in stopped
        assert talk.ahead_seconds >= -1e-6
        assert talk.live is None or talk.live == talk.turn
        assert len(talk.history) <= turns
    # At most the last turn is still going on: every other one was stopped or had been heard to its end.
    assert talk.turn == (begun[-1] if begun else 0)


def heard(text: str, revision: int, *, utterance: int = 1, final: bool = False) -> wire.Heard:
    return wire.Heard(type="heard", text=text, final=final, revision=revision, utterance=utterance)


def test_quiet_ends_a_numbered_utterance_and_what_settles_later_begins_nothing() -> None:
    talk = Conversation()
    assert feed(talk, heard("what is it", 1)) == [Hint("what is it", 1)]
    assert feed(talk, Paused(1, "what is it")) == [Begin(1, "heard", "what is it", (), 1)]
    assert feed(talk, heard("What is it?", 2, final=True), heard("what is", 3)) == []
    assert feed(talk, heard("and that", 4, utterance=2)) == [Hint("and that", 2)]


def test_a_person_who_goes_on_is_given_the_word_back() -> None:
    talk = Conversation()
    feed(talk, heard("what should I do", 1), Paused(1, "what should I do"), *said(1, 0, "one two three"))
    feed(talk, wire.Playback(type="playback", turn=1, line=0, played_ms=600))
    effects = feed(talk, heard("what should I do if it fails", 2))
    assert effects == [
        Stop(1),
        Tell(wire.Cancelled(turn=1, heard="one two")),
        Hint("what should I do if it fails", 1, corrected=True),
    ]
    # What they began to ask was never a question of its own; what they heard was said.
    assert talk.history == [Exchange("", "one two")]
    assert feed(talk, Paused(1, "what should I do if it fails"))[-1] == Begin(
        2, "heard", "what should I do if it fails", (Exchange("", "one two"),), 1
    )


def test_going_on_after_the_client_cut_in_withdraws_the_exchange_too() -> None:
    talk = Conversation()
    feed(talk, heard("tell me", 1), Paused(1, "tell me"), *said(1, 0, "one two"))
    feed(talk, wire.Interrupt(type="interrupt", turn=1, line=0, played_ms=0))
    assert feed(talk, heard("tell me about cats", 2)) == [Hint("tell me about cats", 1, corrected=True)]
    assert talk.history == []


def test_what_is_foreseen_is_what_begins() -> None:
    talk = Conversation(turns=2)
    for n in range(4):
        turn, history = talk.foreseen()
        begin = feed(talk, wire.Typed(type="typed", text=f"Question {n}"))[-1]
        assert isinstance(begin, Begin)
        assert (begin.turn, begin.history) == (turn, history)
        feed(talk, *said(begin.turn, 0, "one two"), TurnOver(begin.turn))
        feed(talk, wire.Playback(type="playback", turn=begin.turn, line=0, played_ms=1000))
