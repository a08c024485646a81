"""Fuzzes the HTTP interface by its own description: `python -m tests.fuzz http --inputs 100000`.

schemathesis makes requests from the OpenAPI description, half of them right and half of them wrong, with values,
headers and bodies that nobody would send; the server is the real one, over a real connection. Every answer must be
below 500, be of the kind and shape that is described, and carry the security headers.
"""

import asyncio
from collections import Counter

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from requests import Session
from schemathesis import Case, GenerationMode, Response
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.server import serving

POLICY = "content-security-policy"


def sound(answer: Response, case: Case) -> None:
    """What every answer has to be."""
    about = f"{case.method} {case.formatted_path}"
    # 503 is an answer by itself: records that are switched off, a client that is not built.
    assert answer.status_code < 500 or answer.status_code == 503, f"{about}: {answer.status_code}"
    assert b"Traceback" not in answer.content, about
    assert POLICY in {name.lower() for name in answer.headers}, about
    kind = " ".join(answer.headers.get("content-type", []))
    assert "html" not in kind or b"<script>alert(" not in answer.content, about
    case.validate_response(answer, checks=[content_type_conformance, response_schema_conformance])


HEADERS = st.dictionaries(
    st.from_regex(r"\A(X-[A-Za-z]{1,12}|Accept|Range|If-Modified-Since|Sec-Fetch-Site|Content-Type)\Z"),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80).map(str.strip),
    max_size=3,
)
QUERY = st.dictionaries(st.text(max_size=8), st.text(max_size=30), max_size=2)


def requests(url: str, inputs: int, number: int) -> Counter[str]:
    """Send *inputs*; how often each status came. Blocking. Raises AssertionError with the request that did harm."""
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    came: Counter[str] = Counter()
    with Session() as session:
        for operation in operations:
            for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
                wrong = mode is GenerationMode.NEGATIVE and (operation.query or operation.body)
                strategy = operation.as_strategy(generation_mode=mode if wrong else GenerationMode.POSITIVE)

                @seed(number)
                @settings(
                    max_examples=inputs // len(operations) // 2 + 1, database=None, deadline=None,
                    phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
                )  # fmt: skip
                @given(case=strategy, headers=HEADERS, query=QUERY)
                def run(case: Case, headers: dict[str, str], query: dict[str, str]) -> None:
                    case.query = {**query, **(case.query or {})}
                    answer = case.call(session=session, headers=headers, allow_redirects=False, timeout=30)
                    came[str(answer.status_code)] += 1
                    sound(answer, case)

                run()
    return came


async def opened(url: str) -> None:
    """Wait for the records, or their pages would only be asked while they are not there yet."""
    async with asyncio.timeout(30), httpx.AsyncClient(base_url=url) as client:
        while "wait" in (await client.get("/health/ready")).json()["records"]:
            await asyncio.sleep(0.1)


AT_ONCE = 8
"""Clients; one alone would wait for the server's answer most of the time."""


async def fuzz(inputs: int, seed: int = 1) -> str:
    """Send at least *inputs* to a server of our own; a sentence about them."""
    came: Counter[str] = Counter()
    clients = min(AT_ONCE, max(1, inputs // 1_000))
    async with serving(voices=("espeak",), turns_per_minute=0) as url, asyncio.TaskGroup() as group:
        await opened(url)
        tasks = [
            group.create_task(asyncio.to_thread(requests, url, inputs // clients, seed * AT_ONCE + number))
            for number in range(clients)
        ]
        for task in tasks:
            came.update(await task)
    return f"{came.total()} requests, answered " + ", ".join(f"{came[one]} times {one}" for one in sorted(came))
