"""All policy files as one book, with the checks between files: our own rules are never looser than the law."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from lending.authority import AuthorityTable, CommitteeRules
from lending.calendars import BusinessCalendar
from lending.checklist import Item
from lending.classification import ClassRules
from lending.collateral import CollateralRules
from lending.conditions import ConditionKind
from lending.contact_policy import Purpose
from lending.coupons import CouponKind
from lending.diligence import DutyList
from lending.festivals import Festival
from lending.help import Help
from lending.holds import HoldPolicy
from lending.incoming import SuspenseRules
from lending.instalment_products import InstalmentProduct
from lending.money import Money
from lending.offline import OfflinePolicy
from lending.plans import SelfService
from lending.products import (
    Product,
)
from lending.profiles import PartyChecks, Profiles
from lending.receivables import ReceivableRules
from lending.release import ReleasePolicy
from lending.relief import ReliefRules
from lending.second_reading import ReadingRules
from lending.subsidies import Scheme
from lending.suspicions import FraudPolicy
from lending.trust import TrustPolicy
from lending.valuers import ValuerFirm
from lending.verdicts import Policy, Ways
from lending.workbench import BookRules, TwoPeople
from policies.authority import AuthorityFile, ConditionsFile, authority_of, committee_of, condition_kinds
from policies.care_shapes import CareFile
from policies.checklists import ChecklistsFile, checklist
from policies.classification import ClassificationFile, class_rules
from policies.collateral import CollateralFile, collateral_rules
from policies.collections import CollectionRules, CollectionsFile, collection_rules
from policies.contact_rules import ContactFile, purposes_of
from policies.coupons import CouponsFile, coupon_kinds
from policies.dated import business_calendar, index_on, instalment_product, trade_calendar
from policies.diligence import DiligenceFile, duties_of
from policies.files import Model, PolicyError, newest, read_file
from policies.help import HelpFile, help_of
from policies.lending_policy import policy_of
from policies.lent_products import product_of
from policies.mailbox import MailboxFile
from policies.offline import OfflineFile, offline_policy
from policies.profiles import ProfilesFile, party_checks_of, profiles_of
from policies.receivables import ReceivablesFile, receivable_rules
from policies.releases import HELP, INDICES, PRODUCTS, UNDERWRITING, WAYS, Released, of_room, over, quoted
from policies.relief import ReliefFile, relief_rules
from policies.retention import RetentionFile
from policies.risk_tiers import RiskTiersFile, hold_policy, release_policy
from policies.second_reading import SecondReadingFile, reading_rules
from policies.self_service import SelfServiceFile, self_service
from policies.shapes import (
    CalendarFile,
    IndexFile,
    InstalmentProductFile,
    JurisdictionFile,
    LenderFile,
    LimitsFile,
    OwnContact,
    ProductFile,
    RolesFile,
    TradeCalendarFile,
)
from policies.subsidies import SubsidiesFile, schemes_of
from policies.suspicions import FraudFile, fraud_policy
from policies.trust import TrustFile, trust_policy
from policies.underwriting_shapes import UnderwritingFile
from policies.valuers import ValuersFile, valuers_of
from policies.ways import WaysFile, ways_of
from policies.within_the_law import dated_within_the_law, grades_within_the_law, within_the_law
from policies.workbench import WorkbenchFile, book_rules, two_people

ROOT = Path(__file__).parent


class Digest(Protocol):
    """What hashlib gives."""

    def update(self, data: bytes, /) -> None: ...


@dataclass(frozen=True)
class PolicyBook:
    """Everything that configuration decides. ``version`` changes with any byte of any file in force."""

    version: str
    products: dict[str, Product]
    jurisdictions: dict[str, JurisdictionFile]
    lender: LenderFile
    care: CareFile
    release: ReleasePolicy
    holds: HoldPolicy
    automatic_limit_minor: int
    contact: OwnContact
    purposes: dict[str, Purpose]
    in_app: frozenset[str]
    collections: CollectionRules
    classes: ClassRules
    complaint_within: timedelta
    suspense: SuspenseRules
    key_facts_seconds: int
    reasons_max: int
    roles: dict[str, frozenset[str]]
    fraud: FraudPolicy
    retention: RetentionFile
    trust: TrustPolicy
    coupons: dict[str, CouponKind]
    subsidies: tuple[Scheme, ...]
    profiles: Profiles
    party_checks: PartyChecks
    checklist: tuple[Item, ...]
    mailbox: MailboxFile
    self_service: SelfService
    relief: ReliefRules
    help: Help
    receivables: dict[str, ReceivableRules]
    collateral: CollateralRules
    valuers: tuple[ValuerFirm, ...]
    offline: OfflinePolicy
    authority: AuthorityTable
    committee: CommitteeRules
    conditions: dict[str, ConditionKind]
    managed: BookRules
    second_reading: ReadingRules
    two_people: tuple[TwoPeople, ...]
    duties: DutyList
    underwriting: dict[str, Policy] = field(default_factory=dict[str, Policy])
    instalment_products: dict[str, InstalmentProduct] = field(default_factory=dict[str, InstalmentProduct])
    calendars: dict[str, BusinessCalendar] = field(default_factory=dict[str, BusinessCalendar])
    festivals: dict[str, tuple[Festival, ...]] = field(default_factory=dict[str, tuple[Festival, ...]])
    indices: dict[str, Decimal] = field(default_factory=dict[str, Decimal])

    def product(self, product_id: str) -> Product:
        """The product in force; :class:`PolicyError` naming the known ones."""
        try:
            return self.products[product_id]
        except KeyError:
            raise PolicyError("products", product_id, f"unknown product; known: {', '.join(self.products)}") from None

    def instalment_product(self, product_id: str) -> InstalmentProduct:
        """A product that is repaid on dates; :class:`PolicyError` naming the known ones."""
        try:
            return self.instalment_products[product_id]
        except KeyError:
            known = ", ".join(self.instalment_products)
            raise PolicyError("instalment_products", product_id, f"unknown product; known: {known}") from None

    def jurisdiction(self, code: str) -> JurisdictionFile:
        """The law of ``"CN"``, as its file has it."""
        try:
            return self.jurisdictions[code]
        except KeyError:
            known = ", ".join(self.jurisdictions)
            raise PolicyError("jurisdictions", code, f"unknown jurisdiction; known: {known}") from None

    def policy(self, product_id: str) -> Policy:
        """The underwriting policy of a product, as :func:`lending.decisions.decide` takes it."""
        self.product(product_id)
        try:
            return self.underwriting[product_id]
        except KeyError:
            raise PolicyError("underwriting.yaml", product_id, "no underwriting policy for this product") from None


def load(on: date | None = None, root: Path | None = None, released: Sequence[Released] = ()) -> PolicyBook:
    """The policy in force on ``on`` (the last version of each file if None) from ``root`` (this package if None), with
    what two people ``released`` since, the oldest first.

    Raises :class:`PolicyError` with file, key and allowed values; nothing is used of a book with one wrong file.
    """
    root = root or ROOT
    digest = sha256()
    laws = _in_force(root / "jurisdictions", "*.yaml", JurisdictionFile, lambda f: f.jurisdiction, on, digest)
    files = _in_force(
        root / "products",
        "*.yaml",
        ProductFile,
        lambda f: f.product,
        on,
        digest,
        of_room(PRODUCTS, released, ProductFile),
    )
    limits = _in_force(root, "limits*.yaml", LimitsFile, lambda _: "limits", on, digest)["limits"]
    overdue = _in_force(root, "collections*.yaml", CollectionsFile, lambda _: "collections", on, digest)["collections"]
    classes = _in_force(root, "classification*.yaml", ClassificationFile, lambda _: "classes", on, digest)["classes"]
    why = _in_force(root, "contact*.yaml", ContactFile, lambda _: "contact", on, digest)["contact"]
    tiers = _in_force(root, "risk_tiers*.yaml", RiskTiersFile, lambda _: "tiers", on, digest)["tiers"]
    lending = _in_force(
        root,
        "underwriting*.yaml",
        UnderwritingFile,
        lambda f: f.product,
        on,
        digest,
        of_room(UNDERWRITING, released, UnderwritingFile),
    )
    ways = _in_force(
        root, "ways_to_yes*.yaml", WaysFile, lambda f: f.product, on, digest, of_room(WAYS, released, WaysFile)
    )
    care = _in_force(root, "care*.yaml", CareFile, lambda _: "care", on, digest)["care"]
    fraud = _in_force(root, "fraud*.yaml", FraudFile, lambda _: "fraud", on, digest)["fraud"]
    retention = _in_force(root, "retention*.yaml", RetentionFile, lambda _: "retention", on, digest)["retention"]
    trust = _in_force(root, "trust*.yaml", TrustFile, lambda _: "trust", on, digest)["trust"]
    coupons = _in_force(root, "coupons*.yaml", CouponsFile, lambda _: "coupons", on, digest)["coupons"]
    asked = _in_force(root, "evidence_profiles*.yaml", ProfilesFile, lambda _: "profiles", on, digest)["profiles"]
    brought = _in_force(root, "checklists*.yaml", ChecklistsFile, lambda _: "checklist", on, digest)["checklist"]
    subsidies = _in_force(root, "subsidies*.yaml", SubsidiesFile, lambda _: "subsidies", on, digest)["subsidies"]
    mailbox = _in_force(root, "mailbox*.yaml", MailboxFile, lambda _: "mailbox", on, digest)["mailbox"]
    easier = _in_force(root, "relief*.yaml", ReliefFile, lambda _: "relief", on, digest)["relief"]
    alone = _in_force(root, "self_service*.yaml", SelfServiceFile, lambda _: "alone", on, digest)["alone"]
    outside = _in_force(root, "offline*.yaml", OfflineFile, lambda _: "offline", on, digest)["offline"]
    may = _in_force(root, "authority*.yaml", AuthorityFile, lambda _: "authority", on, digest)["authority"]
    terms = _in_force(root, "conditions*.yaml", ConditionsFile, lambda _: "conditions", on, digest)["conditions"]
    managed = _in_force(root, "workbench*.yaml", WorkbenchFile, lambda _: "workbench", on, digest)["workbench"]
    second = _in_force(root, "second_reading*.yaml", SecondReadingFile, lambda _: "second", on, digest)["second"]
    owed = _in_force(root, "diligence*.yaml", DiligenceFile, lambda _: "diligence", on, digest)["diligence"]
    helping = _in_force(root, "help*.yaml", HelpFile, lambda _: "help", on, digest, of_room(HELP, released, HelpFile))[
        "help"
    ]
    claims = _in_force(root, "receivables*.yaml", ReceivablesFile, lambda _: "receivables", on, digest)["receivables"]
    things = _in_force(root, "collateral*.yaml", CollateralFile, lambda _: "collateral", on, digest)["collateral"]
    rules = collateral_rules(things)
    appraisers = _in_force(root, "valuers*.yaml", ValuersFile, lambda _: "valuers", on, digest)["valuers"]
    lender = _in_force(root, "lender*.yaml", LenderFile, lambda _: "lender", on, digest)["lender"]
    roles = _in_force(root, "roles*.yaml", RolesFile, lambda _: "roles", on, digest)["roles"]
    dated = _in_force(root / "instalment_products", "*.yaml", InstalmentProductFile, lambda f: f.product, on, digest)
    calendars = _in_force(root / "calendars", "*.yaml", CalendarFile, lambda f: f.jurisdiction, on, digest)
    trading = _in_force(root / "trade_calendars", "*.yaml", TradeCalendarFile, lambda f: f.jurisdiction, on, digest)
    indices = _in_force(root / "indices", "*.yaml", IndexFile, lambda f: f.index, on, digest)
    indices = quoted(indices, of_room(INDICES, released, IndexFile))
    rates = {name: index_on(file, on) for name, file in indices.items()}
    # A book that counts another value is another version, also where it was released long before its day.
    digest.update(repr(sorted(rates.items())).encode())
    instalment_products = {name: instalment_product(name, file) for name, file in dated.items()}
    for code, law in laws.items():
        within_the_law(code, law, limits, files)
        for product in instalment_products.values():
            dated_within_the_law(code, law, product, rates)
    products = {name: product_of(name, file) for name, file in files.items()}
    _known_products(products, ways)
    automatic_limit = Money.parse(tiers.automatic_limit).minor
    underwriting = {
        name: _told_ways(policy_of(file, products, rates, automatic_limit), ways.get(name))
        for name, file in lending.items()
    }
    for name in products:
        if name not in underwriting:
            raise PolicyError("underwriting*.yaml", name, "no such file for this product")
    for code, law in laws.items():
        for policy in underwriting.values():
            grades_within_the_law(code, law, policy)
    kinds = coupon_kinds(coupons)
    return PolicyBook(
        version=digest.hexdigest()[:16],
        products=products,
        jurisdictions=laws,
        lender=lender,
        care=care,
        release=release_policy(tiers),
        holds=hold_policy(tiers),
        automatic_limit_minor=automatic_limit,
        contact=limits.contact,
        purposes=purposes_of(why),
        in_app=frozenset(why.in_app),
        collections=collection_rules(overdue, purposes_of(why), frozenset(why.in_app)),
        classes=class_rules(classes),
        complaint_within=limits.complaints.answer_within,
        suspense=SuspenseRules(
            two_people_above_minor=Money.parse(limits.suspense.two_people_above).minor,
            judged_within=limits.suspense.judged_within,
        ),
        key_facts_seconds=limits.key_facts.reading_seconds,
        reasons_max=limits.decline.reasons_max,
        roles={role: frozenset(granted) for role, granted in roles.roles.items()},
        instalment_products=instalment_products,
        calendars={code: business_calendar(file) for code, file in calendars.items()},
        fraud=fraud_policy(fraud),
        retention=retention,
        trust=_known_coupons(trust_policy(trust), kinds),
        coupons=kinds,
        subsidies=schemes_of(subsidies),
        profiles=profiles_of(asked),
        party_checks=party_checks_of(asked),
        checklist=checklist(brought),
        mailbox=mailbox,
        self_service=self_service(alone),
        relief=relief_rules(easier),
        help=help_of(helping),
        receivables={code: receivable_rules(claims, law) for code, law in laws.items()},
        collateral=rules,
        valuers=valuers_of(appraisers, rules),
        offline=offline_policy(outside, automatic_limit),
        authority=authority_of(may, frozenset(roles.roles)),
        committee=committee_of(may),
        conditions=condition_kinds(terms),
        managed=book_rules(managed),
        second_reading=reading_rules(second),
        two_people=two_people(managed, frozenset(products)),
        duties=duties_of(owed),
        festivals={code: trade_calendar(file) for code, file in trading.items()},
        indices=rates,
        underwriting=underwriting,
    )


def _in_force(
    folder: Path,
    pattern: str,
    model: type[Model],
    named: Callable[[Model], str],
    on: date | None,
    digest: Digest,
    released: Sequence[tuple[str, Model]] = (),
) -> dict[str, Model]:
    """The files of one kind by name, each in the version in force, their bytes added to the book's digest.

    ``released``: what came since, by the name of its release."""
    found: dict[str, list[tuple[str, Model]]] = defaultdict(list)
    for path in sorted(folder.glob(pattern)):
        read = read_file(path, model)
        found[named(read)].append((path.name, read))
    if not found:
        raise PolicyError(f"{folder.name}/{pattern}", "", "no such file")
    for source, read in released:
        if named(read) not in found:
            raise PolicyError(source, "", f"no file in force is of {named(read)}; known: {', '.join(sorted(found))}")
        found[named(read)] = over(found[named(read)], source, read)
    in_force = {name: newest(candidates, on, name) for name, candidates in found.items()}
    for name in sorted(in_force):
        digest.update(in_force[name].model_dump_json().encode())
    return in_force


def _known_products(products: dict[str, Product], ways: dict[str, WaysFile]) -> None:
    for name in ways:
        if name not in products:
            known = ", ".join(products)
            raise PolicyError("ways_to_yes.yaml", "product", f"unknown product {name!r}; known: {known}")


def _known_coupons(trust: TrustPolicy, kinds: dict[str, CouponKind]) -> TrustPolicy:
    for level in trust.levels:
        if level.coupon is not None and level.coupon not in kinds:
            raise PolicyError("trust.yaml", "levels.coupon", f"unknown {level.coupon!r}; known: {', '.join(kinds)}")
    return trust


def _told_ways(policy: Policy, file: WaysFile | None) -> Policy:
    """The policy with what its owners are told to do about a "no"; without a file, nothing."""
    return replace(policy, ways=ways_of(file) if file else Ways(kinds=()))
