"""The owner's JSON: thin adapters to the uses."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from api.auth.codes import CodeSent
from api.caller import Call
from api.idempotency import Key
from api.owner import applying, consenting, loan_papers, packing, person, repaying, seeing, signing
from api.policy import (
    FIRM,
    FIRM_LOANS,
    FIRM_PAPERS,
    FIRM_PRINTS,
    FIRM_STORY,
    OWNER,
    OWNER_APPLIES,
    OWNER_CONSENTS,
    OWNER_SIGNS,
)
from api.replies import RECEIPT, Seen, listed, many, one, shown, streamed, tagged, told
from api.routes import Router, attachment
from api.views import (
    ApplicationView,
    CommandView,
    ConsentText,
    ConsentView,
    CouponView,
    DecisionView,
    IdentityView,
    KeyFactsView,
    LoanCard,
    LoanView,
    MessageView,
    OfferView,
    PackView,
    PaperView,
    Privacy,
    ProfileView,
    Timeline,
    TrustView,
)
from api.wire import Input, MoneyInput, Share, Text

router = Router(prefix="/v1", tags=["owner"])

Months = Annotated[int, Field(ge=0, le=1_200)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class BeginInput(Input):
    """What is wanted."""

    amount: MoneyInput
    months: Months
    share: Share
    monthly_revenue: MoneyInput | None = None
    product_id: Text | None = None
    purpose: Text | None = None
    renews: Annotated[UUID, Field(strict=False)] | None = None
    via: Text | None = None


class IdentityInput(Input):
    """Who applies. What is not in here cannot be set."""

    kind: Text
    name: Text
    id_number: Text
    firm_name: Text | None = None
    licence: Text | None = None
    account_number: Text
    bank: Text | None = None
    trade: Text | None = None
    capacity: Text | None = None
    presence: Text | None = None


class ConsentInput(Input):
    """One consent."""

    purpose: Text
    text_hash: Hash


class ConsentsInput(Input):
    """What is allowed: one thing in one act."""

    consents: Annotated[list[ConsentInput], Field(max_length=20)]


class TermsInput(Input):
    """What is asked for now instead."""

    amount: MoneyInput
    months: Months
    share: Share


class SubmitInput(Input):
    """Other terms, or none."""

    terms: TermsInput | None = None


class PaperInput(Input):
    """Which paper: a receipt names its entry, a list or an invoice its period."""

    kind: Text
    entry_id: Annotated[UUID, Field(strict=False)] | None = None
    from_on: Annotated[date, Field(strict=False)] | None = None
    to_on: Annotated[date, Field(strict=False)] | None = None


class SignatureInput(Input):
    """The code and what it is for."""

    code: Text
    terms_hash: Hash


class ProfileInput(Input):
    """What changes."""

    locale: Text | None = None
    large_type: bool | None = None
    offers_wanted: bool | None = None


# --- applying ---------------------------------------------------------------------------------------------------------


@router.post("/applications", policy=OWNER_APPLIES, status_code=201, **RECEIPT)
async def begin(call: Call, body: BeginInput, key: Key) -> Response:
    """Begin an application."""
    command = applying.Begin(
        amount_minor=body.amount.minor,
        months=body.months,
        share=Decimal(body.share),
        monthly_revenue_minor=body.monthly_revenue.minor if body.monthly_revenue else None,
        product_id=body.product_id,
        purpose=body.purpose,
        renews=body.renews,
        via=body.via,
    )
    receipt = await applying.begin(call, command, key)
    return told(receipt, created=f"/v1/applications/{receipt.object_id}")


@router.get("/applications", policy=FIRM_STORY, **many(ApplicationView))
async def applications(call: Call) -> Response:
    """One's own, newest first."""
    return listed(await seeing.applications(call))


@router.get("/applications/{application_id}", policy=FIRM_STORY, **one(ApplicationView))
async def application(call: Call, application_id: UUID) -> Response:
    """Where one stands. Its ``ETag`` may be named by an edit in ``If-Match``."""
    found = await seeing.application(call, application_id)
    return tagged(found, found.version)


@router.get("/applications/{application_id}/identity", policy=OWNER, **one(IdentityView))
async def identity(call: Call, application_id: UUID) -> Response:
    """What was said and what the checks say; numbers are masked."""
    return shown(await seeing.identity(call, application_id))


@router.post("/applications/{application_id}/identity", policy=OWNER_APPLIES, **RECEIPT)
async def identify(call: Call, application_id: UUID, body: IdentityInput, key: Key, seen: Seen) -> Response:
    """Say who applies."""
    said = applying.Identity(**body.model_dump())
    return told(await applying.identify(call, application_id, said, key, seen=seen))


