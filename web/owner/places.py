"""Where things are done: from an application's one thing to do to the page that does it."""

from api.views import ApplicationView
from lending.applications import Stage

PLACES = {
    "identify": "/apply/identity",
    "consent": "/apply/consents",
    "upload": "/apply/flows",
    "submit": "/apply/flows",
    "choose_offer": "/apply/decision",
    "read_key_facts": "/apply/key-facts",
    "sign": "/apply/key-facts",
    "improve_or_ask_review": "/apply/decision",
}
# Where one waits for us, the page of the step shows it.
WAITING = {
    Stage.DRAFT: "/apply/identity",
    Stage.IDENTITY: "/apply/identity",
    Stage.EVIDENCE: "/apply/flows",
    Stage.DECIDING: "/apply/decision",
    Stage.REVIEW: "/apply/decision",
}


def place_of(application: ApplicationView) -> str:
    """The page on which the owner goes on, or sees what is waited for."""
    if application.to_do == "wait":
        return WAITING.get(Stage(application.stage), "/progress")
    return PLACES.get(application.to_do, "/progress")


def events_of(application: ApplicationView) -> str:
    """The stream of an application's versions, for its owner."""
    return f"/v1/applications/{application.id}/events"
