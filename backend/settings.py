"""Every setting, once: typed, documented, checked at start.

Each is read from the environment (`VISAVIS_NAME`) or a `.env` file; the few that other tools also
know (`OPENAI_BASE_URL`) keep the name that those tools use.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

KNOWLEDGE = "knowledge.sqlite"
"""The embedded knowledge base, in the data folder."""

VoiceName = Literal["edge", "espeak"]
Seconds = Annotated[float, Field(gt=0, le=3_600)]


class Settings(BaseSettings):
    """The settings of one server. `visavis settings` prints them with where each value came from."""

    model_config = SettingsConfigDict(env_prefix="VISAVIS_", env_file=".env", extra="ignore", populate_by_name=True)

    # The avatar
    name: str = Field("Visavis", min_length=1, max_length=40, description="What the avatar is called.")
    greeting: str = Field(
        "Hello, I'm {name}. Ask me anything.",
        max_length=500,
        description="What it says when a page opens; {name} is replaced. Empty for no greeting.",
    )
    language: str = Field("en-US", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", description="A BCP 47 tag.")

    # Where things are kept
    data: Path = Field(Path(".visavis"), description="Folder for the index, caches and models; made when missing.")
    documents: list[Path] = Field(
        default_factory=list,
        description="Folders or files to answer from, as a JSON list. Empty: the project's own documentation.",
    )

    # Thinking
    openai_base_url: str = Field(
        "",
        validation_alias=AliasChoices("VISAVIS_OPENAI_BASE_URL", "OPENAI_BASE_URL"),
        description="Any OpenAI-compatible server, for example http://localhost:11434/v1. Empty: offline mind.",
    )
    openai_api_key: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("VISAVIS_OPENAI_API_KEY", "OPENAI_API_KEY"),
        description="Its key, where it wants one.",
    )
    openai_model: str = Field(
        "",
        validation_alias=AliasChoices("VISAVIS_OPENAI_MODEL", "OPENAI_MODEL"),
        description="The model to ask for. Empty: the first one that the server lists.",
    )
    max_tokens: int = Field(220, ge=16, le=4_096, description="The longest answer, in tokens.")
    persona: Path | None = Field(None, description="A text file that says who the avatar is. Empty: the built-in one.")

    # Speaking
    voices: Annotated[tuple[VoiceName, ...], NoDecode] = Field(
        ("edge", "espeak"), description="Voice engines in the order of preference, separated by commas."
    )
    edge_url: str = Field("", description="Another Edge Read-Aloud endpoint (wss://...), as a relay.")
    edge_parallel: int = Field(8, ge=1, le=64, description="Lines synthesized by Edge at the same time, at most.")

    # Conversations
    ahead_seconds: Seconds = Field(4.0, description="How far ahead of what is heard speech is sent.")
    resume_seconds: Seconds = Field(60.0, description="How long a dropped connection can come back.")
    sessions: int = Field(500, ge=1, le=100_000, description="Conversations at once, at most.")
    history_turns: int = Field(12, ge=0, le=200, description="Earlier exchanges that the mind is reminded of.")
    origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Other origins whose pages may open the socket, separated by commas."
    )

    @field_validator("voices", "origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, (part.strip() for part in value.split(",")))) if isinstance(value, str) else value


class SettingsError(Exception):
    """A setting is wrong; the message names it and says what it accepts, without its value."""


def load() -> Settings:
    """Read and check the settings. Raises `SettingsError`."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(problem["loc"], problem["msg"]) for problem in error.errors())) from None


def _explain(location: tuple[int | str, ...], message: str) -> str:
    key = str(location[0])
    by_alias = {str(f.validation_alias): n for n, f in Settings.model_fields.items()}
    field = Settings.model_fields.get(key.lower()) or Settings.model_fields.get(by_alias.get(key, ""))
    name = key if key.isupper() else f"VISAVIS_{key.upper()}"
    meaning = f" ({field.description})" if field is not None and field.description else ""
    return f"{name}: {message}.{meaning}"
