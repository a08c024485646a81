import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from backend.fallback import EngineError
from backend.thinking import Mind, Prompt, Token, Usage
from backend.thinking.databricks import DatabricksMind, Offer, connect, offers, probe
from backend.thinking.workspace import PATIENCE, Workspace
from tests.fakes.databricks import DatabricksFake

pytest.importorskip("databricks.sdk")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_CLIENT_ID", "DATABRICKS_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(tmp_path_factory.mktemp("home") / "none"))


@pytest.fixture
async def fake() -> AsyncIterator[DatabricksFake]:
    async with DatabricksFake() as fake:
        fake.answer = "One two three four."
        yield fake


@pytest.fixture
async def workspace(fake: DatabricksFake) -> AsyncIterator[Workspace]:
    workspace = Workspace(host=fake.url, token="dapi-good")
    yield workspace
    workspace.close()


@pytest.fixture
async def mind(workspace: Workspace) -> AsyncIterator[DatabricksMind]:
    mind = DatabricksMind(workspace, "databricks-small")
    yield mind
    await mind.aclose()


async def listen(mind: Mind) -> tuple[str, Usage]:
    items = [item async for item in mind.answer(Prompt("Say it."))]
    assert isinstance(items[-1], Usage)
    return "".join(item.text for item in items if isinstance(item, Token)), items[-1]


async def test_streams_with_a_token(fake: DatabricksFake, mind: DatabricksMind) -> None:
    text, usage = await listen(mind)
    assert text == fake.answer
    assert usage == Usage("databricks-small", fake.requests[-1].prompt_tokens, 4)
    assert fake.callers == ["user@example.com"]


async def test_a_service_principal_signs_in_once(fake: DatabricksFake) -> None:
    workspace = Workspace(host=fake.url, client_id="client-id", client_secret="client-secret")
    mind = DatabricksMind(workspace, "databricks-small")
    await asyncio.gather(*(listen(mind) for _ in range(5)))
    assert set(fake.callers) == {"client-id"}
    assert fake.issued == 1
    await mind.aclose()
    workspace.close()


async def test_a_slow_sign_in_does_not_hold_the_loop(fake: DatabricksFake) -> None:
    fake.token_delay = 0.5
    workspace = Workspace(host=fake.url, client_id="client-id", client_secret="client-secret")
    mind = DatabricksMind(workspace, "databricks-small")
    await mind._connection.http()  # the libraries are loaded: the sign-in alone is looked at
    from databricks.sdk.core import Config

    assert Config
    worst = 0.0

    async def watch() -> None:
        nonlocal worst
        while True:
            before = time.thread_time()
            await asyncio.sleep(0.005)
            worst = max(worst, time.thread_time() - before)

    watcher = asyncio.create_task(watch())
    began = time.monotonic()
    await listen(mind)
    watcher.cancel()
    assert time.monotonic() - began >= fake.token_delay
    assert worst < fake.token_delay / 2
    await mind.aclose()
    workspace.close()


async def test_on_behalf_of_a_person(
    fake: DatabricksFake, mind: DatabricksMind, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.tokens["forwarded"] = "anna@example.com"
    await listen(mind)
    await listen(mind.on_behalf_of("forwarded"))
    await listen(mind)
    assert fake.callers == ["user@example.com", "anna@example.com", "user@example.com"]


async def test_the_gateway_is_found(fake: DatabricksFake, mind: DatabricksMind) -> None:
    fake.gateway_only = True
    assert (await listen(mind))[0] == fake.answer
    assert fake.requests[-1].body["model"] == "system.ai.small"
    assert mind.style == "gateway"
    before = len(fake.requests)
    await listen(mind)
    assert len(fake.requests) == before + 1


@pytest.mark.parametrize("shape", ["blocks", "cumulative", "no_usage"])
async def test_odd_streams(fake: DatabricksFake, mind: DatabricksMind, shape: str) -> None:
    fake.shapes["databricks-small"] = shape  # type: ignore[assignment]
    text, usage = await listen(mind)
    assert text == fake.answer
    assert usage.estimated == (shape != "cumulative")
    if shape == "cumulative":
        assert usage.completion_tokens == 4
    assert 2 < usage.completion_tokens < 9


async def test_a_stream_without_an_end_was_cut(fake: DatabricksFake, mind: DatabricksMind) -> None:
    fake.shapes["databricks-small"] = "no_finish"
    with pytest.raises(EngineError) as caught:
        await listen(mind)
    assert getattr(caught.value, "kind", "") == "cut"


async def test_temperature_is_dropped_where_it_is_refused(fake: DatabricksFake, mind: DatabricksMind) -> None:
    fake.cool.add("databricks-small")
    assert (await listen(mind))[0] == fake.answer
    assert (await listen(mind))[0] == fake.answer
    assert [request.outcome for request in fake.requests] == ["400", "done", "done"]


async def test_throttling_is_told(fake: DatabricksFake, mind: DatabricksMind) -> None:
    fake.throttled = 1
    with pytest.raises(EngineError) as caught:
        await listen(mind)
    assert getattr(caught.value, "kind", "") == "busy"
    await listen(mind)


async def test_probe_names_those_that_may_not_be_used(fake: DatabricksFake, workspace: Workspace) -> None:
    fake.denied.add("databricks-strong")
    connection = connect(workspace)
    names = ["databricks-small", "databricks-strong", "databricks-retired"]
    wrong = await probe([DatabricksMind(workspace, name, connection=connection) for name in names])
    assert sorted(wrong) == ["databricks-retired", "databricks-strong"]
    assert "databricks-strong" in wrong["databricks-strong"].reason
    assert "no language model databricks-retired" in wrong["databricks-retired"].reason
    await connection.aclose()


async def test_offers_with_prices(fake: DatabricksFake, workspace: Workspace) -> None:
    connection = connect(workspace)
    found = await offers(workspace, connection)
    assert found == [Offer(name, True, 0.50001, 1.50003) for name in fake.models]
    await connection.aclose()


async def test_not_set_up_is_said_without_secrets() -> None:
    workspace = Workspace(host="", token="")
    mind = DatabricksMind(workspace, "m")
    with pytest.raises(EngineError) as caught:
        await listen(mind)
    assert "databricks auth login" in caught.value.remedy
    await mind.aclose()
    workspace.close()


async def test_a_wrong_token_is_said(fake: DatabricksFake) -> None:
    workspace = Workspace(host=fake.url, token="dapi-wrong")
    mind = DatabricksMind(workspace, "databricks-small")
    with pytest.raises(EngineError) as caught:
        await listen(mind)
    assert getattr(caught.value, "kind", "") == "auth"
    assert "dapi" not in caught.value.reason + caught.value.remedy
    await mind.aclose()
    workspace.close()


async def test_a_wrong_secret_is_said(fake: DatabricksFake) -> None:
    workspace = Workspace(host=fake.url, client_id="client-id", client_secret="oops-secret")
    mind = DatabricksMind(workspace, "databricks-small")
    with pytest.raises(EngineError) as caught:
        await listen(mind)
    assert "oops" not in caught.value.reason + caught.value.remedy
    await mind.aclose()
    workspace.close()


async def test_an_unreachable_host_is_said_soon() -> None:
    workspace = Workspace(host="http://127.0.0.1:9", token="dapi-good")
    mind = DatabricksMind(workspace, "m")
    with pytest.raises(EngineError):
        async with asyncio.timeout(2 * PATIENCE):  # the SDK by itself would try for five minutes
            await listen(mind)
    await mind.aclose()
    workspace.close()
