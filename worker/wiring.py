"""The one place where activities are handed their tools."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from temporalio.client import Client

from activities.bill_mail import BillMails
from activities.cashbook import Cashbook
from activities.cashier import Cashier
from activities.champion import Champion
from activities.classing import ClassWatch
from activities.clockwork import Clockwork
from activities.closing import Closing
from activities.collateral_steps import CollateralSteps, Offices
from activities.collecting import Collecting, LatenessWatch
from activities.committee import Committees
from activities.contracts import Contracts
from activities.diverting import DiversionWatch
from activities.drawing import Draws
from activities.ending import EndWatch
from activities.evidence import Evidence
from activities.fairness import FairnessWatch
from activities.identity_papers import IdentityPapers
from activities.intake import Intake
from activities.invoice_papers import InvoicePapers
from activities.judging import Judge
from activities.leaves import Leaves
from activities.lines import Lines, Starter
from activities.loan_papers import LoanPapers
from activities.offline import Offline
from activities.parties import Parties
from activities.payees import Payees
from activities.payouts import Payouts
from activities.personal_data import OldCopies, PersonalData
from activities.pledging import Pledging
from activities.prescoring import OrderLimits
from activities.printing import Printer
from activities.private import Private
from activities.receivable_steps import ReceivableSteps
from activities.receivables import Receivables
from activities.registers import Registers
from activities.releasing import Gate
from activities.sales_files import SalesFiles
from activities.securing import Securing
from activities.seeing import Seeings
from activities.sending_on import SendingOn
from activities.servicing import Servicing
from activities.signatures import Signatures
from activities.step_up import StepUps
from activities.steps import Steps
from activities.storing import OldSessions, StoreFill
from activities.tasks import Tasks
from activities.trusting import TrustWatch
from activities.underwriting import Underwriting
from activities.valuing import Valuing
from activities.visiting import Outside, Visiting
from activities.watching_loans import LoanWatch
from activities.watching_models import ModelWatch
from activities.watching_registers import RegisterWatch
from db.sessions import Sessions
from db.store import StoreKeys
from gateways.authority import HttpAuthority
from gateways.bureau import HttpBureau
from gateways.courts import HttpCourts
from gateways.fields import HttpFields
from gateways.identity import HttpIdentityProvider
from gateways.incoming import HttpIncoming
from gateways.live import HttpLiveVisits
from gateways.messages import HttpMessages
from gateways.payments import HttpRail
from gateways.places import HttpPlaces
from gateways.pledges import HttpPledges
from gateways.registry import HttpRegistry
from gateways.standings import HttpStandings
from gateways.tax import HttpTax
from gateways.titles import HttpTitles, Titles
from imports.streaming import Children
from infra import http
from infra.crypto import Vault
from infra.settings import Settings
from infra.storage import Storage
from infra.temporal import connect
from lending.calendars import Jurisdiction
from lending.collateral import Registry
from policies.book import PolicyBook, load
from scoring.sales import TradeCalendar
from worker.background.night import Job


@dataclass(frozen=True)
class Wired:
    """A worker's tools."""

    settings: Settings
    sessions: Sessions
    vault: Vault
    storage: Storage
    temporal: Client
    messages: HttpMessages
    champion: Champion
    activities: Sequence[Callable[..., Any]]
    night: Mapping[str, Job]
    book: PolicyBook
    cashier: Cashier
    sending_on: SendingOn


