"""The few words of a passage that show why it was found."""

from backend.words import stem, words

WIDTH = 240


def snippet(text: str, question: str, width: int = WIDTH) -> str:
    """The stretch of *text* of about *width* letters that holds most of the *question*'s different words."""
    plain = " ".join(text.split())
    if len(plain) <= width:
        return plain
    wanted = {stem(word) for word in words(question)}
    starts = [0, *(i + 1 for i, letter in enumerate(plain) if letter == " ")]
    hits: list[tuple[int, str]] = []
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else len(plain)
        hits.extend((start, found) for found in map(stem, words(plain[start:end])) if found in wanted)
    best, most = 0, 0
    for position, _ in hits:
        held = len({found for at, found in hits if position <= at < position + width * 3 // 4})
        if held > most:
            best, most = position, held
    begin = max((start for start in starts if start <= max(0, best - width // 8)), default=0)
    end = min(len(plain), begin + width)
    if end < len(plain):
        end = max(plain.rfind(" ", begin, end), begin + width // 2)
    return ("… " if begin else "") + plain[begin:end].strip() + (" …" if end < len(plain) else "")
