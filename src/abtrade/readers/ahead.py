"""ahead: the next items made by a thread of their own while the caller works on one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from typing import Final, TypeVar

ItemT = TypeVar("ItemT")

DEPTH: Final = 2
"""How many items may be ready and not yet asked for."""

POLL_SECONDS: Final = 0.05
"""How soon a thread that waits with a finished item sees that nobody wants it."""


def ahead(items: Iterator[ItemT], depth: int = DEPTH) -> Generator[ItemT, None, None]:
    """Yield the items, made in order by one thread that keeps up to ``depth`` of them ready.

    What the thread raises is raised here. When the caller stops early, by an exception or by
    Ctrl-C, the thread finishes the item at hand and closes ``items``.
    """
    box: queue.Queue[ItemT | _End] = queue.Queue(depth)
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(items, box, stop), daemon=True)
    thread.start()
    try:
        while not isinstance(item := box.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stop.set()
        thread.join()


class _End:
    """The end of the items, and what brought it about."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def _work(
    items: Iterator[ItemT], box: queue.Queue[ItemT | _End], stop: threading.Event
) -> None:
    end = _End()
    try:
        for item in items:
            if not _put(box, item, stop):
                break
    except BaseException as error:  # it belongs to the caller, whatever it is
        end = _End(error)
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()
        _put(box, end, stop)


def _put(box: queue.Queue[ItemT | _End], item: ItemT | _End, stop: threading.Event) -> bool:
    """Put an item where the caller takes it; return False where the caller is gone."""
    while not stop.is_set():
        try:
            box.put(item, timeout=POLL_SECONDS)
        except queue.Full:
            continue
        return True
    return False
