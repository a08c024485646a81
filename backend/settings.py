"""Every setting, once: typed, documented, checked at start.

Each is read from the environment (`VISAVIS_NAME`) or a `.env` file; the few that other tools also
know (`OPENAI_BASE_URL`) keep the name that those tools use.
"""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError

from backend.addresses import (
    SocketAddress,
    WebAddress,
    database_address,
    is_here,
    knowledge_address,
    redis_address,
    workspace_address,
)

ROUTER = "router.json"
"""Calibrated weights of the router, in the data folder."""
KNOWLEDGE = "knowledge.sqlite"
"""The embedded knowledge base, in the data folder."""
MODELS = "models"
"""The models to hear and speak with, in the data folder."""
KOKORO = "kokoro"
"""Kokoro's, in there."""

VoiceName = Literal["edge", "kokoro", "espeak"]
Seconds = Annotated[float, Field(gt=0, le=3_600)]
Dollars = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class Settings(BaseSettings):
    """The settings of one server. `visavis settings` prints them, with where each came from."""

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
    documents: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), description="Folders or files to answer from, separated by commas. Empty: the project's own documentation."
    )

    search_index: str = Field(
        "",
        max_length=300,
        pattern=r"^([^.]+\.[^.]+\.[^.]+)?$",
        description="A Databricks AI Search index to answer from, as catalog.schema.index, instead of `documents`.",
    )
    knowledge_database: SecretStr = Field(
        SecretStr(""),
        description="SQLAlchemy address of a PostgreSQL with pgvector to keep what was learned in, for all servers; "
        "`lakebase` for the one in PGHOST and PGUSER. Empty: a file in the data folder.",
    )
    search_fresh_seconds: Seconds = Field(
        900.0, description="How long what such an index said counts as true; it does not tell when it changes."
    )

    # Thinking
    openai_base_url: WebAddress = Field(
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
    databricks_model: str = Field(
        "",
        max_length=200,
        description="A Databricks serving endpoint that answers, for example databricks-llama-4-maverick; signed in "
        "as the Databricks CLI or the app is.",
    )
    openai_small_model: str = Field(
        "", description="A cheaper model of the same server for the easy questions; a router chooses."
    )
    databricks_small_model: str = Field(
        "", max_length=200, description="A cheaper serving endpoint for the easy questions; a router chooses."
    )
    model_parallel: int = Field(32, ge=1, le=10_000, description="Answers streamed at once by one model, at most.")
    tools: bool = Field(True, description="Let models ask for the time and search the documents by themselves.")
    embedding_url: WebAddress = Field(
        "", description="An OpenAI-compatible server that gives vectors, for search by meaning beside words."
    )
    embedding_model: str = Field("", description="Its model, or a folder with an ONNX model and its tokenizer.json.")
    tokenizer: Path | None = Field(
        None,
        description="The model's tokenizer.json, or the folder of one, to count prompts with. Empty: an estimate.",
    )
    max_tokens: int = Field(220, ge=16, le=4_096, description="The longest answer, in tokens.")
    persona: Path | None = Field(None, description="A text file that says who the avatar is. Empty: the built-in one.")

    # Speaking
    voices: Annotated[tuple[VoiceName, ...], NoDecode] = Field(
        ("edge", "kokoro", "espeak"),
        description="Voice engines in the order of preference, separated by commas. Kokoro takes part once it "
        "is there (visavis models get kokoro).",
    )
    edge_url: SocketAddress = Field("", description="Another Edge Read-Aloud endpoint (wss://...), as a relay.")
    kokoro: Path | None = Field(
        None, description="A folder with Kokoro's model of your own. Empty: the one of `visavis models get kokoro`."
    )
    kokoro_voice: str = Field(
        "af_heart", pattern=r"^[\w-]{1,40}$", description="Kokoro's voice, in the language that it speaks."
    )
    kokoro_threads: int = Field(2, ge=1, le=64, description="Threads that Kokoro speaks with.")
    edge_parallel: int = Field(3, ge=1, le=64, description="Lines that Edge makes at once, at most; it refuses more.")

    refine: bool = Field(
        False,
        description="Draw the mouth of kept lines anew with the original Rhubarb (see: visavis rhubarb install).",
    )
    # Feeling
    emotion_model: str = Field(
        "",
        max_length=300,
        description="A text-classification model that reads emotion: a name on the Hugging Face hub, or a folder (with "
        "model.onnx it needs no torch). Empty: the embedded classifier alone.",
    )

    # Hearing
    whisper_model: Path | None = Field(
        None, description="A model file of whisper.cpp of your own. Empty: those of `visavis models get`."
    )
    whisper_fetch: bool = Field(False, description="Fetch the smallest model by itself when somebody needs it.")
    whisper_workers: int = Field(1, ge=1, le=32, description="Stretches of speech transcribed at once.")
    whisper_threads: int = Field(2, ge=1, le=64, description="Threads for each of them.")
    whisper_idle_seconds: Seconds = Field(300.0, description="Unused for so long, a model is unloaded.")
    models_url: WebAddress = Field("", description="Another place to fetch models from, with the same file names.")

    # Conversations
    openers: bool = Field(
        True, description="Bridge the wait for an answer to spoken words with a short opener, as people do: 'Well,'."
    )
    ahead_seconds: Seconds = Field(4.0, description="How far ahead of what is heard speech is sent.")
    resume_seconds: Seconds = Field(60.0, description="How long a dropped connection can come back.")
    sessions: int = Field(500, ge=1, le=100_000, description="Conversations at once, at most.")
    patience_seconds: Seconds = Field(
        5.0, description="How long a model or voice that has begun may be silent before the next one takes over."
    )
    aside_seconds: Seconds = Field(
        300.0, description="How long an engine that keeps failing is left alone, at most, before it is tried again."
    )
    ping_seconds: Seconds = Field(
        20.0, description="Seconds between pings; a connection that leaves one unanswered for as long is dropped."
    )
    history_turns: int = Field(12, ge=0, le=200, description="Earlier exchanges that the mind is reminded of.")
    origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Other origins whose pages may open the socket, separated by commas."
    )

    # Who may come in
    token: SecretStr = Field(
        SecretStr(""), description="A token that everyone must know who is not vouched for by a trusted proxy."
    )
    anonymous: bool = Field(False, description="Let in whoever comes, each browser as a guest of its own.")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Addresses or networks of proxies whose X-Forwarded-... headers are believed, separated by commas; "
        "* for all. Empty: none, except on Databricks Apps.",
    )
    secure_cookies: bool = Field(False, description="Send cookies over https alone; switch on behind TLS.")
    oidc_issuer: WebAddress = Field(
        "", description="An OpenID Connect provider that people sign in with, for example https://login.example.com."
    )
    oidc_client_id: str = Field("", max_length=300, description="What this server is called there.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Its secret there; it also signs our cookies.")
    oidc_scopes: str = Field("openid email", pattern=r"\bopenid\b", description="What the provider is asked for.")
    oidc_trust_email: bool = Field(
        False, description="Believe e-mail addresses that the provider does not call verified (Entra ID calls none so)."
    )
    turns_per_minute: float = Field(30.0, ge=0, description="Questions a minute, by person; 0 for no limit.")
    audio_seconds_per_minute: float = Field(90.0, ge=0, description="Seconds of speech taken a minute, by person.")
    conversations_per_minute: float = Field(20.0, ge=0, description="Conversations begun a minute, by person.")

    # What is kept
    keep: bool = Field(True, description="Keep conversations and what they cost, in the data folder or `database`.")
    keep_days: int = Field(90, ge=0, le=36_500, description="Days after which conversations are deleted; 0 for never.")
    database: SecretStr = Field(
        SecretStr(""),
        description="SQLAlchemy address of the records, for example postgresql+asyncpg://user:password@host/name. "
        "Empty: Lakebase where PGHOST and PGUSER are set, else SQLite in the data folder.",
    )
    cache: bool = Field(
        True, description="Keep rendered lines and answers, and share those that are under way. Off: for measuring."
    )
    cache_memory_mb: int = Field(64, ge=0, le=100_000, description="Megabytes of memory for caches; 0 for none.")
    cache_disk_mb: int = Field(512, ge=0, le=10_000_000, description="Megabytes of disk for caches; 0 for none.")
    cache_redis_mb: int = Field(256, ge=0, le=10_000_000, description="Megabytes of Redis for caches; 0 for none.")
    redis_url: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("VISAVIS_REDIS_URL", "REDIS_URL"),
        description="redis://... for caches and budgets that several servers share. Empty: each has its own.",
    )

    # Seen from outside
    log_format: Literal["text", "json"] = Field("text", description="Logs for people, or one JSON object a line.")

    # Money
    prices: Path | None = Field(None, description="A TOML file with other prices, of the form of prices.toml.")
    budget_turn: Dollars = Field(0.0, description="Dollars that one answer may cost at most; 0 for no limit.")
    budget_session: Dollars = Field(0.0, description="Dollars that one conversation may cost.")
    budget_user: Dollars = Field(0.0, description="Dollars that one person may cost a day.")
    budget_day: Dollars = Field(0.0, description="Dollars that everyone together may cost a day (UTC).")
    budget_month: Dollars = Field(0.0, description="Dollars that everyone together may cost a month (UTC).")
    budget_stop: bool = Field(False, description="At a limit stop answering, instead of answering for nothing.")
    admins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="E-mail addresses of those who may see who spent what, separated by commas."
    )

    @field_validator("documents", "voices", "origins", "admins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, (part.strip() for part in value.split(",")))) if isinstance(value, str) else value

    @field_validator("kokoro", "persona", "prices", "tokenizer", "whisper_model", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        return None if value == "" else value  # else it would be the folder that the server was started in

    @field_validator("redis_url", "database", "knowledge_database")
    @classmethod
    def _addresses(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        checks = {"redis_url": redis_address, "database": database_address, "knowledge_database": knowledge_address}
        return SecretStr(checks[str(info.field_name)](value.get_secret_value()))

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if one != "*":
                ip_network(one, strict=False)
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            raise ValueError(
                "VISAVIS_OIDC_ISSUER needs VISAVIS_OIDC_CLIENT_ID and VISAVIS_OIDC_CLIENT_SECRET beside it"
            )
        if self.oidc_issuer.startswith("http://") and not is_here(self.oidc_issuer):
            raise ValueError("VISAVIS_OIDC_ISSUER has to begin with https://, because what it says is believed")
        return self


class SettingsError(Exception):
    """A setting is wrong; the message names it and says what it accepts, without its value."""


def load() -> Settings:
    """Read and check the settings. Raises `SettingsError`."""
    try:
        # Read by the Databricks SDK, which would fail in the middle of an answer.
        workspace_address(os.environ.get("DATABRICKS_HOST", ""))
    except ValueError as error:
        raise SettingsError(f"DATABRICKS_HOST: {error}.") from None
    try:
        return Settings()
    except SourceError as error:  # a value that is no JSON where JSON is wanted
        raise SettingsError(str(error)) from None
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(problem["loc"], problem["msg"]) for problem in error.errors())) from None


def _explain(location: tuple[int | str, ...], message: str) -> str:
    if not location:
        return f"{message.removeprefix('Value error, ')}."
    key = str(location[0])
    name, field = f"VISAVIS_{key.upper()}", Settings.model_fields.get(key.lower())
    for one in Settings.model_fields.values():
        if isinstance(one.validation_alias, AliasChoices) and key in one.validation_alias.choices:
            # Pydantic names the first alias, the person may have used the other.
            choices = [str(choice) for choice in one.validation_alias.choices]
            name, field = next((choice for choice in choices if choice in os.environ), choices[-1]), one
    meaning = f" ({field.description})" if field is not None and field.description else ""
    return f"{name}: {message.removeprefix('Value error, ')}.{meaning}"
