"""Items made ahead are the same items, and a thread never outlives its caller's interest."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from abtrade.readers.ahead import ahead


def test_items_come_in_order():
    assert list(ahead(iter(range(100)))) == list(range(100))
    assert list(ahead(iter([]))) == []


def test_no_more_are_made_than_are_wanted_soon():
    made = []

    def numbers() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    items = ahead(numbers(), depth=2)
    assert next(items) == 0
    time.sleep(0.1)
    assert len(made) <= 4  # the one given, two ready, one in hand
    items.close()


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(3)])
def test_an_error_comes_after_the_items_before_it(error):
    def numbers() -> Iterator[int]:
        yield 1
        raise error

    seen = []
    with pytest.raises(type(error)) as raised:
        for number in ahead(numbers()):
            seen.append(number)
    assert seen == [1]
    assert raised.value is error


def test_stopping_closes_the_source():
    closed = threading.Event()

    def numbers() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    before = threading.active_count()
    items = ahead(numbers())
    next(items)
    items.close()
    assert closed.is_set()
    assert threading.active_count() == before
