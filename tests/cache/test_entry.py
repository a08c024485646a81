"""An entry is served whole, to its own key, in its time, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cache.entry import SKEW, Damaged, Entry, pack, unpack

KEYS = st.text(max_size=40)


@given(KEYS, st.binary(max_size=200), st.floats(0, 1e10), st.floats(0.001, 1e6))
def test_comes_back_as_it_was(key: str, value: bytes, now: float, seconds: float) -> None:
    entry = Entry(value, now, now + seconds)
    assert unpack(key, pack(key, entry), now) == (entry if now < entry.until else None)
    assert unpack(key, pack(key, entry), now + seconds + 1) is None


@given(st.binary(min_size=1, max_size=60), st.data())
def test_any_changed_byte_is_noticed(value: bytes, data: st.DataObject) -> None:
    raw = bytearray(pack("key", Entry(value, 100.0, 200.0)))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Damaged):
        unpack("key", bytes(raw), 150.0)


@given(st.binary(max_size=60), st.data())
def test_a_cut_entry_is_noticed(value: bytes, data: st.DataObject) -> None:
    raw = pack("key", Entry(value, 100.0, 200.0))
    with pytest.raises(Damaged):
        unpack("key", raw[: data.draw(st.integers(0, len(raw) - 1))], 150.0)


@given(KEYS, KEYS)
def test_an_entry_belongs_to_its_key(one: str, other: str) -> None:
    raw = pack(one, Entry(b"value", 100.0, 200.0))
    if one != other:
        with pytest.raises(Damaged):
            unpack(other, raw, 150.0)


@given(st.binary(max_size=300))
def test_garbage_is_damaged(raw: bytes) -> None:
    with pytest.raises(Damaged):
        unpack("key", raw, 150.0)


def test_a_clock_set_back_makes_the_age_unknown() -> None:
    raw = pack("key", Entry(b"value", 10_000.0, 20_000.0))
    assert unpack("key", raw, 10_000.0 - SKEW + 1) is not None, "replicas' clocks may differ a little"
    with pytest.raises(Damaged):
        unpack("key", raw, 10_000.0 - SKEW - 1)
