"""The schema: as reviewed, complete, and refusing what reads could not keep safe."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

import domain.contexts
from api.graphql.kinds import kinds_of
from api.graphql.schema import ApiSchema, build_schema
from domain.access import Area, PersonalClass
from domain.kernel import Command
from projections.kernel.tables import VIEWS, Doc, Masked, View, view

SNAPSHOT = Path(__file__).parents[2] / "docs" / "schema.graphql"
ROOTS = {
    *(
        "person",
        "persons",
        "household",
        "households",
        "case",
        "cases",
        "payments",
        "timeline",
        "divisions",
        "workItems",
        "payroll",
        "payrolls",
        "payrollLines",
        "budget",
        "budgets",
        "verification",
        "verifications",
        "verificationQueries",
    ),
    *("campaign", "campaigns", "visits", "myVisits", "accounts", "rights", "deputations"),
    *("referral", "referrals", "recovery", "recoveries", "complaints", "conferences", "conferenceTasks"),
    *("document", "documents", "notice", "notices"),
    *("facility", "facilities", "facilityBeds", "facilityInspections", "smokeAlarms", "bed", "beds"),
    *("careRecord", "careRecords", "assessment", "assessments", "myAssessments", "myConflicts", "assessors"),
    *("serviceOrder", "serviceOrders", "purchasedHours", "supportServices"),
    *("hospital", "hospitals", "myHospitals", "hospitalMonths", "medicalCategories", "medicalVisit", "medicalVisits"),
    *("settlement", "settlements", "accumulators", "reconciliations", "reconciliationDifferences"),
    *("clearing", "clearings", "manualClaim", "manualClaims", "premiums"),
    *("benefit", "benefits", "benefitQueue", "benefitPayments", "disabilityCertificates", "premiums", "elderCards"),
    *("conflictingBenefits", "ageMilestones"),
    *("grid", "grids", "gridWorkers", "incident", "incidents", "clue", "clues", "residents", "gridVisits"),
    *("myGridVisits", "residentChanges", "publicFacilities", "propertyManagements"),
    *("aloneUnvisited", "gridFigures", "incidentStatistics"),
    *("disaster", "disasters", "disasterReports", "disasterUnits", "casualties", "affectedPersons", "reliefDeliveries"),
    *("reliefClocks", "stocks", "stockMovements", "stockAllocations", "reliefAid", "reliefAids", "stockNeeds"),
    *("organisation", "organisations", "organisationYears", "purchase", "purchases", "purchaseMilestones"),
    *("purchasePayments", "venture", "ventures", "supportFunds", "supportFundYears"),
    *("disclosure", "disclosures", "villageDecision", "villageDecisions", "elections", "cadreAllowances"),
    *("communityRecords", "socialWorkers", "volunteers"),
    *("findings", "quarantine", "projectionStatus", "logEntry", "changes", "me"),
    *("indicators", "indicatorDefinitions", "paidAboveStandard", "assistanceStatus", "workSummary"),
}

assert domain.contexts


@pytest.fixture(scope="module")
def schema() -> ApiSchema:
    """The schema as the service builds it."""
    return build_schema()


def test_the_snapshot_is_current(schema: ApiSchema) -> None:
    assert SNAPSHOT.read_text(encoding="utf-8") == schema.sdl(), (
        "the schema has changed; review the difference after: python -m api.graphql.schema > docs/schema.graphql"
    )


def test_every_command_is_a_mutation_once(schema: ApiSchema) -> None:
    commands = {
        command.__name__
        for command in Command.__subclasses__()
        if command.__module__.startswith("domain.") and command.MUTATION
    }
    assert {each.command.__name__ for each in schema.mutations.values()} == commands


def test_every_promised_root_is_there(schema: ApiSchema) -> None:
    query = schema.core.query_type
    assert query is not None
    assert set(query.fields) >= ROOTS
    for name in ("person", "persons", "household", "households", "case", "cases", "timeline"):
        assert {"asOf", "effectiveOn", "minPosition"} <= set(query.fields[name].args)


def test_everything_is_described(schema: ApiSchema) -> None:
    for name, kind in schema.core.type_map.items():
        if not name.startswith("__") and name not in ("String", "Int", "Boolean", "Float", "ID"):
            assert kind.description, name
            if isinstance(kind, GraphQLObjectType) and name != "PageInfo":
                assert all(field.description for field in kind.fields.values()), name


def test_money_and_positions_have_64_bits_and_money_stands_in_yuan_too(schema: ApiSchema) -> None:
    payment = schema.core.type_map["Payment"]
    assert isinstance(payment, GraphQLObjectType)
    assert str(payment.fields["amountFen"].type) == "Fen!"
    assert str(payment.fields["yuan"].type) == "String!"
    for kind in schema.core.type_map.values():
        if isinstance(kind, GraphQLObjectType):
            for name, field in kind.fields.items():
                if name.lower().endswith("fen") and is_leaf_type(get_named_type(field.type)):
                    assert get_named_type(field.type).name == "Fen", f"{kind.name}.{name}"


def _kinds(row: type, name: str) -> None:
    declared = VIEWS.pop(name)
    assert declared.row is row
    views: dict[str, View] = {**VIEWS, name: declared}
    kinds_of(views.values(), dict.fromkeys(views, "x"))


def test_masked_columns_can_neither_be_filtered_nor_ordered_by() -> None:
    @view("probe", area=Area.REGISTRY, scope_from="division_code", order=("phone",))
    @dataclass
    class OrderedRow:
        """探针"""

        id: Annotated[int, Doc("标识")]
        division_code: Annotated[str, Doc("区划")]
        phone: Annotated[str, Doc("电话"), Masked(PersonalClass.CONTACT)]

    with pytest.raises(TypeError, match="phone"):
        _kinds(OrderedRow, "probe")

    @view("probe", area=Area.REGISTRY, scope_from="division_code")
    @dataclass
    class FilteredRow:
        """探针"""

        id: Annotated[int, Doc("标识")]
        division_code: Annotated[str, Doc("区划")]
        phone: Annotated[str, Doc("电话"), Masked(PersonalClass.CONTACT)]

        FILTERS: ClassVar[tuple[str, ...]] = ("phone",)

    with pytest.raises(TypeError, match="phone"):
        _kinds(FilteredRow, "probe")