@router.post("/applications/{application_id}/identity/reopen", policy=OWNER_APPLIES, **RECEIPT)
async def reopen(call: Call, application_id: UUID, key: Key) -> Response:
    """Go back to who applies. Consents and bills stay; offers are made anew."""
    return told(await applying.reopen(call, application_id, key))


@router.get("/applications/{application_id}/consents", policy=OWNER, **many(ConsentText))
async def consent_sheet(call: Call, application_id: UUID) -> Response:
    """What is to be allowed, in the very words."""
    return listed(await consenting.consent_sheet(call, application_id))


@router.post("/applications/{application_id}/consents", policy=OWNER_CONSENTS, **RECEIPT)
async def give_consents(call: Call, application_id: UUID, body: ConsentsInput, key: Key) -> Response:
    """Allow it."""
    given = tuple(consenting.ConsentGiven(one.purpose, one.text_hash) for one in body.consents)
    return told(await consenting.give_consents(call, application_id, given, key))


@router.get("/consents", policy=OWNER, **many(ConsentText))
async def permissions(call: Call) -> Response:
    """Everything that one may allow, in the very words."""
    return listed(await consenting.everything(call))


@router.post("/consents", policy=OWNER_CONSENTS, **one(ConsentView))
async def allow(call: Call, body: ConsentInput, key: Key) -> Response:
    """Allow one thing, at any time."""
    return shown(await consenting.allow(call, consenting.ConsentGiven(body.purpose, body.text_hash), key))


@router.post("/consents/{consent_id}/revoke", policy=OWNER_CONSENTS, **one(ConsentView))
async def revoke(call: Call, consent_id: UUID, key: Key) -> Response:
    """Take a consent back."""
    return shown(await consenting.withdraw_consent(call, consent_id, key))


@router.post("/applications/{application_id}/submit", policy=OWNER_APPLIES, **RECEIPT)
async def submit(call: Call, application_id: UUID, body: SubmitInput, key: Key, seen: Seen) -> Response:
    """Ask for a decision."""
    terms = body.terms
    asked = applying.NewTerms(terms.amount.minor, terms.months, Decimal(terms.share)) if terms else None
    return told(await applying.submit(call, application_id, asked, key, seen=seen))


@router.post("/applications/{application_id}/review", policy=OWNER_APPLIES, **RECEIPT)
async def ask_review(call: Call, application_id: UUID, key: Key) -> Response:
    """Ask a person to look."""
    return told(await applying.ask_review(call, application_id, key))


@router.post("/applications/{application_id}/withdraw", policy=OWNER_APPLIES, **RECEIPT)
async def withdraw(call: Call, application_id: UUID, key: Key) -> Response:
    """Take the application back."""
    return told(await applying.withdraw(call, application_id, key))


@router.get("/applications/{application_id}/decision", policy=OWNER, response_model=None)
async def decision(call: Call, application_id: UUID) -> Response:
    """The verdict that counts; 204 before the first."""
    found: DecisionView | None = await seeing.decision(call, application_id)
    return shown(found) if found else Response(status_code=204)


# --- choosing and signing ---------------------------------------------------------------------------------------------


@router.get("/applications/{application_id}/offers", policy=OWNER, **many(OfferView))
async def offers(call: Call, application_id: UUID) -> Response:
    """The plans on the table."""
    return listed(await seeing.offers(call, application_id))


@router.post("/applications/{application_id}/offers/{offer_id}/accept", policy=OWNER_APPLIES, **RECEIPT)
async def choose_offer(call: Call, application_id: UUID, offer_id: UUID, key: Key) -> Response:
    """Take one."""
    return told(await signing.choose_offer(call, application_id, offer_id, key))


@router.get("/applications/{application_id}/key-facts", policy=OWNER, **one(KeyFactsView))
async def key_facts(call: Call, application_id: UUID) -> Response:
    """The key facts of the plan that was taken; the first look starts the reading time."""
    return shown(await signing.key_facts(call, application_id))


@router.post("/applications/{application_id}/signing-code", policy=OWNER_SIGNS, **one(CodeSent))
async def start_signing(call: Call, application_id: UUID, key: Key) -> Response:
    """Send a code that is good for these terms only."""
    return shown(await signing.start_signing(call, application_id, key))


@router.post("/applications/{application_id}/signature", policy=OWNER_SIGNS, **RECEIPT)
async def sign(call: Call, application_id: UUID, body: SignatureInput, key: Key) -> Response:
    """Sign."""
    return told(await signing.sign(call, application_id, signing.Signature(body.code, body.terms_hash), key))


