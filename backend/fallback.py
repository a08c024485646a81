"""How an engine says that it cannot serve."""


class EngineError(Exception):
    """An engine cannot serve now.

    `reason` is plain words for the person in front of the avatar, without secrets; `remedy` is the one thing
    to do about it (a command, a setting) or empty; `retry_after` is in seconds where the engine said so.
    """

    def __init__(self, reason: str, remedy: str = "", retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.retry_after = retry_after
