"""How often a long-lived process looks for garbage."""

import gc

# A shard of a close, or a batch of revenue, makes tens of thousands of rows that all live until it commits; by the
# interpreter's own measure each is looked at dozens of times on the way: a fifth of their time.
MADE_BETWEEN_LOOKS = 100_000


def settle() -> None:
    """What is loaded by now stays; look again only after as many new objects as a shard makes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(MADE_BETWEEN_LOOKS, 20, 20)
