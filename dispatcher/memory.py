"""Python's search for dead cycles, set for a process that runs long and makes few of them."""

from __future__ import annotations

import gc

# New objects between two searches, and searches of a generation between two of the next. The sending path
# makes thousands of values a batch and no cycles: searched every 700 values, as Python does unasked, they
# cost a tenth of its time.
THRESHOLDS = (50_000, 20, 100)


def settle() -> None:
    """Take what is loaded by now for what stays for ever, and search seldom from now on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
