"""Settings: where they come from, and what is said about wrong ones."""

import pytest

from backend.settings import SettingsError, load


def test_names_that_other_tools_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:11434/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "very-secret")
    settings = load()
    assert settings.openai_base_url == "http://localhost:11434/v1"
    assert "very-secret" not in repr(settings)


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_VOICES", "espeak, edge")
    assert load().voices == ("espeak", "edge")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("VISAVIS_VOICES", "edge,siri", "espeak"),
        ("VISAVIS_AHEAD_SECONDS", "-1", "greater than 0"),
        ("VISAVIS_SESSIONS", "many", "integer"),
        ("VISAVIS_LANGUAGE", "english please", "BCP 47"),
        ("VISAVIS_DATABASE", "mysql://here", "postgresql+asyncpg://"),
        ("VISAVIS_KNOWLEDGE_DATABASE", "sqlite+aiosqlite:///no.vectors", "lakebase"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_accepts(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load()
    assert name in str(error.value)
    assert says in str(error.value)
