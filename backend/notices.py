"""What a person is told when one engine gives way to another: what happened, what it means for them, what to do."""

from backend import wire
from backend.fallback import Step

_MEANS = {
    "kokoro": "I speak with Kokoro's voice instead.",
    "espeak": "I speak with the built-in voice instead.",
    "edge": "I speak with Edge's voice again.",
    "offline": "I answer from the documents that I know instead.",
    "openai": "The language model answers again.",
    "databricks": "The language model answers again.",
}
_LOST = {
    "edge": "There is no other voice, so I show captions.",
    "kokoro": "There is no other voice, so I show captions.",
    "espeak": "There is no other voice, so I show captions.",
    "knowledge": "I answer without looking into the documents.",
}


def of(step: Step) -> wire.Notice:
    """The notice for *step*; its code is the same for the same step, so that it can be said once."""
    means = _MEANS.get(step.to, "") if step.to else _LOST.get(step.from_ or "", "")
    return wire.Notice(
        code=f"{step.from_ or 'nothing'}_to_{step.to or 'nothing'}",
        text=" ".join(filter(None, [step.reason, means])),
        action=step.remedy,
    )
