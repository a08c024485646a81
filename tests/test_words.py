"""Stems are the same however many threads ask for them."""

from concurrent.futures import ThreadPoolExecutor

from backend.words import stem

WORDS = [f"{root}{end}" for root in ("connect", "relat", "organiz", "oper", "nation") for end in
         ("ion", "ions", "ing", "ational", "ationally", "ements", "iveness", "ousness", "fulness", "ed")]  # fmt: skip


def test_threads_do_not_mix_their_words() -> None:
    def stems(_: int) -> list[str]:
        stem.cache_clear()
        return [stem(word) for word in WORDS]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(stems, range(64)))
    assert all(result == results[0] for result in results)
