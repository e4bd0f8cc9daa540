"""What an applicant is asked to bring depends on product, kind, province and amount, and on nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from lending.checklist import Applying, Brought, Item, ItemState, Need, items_for, missing, state_of
from lending.collateral import CollateralKind
from lending.parties import PartyKind
from lending.profiles import Capacity
from policies.book import load

CATALOGUE = load().checklist
PRODUCT = "revenue_linked_working_capital"


def ids(applying: Applying) -> list[str]:
    return [item.id for item in items_for(CATALOGUE, applying)]


def test_each_kind_of_applicant_has_its_own_list() -> None:
    company = ids(Applying(PRODUCT, 50_000_00, PartyKind.COMPANY, "51"))
    unlicensed = ids(Applying(PRODUCT, 50_000_00, PartyKind.SELF_EMPLOYED))
    assert company == ["id_card", "licence", "bills", "invoices"]
    assert unlicensed == ["id_card", "bills", "trade_proof"]


def test_the_list_knows_region_and_amount() -> None:
    assert "tax_record" in ids(Applying(PRODUCT, 50_000_00, PartyKind.SOLE_TRADER, "44"))
    assert "tax_record" not in ids(Applying(PRODUCT, 50_000_00, PartyKind.SOLE_TRADER, "51"))
    assert "premises" in ids(Applying(PRODUCT, 100_000_01, PartyKind.COMPANY, "51"))
    assert "premises" not in ids(Applying(PRODUCT, 100_000_00, PartyKind.COMPANY, "51"))


def test_p2_an_agents_power_of_attorney_is_a_paper_and_not_words() -> None:
    agent = items_for(CATALOGUE, Applying(PRODUCT, 50_000_00, PartyKind.COMPANY, "51", Capacity.AGENT))
    assert missing(agent, {}) == ("power_of_attorney",)
    assert missing(agent, {"power_of_attorney": ItemState.REFUSED}) == ("power_of_attorney",)
    assert missing(agent, {"power_of_attorney": ItemState.RECEIVED}) == ()
    for capacity in (Capacity.LEGAL_REPRESENTATIVE, None):
        assert "power_of_attorney" not in ids(Applying(PRODUCT, 50_000_00, PartyKind.COMPANY, "51", capacity))


def test_p2_a_company_shows_who_agreed_to_a_larger_loan() -> None:
    company = items_for(CATALOGUE, Applying(PRODUCT, 100_000_01, PartyKind.COMPANY, "51"))
    assert missing(company, {}) == ("resolution",)
    assert "resolution" not in ids(Applying(PRODUCT, 100_000_00, PartyKind.COMPANY, "51"))
    assert "resolution" not in ids(Applying(PRODUCT, 300_000_00, PartyKind.SOLE_TRADER, "51"))


def test_the_list_knows_the_product() -> None:
    only = Item("deed", Brought.DOCUMENT, Need.REQUIRED, products=frozenset({"collateral_loan"}), refusals=("cut_off",))
    assert items_for((only,), Applying(PRODUCT, 1)) == ()
    assert items_for((only,), Applying("collateral_loan", 1)) == (only,)


def test_what_belongs_to_a_thing_that_secures_the_loan_is_asked_for_by_its_kind_like_any_other_paper() -> None:
    plain = ids(Applying("collateral_backed", 3_200_000_00, PartyKind.COMPANY, "32"))
    workshop = Applying(
        "collateral_backed",
        3_200_000_00,
        PartyKind.COMPANY,
        "32",
        collateral=frozenset({CollateralKind.REAL_ESTATE, CollateralKind.EQUIPMENT}),
    )
    asked = ids(workshop)
    assert {"title_deed", "purchase_invoice", "photos"} <= set(asked)
    assert not {"title_deed", "purchase_invoice", "photos"} & set(plain)
    assert "stock_list" not in asked
    lacks = missing(items_for(CATALOGUE, workshop), {"resolution": ItemState.RECEIVED})
    assert lacks == ("title_deed", "purchase_invoice")


def test_every_paper_that_a_kind_of_collateral_names_stands_in_the_list_and_one_of_each_is_required() -> None:
    brought = {"parcel"}  # corners, typed with the piece
    for kind, one in load().collateral.types.items():
        listed = {item.id: item for item in CATALOGUE if kind in item.collateral}
        assert set(one.evidence) - brought == set(listed), kind
        assert any(item.need is Need.REQUIRED for item in listed.values()), kind


@given(st.lists(st.sampled_from(list(ItemState)), max_size=6))
def test_one_good_file_is_enough_and_a_new_one_outweighs_a_refused(states: list[ItemState]) -> None:
    state = state_of(states)
    assert state in (*states, ItemState.MISSING)
    assert (state is ItemState.ACCEPTED) == (ItemState.ACCEPTED in states)
    assert (state is ItemState.REFUSED) == (set(states) - {ItemState.MISSING} == {ItemState.REFUSED})


def test_a_refused_paper_is_missing_again() -> None:
    items = items_for(CATALOGUE, Applying(PRODUCT, 1, PartyKind.SELF_EMPLOYED))
    assert missing(items, {}) == ("trade_proof",)
    assert missing(items, {"trade_proof": ItemState.REFUSED}) == ("trade_proof",)
    assert missing(items, {"trade_proof": ItemState.RECEIVED}) == ()
