"""Which minds answer, from the settings: a model or a ladder of models, and the offline mind behind them."""

from collections.abc import Sequence
from functools import partial

from backend.fallback import Chain
from backend.knowing import Knowledge
from backend.settings import ROUTER, Settings
from backend.thinking import Mind
from backend.thinking.command import load
from backend.thinking.connection import Connection, Limits
from backend.thinking.databricks import DatabricksMind, connect
from backend.thinking.ladder import Ladder
from backend.thinking.offline import OfflineMind
from backend.thinking.openai import OpenAIMind
from backend.thinking.prompt import Prompter
from backend.thinking.tools import Tools, clock, searcher
from backend.thinking.workspace import Workspace

OPENAI = "https://api.openai.com/v1"
SMALL = "-small"
"""What the names of small models end in."""
THOUGHT = 3.0
"""Seconds that a model may take for its first token beyond what it may pause later."""
FOUND = 3
"""Passages that the search tool gives back."""


def minds(settings: Settings, knowledge: Knowledge) -> Sequence[Mind]:
    """The minds in the order of preference. With a small model beside the strong one, a router chooses."""
    offline = OfflineMind()
    models = [*_databricks(settings, knowledge), *_openai(settings, knowledge)]
    small = [mind for mind in models if mind.name.endswith(SMALL)]
    strong = [mind for mind in models if mind not in small]
    if not small:
        return [*strong, offline]
    return [Ladder(small, strong, offline, router=load(settings.data / ROUTER))]


def aside(chain: Chain[Mind], *, strong: bool = True) -> Mind | None:
    """The cheapest model that is well, for work behind the conversation; None where there is only the offline mind.

    Without *strong*, which a budget may forbid, a model serves only where a router knows it to be the small one.
    """
    well = {state.name for state in chain.states() if state.state == "closed"}
    for mind in chain.engines:
        if isinstance(mind, Ladder):
            return mind.aside(strong=strong)
        if strong and mind.name in well and mind.name != OfflineMind.name:
            return mind
    return None


def _databricks(settings: Settings, knowledge: Knowledge) -> list[Mind]:
    if not settings.databricks_model:
        return []
    workspace = Workspace()
    make = partial(
        DatabricksMind,
        workspace,
        prompter=_prompter(settings),
        connection=connect(workspace, _limits(settings)),
        tools=_tools(settings, knowledge),
    )
    found: list[Mind] = [make(settings.databricks_model)]
    if settings.databricks_small_model:
        found.append(make(settings.databricks_small_model, name=f"databricks{SMALL}"))
    return found


def _openai(settings: Settings, knowledge: Knowledge) -> list[Mind]:
    key = settings.openai_api_key.get_secret_value()
    if not (settings.openai_base_url or key):
        return []
    make = partial(
        OpenAIMind,
        settings.openai_base_url or OPENAI,
        key,
        prompter=_prompter(settings),
        connection=Connection(_limits(settings)),
        tools=_tools(settings, knowledge),
    )
    found: list[Mind] = [make(settings.openai_model)]
    if settings.openai_small_model:
        found.append(make(settings.openai_small_model, name=f"openai{SMALL}"))
    return found


def _limits(settings: Settings) -> Limits:
    patience = settings.patience_seconds
    return Limits(first_token=patience + THOUGHT, stall=patience, parallel=settings.model_parallel)


def _prompter(settings: Settings) -> partial[Prompter]:
    return partial(Prompter.of_file, settings.persona) if settings.persona else partial(Prompter.of_file)


def _tools(settings: Settings, knowledge: Knowledge) -> Tools:
    async def find(question: str) -> list[tuple[str, str]]:
        return [(passage.title, passage.text) for passage in await knowledge.search(question, FOUND)]

    return Tools([clock(), searcher(find)]) if settings.tools else Tools()
