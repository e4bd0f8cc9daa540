"""What surrounds every activity: refusals are final, faults carry codes, long calls show that they live."""

import asyncio
import contextlib
from datetime import timedelta
from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from gateways.failures import GatewayFailure
from infra.storage import StorageUnavailable
from lending.refusals import Refusal

log = structlog.get_logger()


class OurActivities(Interceptor):
    """For the worker's ``interceptors``."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Wrap each activity."""
        return _Around(next)


class _Around(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info = activity.info()
        beating = asyncio.create_task(_beat(info.heartbeat_timeout)) if info.heartbeat_timeout else None
        try:
            return await self.next.execute_activity(input)
        except Refusal as refusal:
            # A rule's no is the same no on every attempt.
            raise ApplicationError(str(refusal), type=type(refusal).__name__, non_retryable=True) from None
        except (GatewayFailure, StorageUnavailable) as fault:
            log.warning("outside_failed", activity=info.activity_type, attempt=info.attempt, code=fault.code)
            raise ApplicationError(fault.code, type=type(fault).__name__) from None
        except ApplicationError:
            raise
        except Exception as error:
            log.warning(
                "activity_failed",
                activity=info.activity_type,
                attempt=info.attempt,
                error=type(error).__name__,
                exc_info=True,
            )
            raise
        finally:
            if beating is not None:
                beating.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await beating


async def _beat(silence: timedelta) -> None:
    """A process that is killed stops beating; a third of the timeout tolerates a busy second."""
    while True:
        activity.heartbeat()
        await asyncio.sleep(silence.total_seconds() / 3)
