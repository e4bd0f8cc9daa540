"""Every JSON route, a folder per audience."""

from api.auth.routes import router as auth
from api.hooks.revenue import router as revenue_batches
from api.hooks.routes import router as hooks
from api.manager.diligence_routes import router as diligence
from api.manager.draft_routes import router as assisting
from api.manager.leading_routes import router as leading
from api.manager.leave_routes import router as leaves
from api.manager.offline_routes import router as offline
from api.manager.on_the_spot_routes import router as on_the_spot
from api.manager.paper_routes import router as papers
from api.manager.reading_routes import router as second_reading
from api.manager.routes import router as manager
from api.manager.securing_routes import router as valuations
from api.manager.seeing_routes import router as seeings
from api.manager.workbench_routes import router as workbench
from api.owner.checklist_routes import router as bringing
from api.owner.data_routes import router as data
from api.owner.draft_routes import router as drafting
from api.owner.end_routes import router as owner_ends
from api.owner.evidence_routes import router as evidence
from api.owner.help_routes import router as helping
from api.owner.late_routes import router as owner_late
from api.owner.line_routes import router as lining
from api.owner.party_routes import router as parties
from api.owner.paying_routes import router as owner_paying
from api.owner.plan_routes import router as owner_plans
from api.owner.public_routes import router as public
from api.owner.receivable_routes import router as receiving
from api.owner.release_routes import router as releasing
from api.owner.relief_routes import router as owner_relief
from api.owner.routes import router as owner
from api.owner.sales_routes import router as owner_sales
from api.owner.seat_routes import router as seats
from api.owner.securing_routes import router as securing
from api.owner.survey_routes import router as surveys
from api.owner.talking_routes import router as talking
from api.owner.visit_routes import router as visits
from api.routes import Router
from api.staff.care_routes import router as care
from api.staff.case_routes import router as cases
from api.staff.classing_routes import router as classing
from api.staff.collections_routes import router as collecting
from api.staff.committee_routes import router as committees
from api.staff.end_routes import router as ends
from api.staff.incoming_routes import router as incoming
from api.staff.line_routes import router as line_desk
from api.staff.policy_routes import router as policies
from api.staff.receivable_routes import router as comparing
from api.staff.release_routes import router as releases
from api.staff.relief_routes import router as desk_reliefs
from api.staff.routes import router as staff
from api.staff.sales_routes import router as sales_desk
from api.staff.subsidy_routes import router as subsidies
from api.staff.talking_routes import router as answering

router = Router()
for audience in (
    public,
    auth,
    owner,
    drafting,
    releasing,
    lining,
    receiving,
    securing,
    evidence,
    bringing,
    helping,
    data,
    parties,
    owner_paying,
    owner_plans,
    owner_sales,
    owner_ends,
    owner_late,
    owner_relief,
    desk_reliefs,
    surveys,
    seats,
    visits,
    manager,
    assisting,
    seeings,
    offline,
    on_the_spot,
    valuations,
    leading,
    second_reading,
    leaves,
    workbench,
    diligence,
    papers,
    staff,
    releases,
    cases,
    committees,
    line_desk,
    comparing,
    incoming,
    sales_desk,
    subsidies,
    policies,
    ends,
    classing,
    collecting,
    care,
    talking,
    answering,
    hooks,
    revenue_batches,
):
    router.include_router(audience)
