"""One town for all stories: its calendar is shared, its people are not."""

from collections.abc import AsyncIterator

import pytest

from ops.demo.town import Town, town_of
from ops.stack.testing import RunningStack


@pytest.fixture(scope="session")
async def town(stack: RunningStack) -> AsyncIterator[Town]:
    """The town around the running system: one for all, since an authenticator's six digits sign in once."""
    async with town_of(stack) as found:
        yield found