@asynccontextmanager
async def wire(settings: Settings) -> AsyncGenerator[Wired]:
    """Open everything a worker needs; close it in reverse."""
    async with AsyncExitStack() as stack:
        sessions = Sessions(settings, scope="worker")
        stack.push_async_callback(sessions.close)
        storage = Storage(settings)
        stack.callback(storage.close)
        vault = Vault(settings)
        temporal = await connect(settings)
        seconds = settings.gateway_timeout.total_seconds()

        async def client(url: str) -> Any:
            return await stack.enter_async_context(http.client(url, timeout=seconds))

        at_the_rail = await client(settings.rail_url)
        rail, outside = HttpRail(at_the_rail, deadline=seconds), HttpIncoming(at_the_rail, deadline=seconds)
        identity = HttpIdentityProvider(await client(settings.identity_url), deadline=seconds)
        bureau = HttpBureau(await client(settings.bureau_url), deadline=seconds)
        courts = HttpCourts(await client(settings.courts_url), deadline=seconds)
        at_the_register = await client(settings.registry_url)
        registry = HttpRegistry(at_the_register, deadline=seconds)
        tax = HttpTax(await client(settings.tax_url), deadline=seconds)
        pledges = HttpPledges(await client(settings.pledges_url), deadline=seconds)
        fields = HttpFields(await client(settings.fields_url), deadline=seconds)
        visited = Outside(
            HttpPlaces(await client(settings.places_url), deadline=seconds),
            HttpLiveVisits(await client(settings.live_url), deadline=seconds),
        )
        titles: dict[Registry, Titles] = {
            office: HttpTitles(await client(url), office.value, deadline=seconds)
            for office, url in (
                (Registry.ESTATES, settings.estates_url),
                (Registry.PATENTS, settings.patents_url),
                (Registry.VEHICLES, settings.vehicles_url),
            )
        }
        authority = HttpAuthority(await client(settings.authority_url), deadline=seconds)
        messages = HttpMessages(await client(settings.messages_url), deadline=seconds)

        children = await stack.enter_async_context(Children(warm=1))
        book = load()
        steps = Steps(sessions, settings.clock_id)
        private = Private(vault)
        printer = Printer(private, book, settings.jurisdiction)
        signatures = Signatures(authority, settings.secret_bytes("seal_key"), book.lender.name.zh_CN)
        queue = settings.temporal_task_queue
        champion = Champion(sessions, storage, settings.clock_id)
        registers = Registers(steps, private, vault, bureau, courts, registry)
        judge = Judge(steps, registers, book, champion, Jurisdiction(settings.jurisdiction))
        underwriting = Underwriting(steps, registers, book, judge)
        starter = Starter(temporal, task_queue=queue, clock_id=settings.clock_id)
        gate = Gate(book, settings.jurisdiction)
        receivable_steps = ReceivableSteps(
            steps, vault, tax, pledges, outside, HttpStandings(at_the_register, deadline=seconds), book, settings
        )
        collateral_steps = CollateralSteps(steps, vault, Offices(titles, pledges, fields), book, settings)
        rooms = (
            Clockwork(sessions),
            Intake(steps, private, identity, book.release, book.profiles),
            IdentityPapers(steps, vault, storage),
            InvoicePapers(steps, vault, storage, tax, Jurisdiction(settings.jurisdiction)),
            BillMails(steps, vault, storage, messages, book.mailbox, limit_bytes=settings.upload_limit_bytes),
            Evidence(steps, private, storage, children, judge, settings),
            underwriting,
            Contracts(steps, printer, storage, book, settings.jurisdiction),
            Lines(steps, book, printer, signatures, storage, starter, jurisdiction=settings.jurisdiction),
            Draws(
                steps,
                book,
                printer,
                registers,
                judge,
                underwriting,
                starter,
                jurisdiction=settings.jurisdiction,
            ),
            Payouts(steps, private, rail, temporal, gate, task_queue=queue, cutoff=settings.rail_cutoff),
            Payees(steps, private, settings),
            Receivables(receivable_steps),
            Pledging(receivable_steps, printer, signatures, storage),
            Valuing(collateral_steps),
            Securing(collateral_steps),
            Parties(steps, private, identity, book.release, book.party_checks),
            Seeings(steps, private, book.release),
            StepUps(steps, private, identity, book.holds),
            Tasks(steps, frozenset(kind.id for kind in book.offline.kinds if kind.outside)),
            Offline(steps, book.offline),
            Visiting(steps, vault, book.offline, visited),
            Leaves(steps),
            Committees(steps, signatures, storage, book, settings.jurisdiction),
            Servicing(steps, printer, signatures, storage, book.calendars),
            Collecting(steps, book, Jurisdiction(settings.jurisdiction)),
            SalesFiles(
                steps,
                private,
                vault,
                storage,
                children,
                limit_bytes=settings.upload_limit_bytes,
                jurisdiction=settings.jurisdiction,
            ),
            LoanPapers(steps, private, signatures, storage, book, settings.jurisdiction),
            PersonalData(steps, vault, storage, book, settings.jurisdiction),
            Closing(
                sessions,
                private,
                rail,
                temporal,
                task_queue=queue,
                clock_id=settings.clock_id,
                calendars=book.calendars,
            ),
        )
        watch = RegisterWatch(steps, private, courts, registry, book.care.register_watch)
        calendar = TradeCalendar.of(
            book.calendars.get(settings.jurisdiction), book.festivals.get(settings.jurisdiction, ())
        )
        night: dict[str, Job] = {
            "models": ModelWatch(champion, book.care),
            "fairness": FairnessWatch(book.care.fairness),
            "loans": LoanWatch(book.care.early_warning, calendar, watch, book.fraud),
        }
        night["lateness"] = LatenessWatch(settings.clock_id)
        night["classes"] = ClassWatch(book, settings.jurisdiction)
        night["ends"] = EndWatch(Jurisdiction(settings.jurisdiction))
        night["limits"] = OrderLimits(book.care.order_limits)
        night["trust"] = TrustWatch(book.trust, book.coupons, Jurisdiction(settings.jurisdiction))
        night["diversions"] = DiversionWatch(private, vault, outside, pledges, book.receivables[settings.jurisdiction])
        night["sessions"] = OldSessions()
        night["copies"] = OldCopies(storage)
        night["store"] = StoreFill(StoreKeys(settings))
        verbs = activities_of(*rooms)
        cashbook = Cashbook(
            private, vault, book.receivables[settings.jurisdiction], Jurisdiction(settings.jurisdiction)
        )
        yield Wired(
            settings=settings,
            sessions=sessions,
            vault=vault,
            storage=storage,
            temporal=temporal,
            messages=messages,
            champion=champion,
            activities=verbs,
            night=night,
            book=book,
            cashier=Cashier(sessions, vault, outside, cashbook, settings),
            sending_on=SendingOn(sessions, private, rail, outside, settings),
        )


def activities_of(*rooms: object) -> list[Callable[..., Any]]:
    """Every method of the rooms that is an activity."""
    found: list[Callable[..., Any]] = []
    for room in rooms:
        for name in dir(room):
            method = getattr(room, name)
            if hasattr(method, "__temporal_activity_definition"):
                found.append(method)
    return found