@router.post("/applications/{application_id}/payout/cancel", policy=OWNER_SIGNS, **RECEIPT)
async def cancel_payout(call: Call, application_id: UUID, key: Key) -> Response:
    """Stop the money before it leaves."""
    return told(await signing.cancel_payout(call, application_id, key))


@router.get("/applications/{application_id}/timeline", policy=FIRM_STORY, **one(Timeline))
async def timeline(call: Call, application_id: UUID) -> Response:
    """What happened, what now, who acts, by when."""
    return shown(await seeing.timeline(call, application_id))


@router.get("/applications/{application_id}/events", policy=OWNER, response_model=None)
async def events(call: Call, application_id: UUID) -> Response:
    """Server-sent events: the version at each change."""
    versions = seeing.versions(call, application_id)
    return streamed(versions, await anext(versions))


@router.get("/applications/{application_id}/papers", policy=FIRM_PAPERS, **many(PaperView))
async def papers(call: Call, application_id: UUID) -> Response:
    """Everything that was printed."""
    return listed(await seeing.papers(call, application_id))


@router.get("/applications/{application_id}/pack", policy=OWNER, **one(PackView))
async def pack(call: Call, application_id: UUID) -> Response:
    """What was signed: days, amounts, ways to pay, whom to call."""
    return shown(await packing.pack(call, application_id))


@router.get("/applications/{application_id}/calendar", policy=OWNER, response_model=None)
async def calendar(call: Call, application_id: UUID) -> Response:
    """Its days for one's own calendar."""
    return attachment(await packing.calendar(call, application_id))


@router.post("/loans/{loan_id}/papers", policy=FIRM_PRINTS, **RECEIPT)
async def ask_paper(call: Call, loan_id: UUID, body: PaperInput, key: Key) -> Response:
    """Have a receipt, a list of interest, an invoice or a statement of balance printed; it is filed with the papers."""
    wanted = loan_papers.Wanted(body.kind, body.entry_id, body.from_on, body.to_on)
    return told(await loan_papers.ask(call, loan_id, wanted, key))


@router.get("/papers/{document_id}", policy=FIRM_PAPERS, response_model=None)
async def paper(call: Call, document_id: UUID) -> Response:
    """One paper as a file."""
    return attachment(await seeing.paper(call, document_id))


# --- the loan and the person ------------------------------------------------------------------------------------------


@router.get("/loans", policy=FIRM_LOANS, **many(LoanCard))
async def loans(call: Call) -> Response:
    """One's own, newest first."""
    return listed(await repaying.loans(call))


@router.get("/loans/{loan_id}", policy=FIRM_LOANS, **one(LoanView))
async def loan(call: Call, loan_id: UUID) -> Response:
    """One loan today: what is owed, each booking and why, when it will be over."""
    return shown(await repaying.loan(call, loan_id))


@router.get("/messages", policy=OWNER, **many(MessageView))
async def messages(call: Call) -> Response:
    """What we wrote."""
    return listed(await person.messages(call))


@router.get("/privacy", policy=OWNER, **one(Privacy))
async def privacy(call: Call, after: Annotated[str | None, Query(max_length=100)] = None) -> Response:
    """What was allowed and who looked, twenty looks a page."""
    return shown(await person.privacy(call, after))


@router.get("/trust", policy=OWNER, **one(TrustView))
async def trust(call: Call) -> Response:
    """How far one is trusted, what that brings and what leads further."""
    return shown(await person.trust(call))


@router.get("/coupons", policy=OWNER, **many(CouponView))
async def coupons(call: Call) -> Response:
    """One's own coupons, the newest first."""
    return listed(await person.coupons(call))


@router.get("/profile", policy=OWNER, **one(ProfileView))
async def profile(call: Call) -> Response:
    """One's own settings."""
    return shown(await person.profile(call))


@router.patch("/profile", policy=OWNER, **one(ProfileView))
async def change_profile(call: Call, body: ProfileInput, key: Key) -> Response:
    """Change them."""
    change = person.ChangeProfile(body.locale, body.large_type, body.offers_wanted)
    return shown(await person.change_profile(call, change, key))


@router.delete("/profile/sessions/{session_id}", policy=OWNER, status_code=204)
async def end_session(
    call: Call, session_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")], key: Key
) -> Response:
    """Sign one of one's own browsers out."""
    await person.end_session(call, session_id, key)
    return Response(status_code=204)


@router.get("/commands/{command_id}", policy=FIRM, **one(CommandView))
async def command(call: Call, command_id: UUID) -> Response:
    """What became of something that was asked."""
    return shown(await seeing.command(call, command_id))
