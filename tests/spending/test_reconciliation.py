"""The ledger agrees with the provider's own log, to the token, over a thousand turns of which many go wrong."""

import random
from collections import Counter
from contextlib import aclosing, suppress
from functools import partial

from backend.fallback import EngineError
from backend.spending.ledger import Bill, Meter, Tokens, Totals
from backend.spending.prices import open_book
from backend.thinking import Prompt, Token
from backend.thinking.openai import Limits, OpenAIMind
from backend.thinking.prompt import Prompter
from tests.fakes.chat import ChatFake, Failure, tokens

TURNS = 1_000
WORDS = ["the", "voice", "of", "a", "server", "answers", "with", "plain", "words", "and", "then", "it", "stops"]
MODEL = "databricks-meta-llama-3-1-8b-instruct"


async def test_a_thousand_turns_reconcile() -> None:
    dice = random.Random(7)
    book, totals, outcomes = open_book(), Totals(), Counter[str]()
    prompter = Prompter.of_file()
    async with ChatFake(rate=1e9) as chat:
        mind = OpenAIMind(chat.url, "key", MODEL, prompter=lambda: prompter, limits=Limits(stall=0.02))
        for number in range(TURNS):
            answer = " ".join(dice.choices(WORDS, k=dice.randint(1, 12)))
            length = len(tokens(answer))
            kind = dice.choices(
                ["well", "429", "500", "context", "cut", "content_filter", "stall", "interrupted"],
                [70, 3, 3, 2, 5, 4, 1, 12],
            )[0]
            stop = dice.randint(1, length)
            chat.answers.append(answer)
            # The person cuts in while the server thinks of its next token: it has sent `stop` of them, no more.
            failing = {"well": None, "interrupted": Failure("stall", stop)}.get(kind, Failure(kind, stop))  # type: ignore[arg-type]
            chat.failures.append(failing if kind != "well" else None)
            prompt = Prompt(f"Question {number}: {dice.choice(WORDS)}?", max_tokens=dice.randint(5, 40))
            bill = Bill(book)
            asked = sum(len(tokens(message["content"])) for message in prompter.messages(prompt))
            meter = Meter(bill, "answer", MODEL, partial(int, asked), lambda text: len(tokens(text)))
            heard = 0
            with suppress(EngineError):
                async with aclosing(mind.answer(prompt)) as items:
                    async for item in items:
                        if isinstance(item, Token):
                            meter.piece(item.text)
                            heard += 1
                            if kind == "interrupted" and heard == stop:
                                break
                        else:
                            meter.usage(
                                item.model,
                                Tokens(item.prompt_tokens, item.completion_tokens, item.cached_tokens),
                                estimated=item.estimated,
                            )
            meter.close()
            totals.add(bill.lines)
            outcomes[kind] += 1
            if kind in {"429", "500", "context"}:
                # It was refused before it took its answer from the list.
                chat.answers.clear()
        await mind.aclose()
        log = chat.requests
    assert len(log) == TURNS and min(outcomes.values()) >= 5, outcomes
    ours, theirs = Counter[str](), Counter[str]()
    for (_, _, unit), quantity in totals.quantities.items():
        ours[unit] += quantity
    for request in log:
        theirs["prompt token"] += request.prompt_tokens
        theirs["completion token"] += request.completion_tokens
    assert ours == theirs
    assert totals.nano == theirs["prompt token"] * 150 + theirs["completion token"] * 450
