"""Care in the API: facilities, beds, stays, assessments, services at home, benefits, and the decisions on them."""

from api.graphql.commands import mutations_of
from api.graphql.roots import listing, single
from domain import care

ROOTS = (
    single("facility", "facility", "一处设施 · one facility"),
    listing("facilities", "facility", "全区的设施 · facilities of the district"),
    listing("facilityBeds", "facility_beds", "各设施床位数和空闲数 · beds of each facility, and how many are free"),
    listing(
        "facilityInspections",
        "facility_inspection",
        "辖区内的设施检查 · inspections of facilities",
        order=("inspected_on", "facility_id", "number"),
    ),
    listing(
        "smokeAlarms",
        "smoke_alarm",
        "烟感报警，按时间先后 · smoke alarms by time",
        order=("raised_at", "facility_id", "alarm_no"),
    ),
    single("bed", "bed", "一张床位 · one bed"),
    listing("beds", "bed", "辖区内的床位 · beds of your divisions"),
    single("careRecord", "care_record", "一条入住或日间照料记录 · one stay"),
    listing("careRecords", "care_record", "辖区内的入住和日间照料 · stays and day care of your divisions"),
    single("assessment", "assessment", "一次能力评估 · one ability assessment"),
    listing("assessments", "assessment", "辖区内的能力评估 · ability assessments of your divisions"),
    listing(
        "myAssessments",
        "my_assessment",
        "分派给本人的能力评估，按期限先后 · an assessor's own assessments by due date",
        order=("due_on", "id", "assessor_id"),
        timed=False,
    ),
    listing(
        "myConflicts",
        "my_conflict",
        "本人申报的利害关系 · an assessor's own declared conflicts",
        order=("assessor_id", "facility_id"),
        timed=False,
    ),
    listing("assessors", "assessor", "辖区内的评估人员 · assessors of your divisions"),
    single("serviceOrder", "service_order", "一张居家服务工单 · one order of a service at home"),
    listing("serviceOrders", "service_order", "辖区内的居家服务工单 · services at home of your divisions"),
    listing("purchasedHours", "purchased_hours", "政府购买服务时数 · purchased hours by person and month"),
    listing("supportServices", "support_service", "器具适配、改造、康复和托养 · devices, adaptations, rehabilitation"),
    single("benefit", "benefit", "一项个人待遇 · one benefit of a person"),
    listing("benefits", "benefit", "辖区内的个人待遇 · benefits of your divisions"),
    listing(
        "benefitQueue",
        "benefit",
        "个人待遇，按期限先后；配合 waiting 筛选即为待办 · benefits by due date: the queue of those that wait",
        order=("due_on", "id"),
    ),
    listing("benefitPayments", "benefit_payment", "辖区内的个人待遇发放记录 · payments of benefits of your divisions"),
    listing("premiums", "premium", "辖区内由政府代缴的保费 · insurance premiums paid by the government"),
    listing("elderCards", "elder_card", "辖区内的老年人证件 · elders' cards of your divisions"),
    listing("disabilityCertificates", "disability_certificate", "辖区内的残疾人证 · disability certificates"),
)
MUTATIONS = mutations_of(care)
