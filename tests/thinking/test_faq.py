"""What people ask first is answered by the offline mind from the project's own documents, and rightly."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.knowing.embedded import Embedded
from backend.knowing.ingest import learn, own_documents
from backend.thinking import Excerpt, Prompt, Token
from backend.thinking.offline import OfflineMind

ASKED = {
    "How do I start it?": "make run",
    "How do I install it?": "make run",
    "How do I run this?": "make run",
    "What does it cost?": "Nothing by itself",
    "Is it free?": "Yes",
    "Is it open source?": "Apache",
    "Do I need a GPU?": "No.",
    "How do I add my own documents?": "visavis learn",
    "Can you read PDFs?": "Yes: PDF",
    "What happens to my data?": "forgotten",
    "What is Rhubarb?": "mouth shapes",
    "What is Visavis?": "conversational avatar",
    "How does the lip sync work?": "nine shapes",
    "How do I deploy it on Databricks?": "deploy",
    "How do I change the avatar?": "settings",
    "Which browsers work?": "Firefox",
    "Does it work on my phone?": "phone",
    "Do you need the internet?": "without a network",
    "Does it work offline?": "without a network",
    "Can I use my own avatar?": "GLB or VRM",
    "What do you remember about me?": "Forget me",
    "How do I set a budget?": "VISAVIS_BUDGET",
}
NOT_THERE = ("What is the capital of France?", "Who won the world cup?", "How tall is Mount Everest?")


@pytest.fixture
async def knowledge(tmp_path: Path) -> AsyncIterator[Embedded]:
    learn(tmp_path / "own.sqlite", own_documents())
    base = Embedded(tmp_path / "own.sqlite")
    yield base
    await base.aclose()


async def answer(knowledge: Embedded, question: str) -> str:
    passages = await knowledge.search(question, 4)
    excerpts = tuple(Excerpt(p.title, p.text, p.source, p.score, p.heading) for p in passages)
    prompt = Prompt(question, excerpts=excerpts)
    return "".join([item.text async for item in OfflineMind().answer(prompt) if isinstance(item, Token)])


async def test_what_people_ask_first(knowledge: Embedded) -> None:
    said = {question: await answer(knowledge, question) for question in ASKED}
    wrong = {question: said[question] for question, words in ASKED.items() if words not in said[question]}
    assert not wrong


async def test_what_the_documents_do_not_know(knowledge: Embedded) -> None:
    for question in NOT_THERE:
        assert "[" not in await answer(knowledge, question), question
