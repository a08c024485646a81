from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.thinking.skills import skilled_answer

NOW = datetime(2026, 3, 5, 14, 7)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("What is 12 times 7?", "That's 84."),
        ("2+2", "That's 4."),
        ("What's two plus two?", "That's 4."),
        ("how much is 20 percent of 80", "That's 16."),
        ("Calculate (3 + 4) * 2", "That's 14."),
        ("what is the square root of 81?", "That's 9."),
        ("What is 10 divided by 4?", "That's 2.5."),
        ("thirty-five minus six", "That's 29."),
        ("What is 1,000 x 3?", "That's 3,000."),
        ("2 to the power of 10", "That's 1,024."),
        ("what is 5 / 0?", "That would be dividing by zero, and even I can't do that."),
        ("Hi! What time is it?", "It's 14:07 by my clock."),
        ("do you know what time it is", "It's 14:07 by my clock."),
        ("What day is it today?", "Today is Thursday, 5 March 2026."),
        ("what's the date", "Today is Thursday, 5 March 2026."),
    ],
)
def test_knows(text: str, answer: str) -> None:
    assert skilled_answer(text, NOW) == answer


@pytest.mark.parametrize(
    "text",
    [
        "What is 42?",
        "What is HTTP 403?",
        "How much is it?",
        "call 555-123-4567",
        "2026-03-05",
        "What time does the server start?",
        "What is the time limit of a session?",
        "what is a date field",
        "9**9**9**9",
        "10 to the power of 5000",
        "",
        "python 3.11 or 3.12",
        "what is version 2.0 - 1",
    ],
)
def test_leaves_alone(text: str) -> None:
    assert skilled_answer(text, NOW) is None


@given(st.text(alphabet="0123456789+-*/%(). x", max_size=120))
def test_any_sum_ends_well(text: str) -> None:
    skilled_answer(text, NOW)
