import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.storage.envelope import OVERHEAD, EnvelopeError
from engine.storage.keys import KeyRing, new_root

RING = KeyRing.ephemeral()
names = st.text(max_size=20)
versions = st.integers(min_value=0, max_value=2**63)


@settings(max_examples=150, deadline=None)
@given(table=names, record=names, version=versions, plain=st.binary(max_size=200))
def test_what_is_sealed_opens_in_its_own_place(table, record, version, plain):
    """Any bytes come back, and the envelope is longer by a constant."""
    sealed = RING.seal(table, record, version, plain)
    assert RING.open(table, record, version, sealed) == plain
    assert len(sealed) == len(plain) + OVERHEAD


@settings(max_examples=150, deadline=None)
@given(one=st.tuples(names, names, versions), other=st.tuples(names, names, versions), plain=st.binary(max_size=50))
def test_an_envelope_opens_nowhere_else(one, other, plain):
    """Swapped records, swapped columns and rolled-back versions do not open."""
    sealed = RING.seal(*one, plain)
    if one == other:
        assert RING.open(*other, sealed) == plain
    else:
        with pytest.raises(EnvelopeError):
            RING.open(*other, sealed)


@settings(max_examples=200, deadline=None)
@given(plain=st.binary(max_size=50), data=st.data())
def test_any_changed_byte_is_noticed(plain, data):
    """Header, epoch, nonce, text or tag: one flipped bit and it does not open."""
    sealed = bytearray(RING.seal("plans.payload", "p-1", 1, plain))
    place = data.draw(st.integers(min_value=0, max_value=len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(min_value=0, max_value=7))
    with pytest.raises(EnvelopeError):
        RING.open("plans.payload", "p-1", 1, bytes(sealed))


@settings(max_examples=50, deadline=None)
@given(cut=st.integers(min_value=0, max_value=OVERHEAD + 3))
def test_a_cut_envelope_does_not_open(cut):
    """A short read is an error, whatever is left."""
    with pytest.raises(EnvelopeError):
        RING.open("t", "r", 1, RING.seal("t", "r", 1, b"text")[:cut])


def test_an_error_names_the_record_and_not_its_content():
    """What is logged says where, never what."""
    sealed = RING.seal("turns.body", "thread:7", 1, b"payroll password")
    with pytest.raises(EnvelopeError) as caught:
        RING.open("turns.body", "thread:8", 1, sealed)
    assert "thread:8" in str(caught.value)
    assert "payroll" not in str(caught.value)
    assert sealed.hex() not in str(caught.value)


def test_another_ring_opens_nothing():
    """The key decides, not the epoch number."""
    with pytest.raises(EnvelopeError):
        KeyRing.ephemeral().open("t", "r", 1, RING.seal("t", "r", 1, b"x"))


def test_keyed_hashes_differ_by_field_value_and_epoch():
    """Equality search leaks neither across fields nor across epochs."""
    ring = KeyRing({1: new_root(), 2: new_root()})
    assert ring.blind("a", "x") == ring.blind("a", "x")
    assert len({ring.blind("a", "x"), ring.blind("b", "x"), ring.blind("a", "y"), *ring.blinds("a", "x")}) == 4
    assert len(ring.blind("a", "x")) == 32
    assert ring.live == (2, 1)
