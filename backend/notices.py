"""What a person is told when one engine gives way to another: what happened, what it means for them, what to do."""

from backend import wire
from backend.fallback import Step

NO_VOICE = "There is no other voice here: your browser speaks with its own if it has one, and the captions stay."
_MEANS = {
    "kokoro": "I speak with Kokoro's voice instead.",
    "espeak": "I speak with the built-in voice instead.",
    "edge": "I speak with Edge's voice again.",
    "offline": "I answer from the documents that I know instead.",
    "openai": "The language model answers again.",
    "databricks": "The language model answers again.",
}
_LOST = {
    "edge": NO_VOICE,
    "kokoro": NO_VOICE,
    "espeak": NO_VOICE,
    "knowledge": "I answer without looking into the documents.",
    "emotion": "I read feelings with the built-in classifier.",
}


def of(step: Step) -> wire.Notice:
    """The notice for *step*; its code is the same for the same step, so that it can be said once."""
    means = _MEANS.get(step.to, "") if step.to else _LOST.get(step.from_ or "", "")
    return wire.Notice(
        code=f"{step.from_ or 'nothing'}_to_{step.to or 'nothing'}",
        text=" ".join(filter(None, [step.reason, means])),
        action=step.remedy,
    )
