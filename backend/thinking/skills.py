"""What can be answered without any document: sums, the time, the date."""

import ast
import math
import operator
import re
from collections.abc import Callable
from datetime import datetime

from backend.thinking.smalltalk import normal, without_greeting

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NUMBERS = {word: value for value, word in enumerate(_SMALL.split())}
_NUMBERS |= {word: 20 + 10 * step for step, word in enumerate(_TENS.split())}

_ASKS = re.compile(
    r"^(?:(?:so|and|please|can you|could you|tell me|do you know|hey|ok|okay|now|then)\s+)*"
    r"(?:(?:what is|what does|what are|how much (?:is|are)|how many (?:is|are)|calculate|compute|work out|"
    r"solve|what do you get (?:for|from)|the result of|evaluate|what)\s+)*"
)
_PHRASES = (
    (r"(\d)\s*(?:per ?cent|%) of ", r"\1/100*"),
    (r"\bhalf of\b", "0.5*"),
    (r"\b(?:a|one) (?:third|quarter) of\b", lambda m: "1/3*" if "third" in m[0] else "0.25*"),
    (r"(?:the )?square root of (\d+(?:\.\d+)?)", r"(\1)**0.5"),
    (r"\b(?:to the power(?: of)?|raised to(?: the power(?: of)?)?)\b|\^", "**"),
    (r"\bsquared\b", "**2"),
    (r"\bcubed\b", "**3"),
    (r"\b(?:multiplied by|times|x)\b|×|·", "*"),
    (r"\b(?:divided by|over)\b|÷", "/"),
    (r"\b(?:plus|added to)\b", "+"),
    (r"\b(?:minus|less|take away)\b|−|–", "-"),
    (r"\b(?:modulo|mod)\b", "%"),
)
_SUM = re.compile(r"[\d\s.+\-*/%()]+")
_OPERATORS: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}

_POLITE = r"(?:(?:can|could) you )?(?:tell me |do you know |do you have )?"
_NOW = r"(?: now| right now| please| today)*"
_TIME = re.compile(
    rf"{_POLITE}(?:what(?: is)? )?(?:the )?(?:current )?time(?: is it| it is)?{_NOW}|"
    r"what time do (?:we|you) have|how late is it"
)
_DATE = re.compile(
    rf"{_POLITE}(?:what|which)(?: is)? (?:the )?(?:current |todays? s? ?)?"
    r"(?:date|day|day of the week|weekday|year|month)(?: is it| it is| is today| are we in| do we have)?"
    rf"{_NOW}|(?:the |todays? s? ?)?date(?: today)?|what (?:is )?today(?:s? s? date)?"
)


def skilled_answer(text: str, now: datetime) -> str | None:
    """The answer to a sum, or to the question for time or date; None when *text* is neither."""
    text = without_greeting(text)
    if len(text) > 120:
        return None
    asked = normal(text)
    if _TIME.fullmatch(asked):
        return f"It's {now:%H:%M} by my clock."
    if _DATE.fullmatch(asked):
        return f"Today is {now:%A}, {now.day} {now:%B %Y}."
    return _sum(text)


def is_skill(text: str) -> bool:
    """Whether *text* asks for what `skilled_answer` knows."""
    return skilled_answer(text, datetime.min) is not None


def _sum(text: str) -> str | None:
    question = text.lower().replace("’", "'").replace("what's", "what is").strip(" ?=.!")
    question = re.sub(r"(?<=\d),(?=\d{3}\b)", "", question)
    expression = _ASKS.sub("", _digits(question))
    for pattern, sign in _PHRASES:
        expression = re.sub(pattern, sign, expression)
    expression = expression.strip(" ?=.!")
    if not _SUM.fullmatch(expression) or not re.search(r"\d\s*\)*\s*[-+*/%]", expression):
        return None
    if re.fullmatch(r"[\d\s]+(?:[-/.][\d\s]+){2,}", expression):  # a date or a telephone number
        return None
    try:
        value = _evaluate(ast.parse(expression.strip(), mode="eval").body)
    except ZeroDivisionError:
        return "That would be dividing by zero, and even I can't do that."
    except (SyntaxError, ValueError, OverflowError, RecursionError, TypeError):
        return None
    return f"That's {_spoken(value)}."


def _digits(text: str) -> str:
    """Number words up to ninety-nine in figures."""
    tens, units = "|".join(_TENS.split()), "|".join(_SMALL.split()[1:10])
    text = re.sub(
        rf"\b({tens})[- ]({units})\b",
        lambda m: str(_NUMBERS[m[1]] + _NUMBERS[m[2]]),
        text,
        flags=re.IGNORECASE,
    )
    return re.sub(rf"\b({'|'.join(_NUMBERS)})\b", lambda m: str(_NUMBERS[m[1]]), text)


def _evaluate(node: ast.AST) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            if abs(value) > 1e15:
                raise ValueError("too large")
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _evaluate(operand)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, exponent = _evaluate(left), _evaluate(right)
            if abs(exponent) > 64 or abs(base) > 1e6 or (base < 0 and exponent != int(exponent)):
                raise ValueError("too large")
            return _bounded(base**exponent)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _bounded(_OPERATORS[type(op)](_evaluate(left), _evaluate(right)))
    raise ValueError("not a sum")


def _bounded(value: float) -> float:
    if not math.isfinite(value) or abs(value) > 1e30:
        raise ValueError("too large")
    return value


def _spoken(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.4f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else f"about {value:.3g}"
