"""The workflow sandbox, the same for the worker, the replayer and the tests.

Our pure packages pass through by name: imported once, not once a workflow (170 ms and 10 MB each otherwise). What
passes through has no clock guard, so the linter bans clocks and chance there.
"""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

PASS_THROUGH = (
    "lending",
    "activities",
    "workflows.acts",
    "workflows.offline_acts",
    "workflows.collateral_acts",
    "workflows.committee_acts",
    "workflows.receivable_acts",
    "pydantic",
    "pydantic_core",
    "temporalio",
)


def runner() -> SandboxedWorkflowRunner:
    """The runner with our pure packages passed through."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASS_THROUGH))
