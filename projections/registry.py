"""Registry: persons, households, who belongs to which, and the divisions."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.codes import HouseholdKind, PopulationKind, Relation, Sex
from domain.kernel import Event
from domain.registry import Division, Facility, Household, Person
from domain.registry.household import HEADS
from domain.registry.person import PersonState
from infra.log import LogEvent
from projections.kernel.changes import Changes, Col, Projection, division_of, handles
from projections.kernel.tables import Doc, Figures, Many, Masked, One, Owner, Relations, view


@view(
    "person",
    area=Area.REGISTRY,
    scope_from="division_code",
    order=("id",),
    indexes=(("name", "scope"), ("household_id",)),
    figures=Figures(("birth_on", "kind", "state"), also=(Area.CARE,)),
)
@dataclass
class PersonRow:
    """人员"""

    id: Annotated[UUID, Doc("人员标识")]
    name: Annotated[str, Doc("姓名")]
    citizen_id: Annotated[str | None, Doc("公民身份号码"), Masked(PersonalClass.IDENTITY)]
    sex: Annotated[Sex, Doc("性别")]
    birth_on: Annotated[date | None, Doc("出生日期")]
    kind: Annotated[PopulationKind, Doc("人口类型")]
    state: Annotated[PersonState, Doc("人员状态")]
    division_code: Annotated[str, Doc("居住地区划代码")]
    phone: Annotated[str | None, Doc("联系电话"), Masked(PersonalClass.CONTACT)]
    address: Annotated[str | None, Doc("住址"), Masked(PersonalClass.CONTACT)]
    account: Annotated[str | None, Doc("个人发放账号（一卡通）"), Masked(PersonalClass.ACCOUNT)]
    account_name: Annotated[str | None, Doc("户名；空为本人账户"), Masked(PersonalClass.ACCOUNT)]
    bank: Annotated[str | None, Doc("开户行")]
    match_source: Annotated[str | None, Doc("身份核实来源")]
    moved_out_to: Annotated[str | None, Doc("迁往地")]
    died_on: Annotated[date | None, Doc("死亡日期（未确认时为上报日期）")]
    death_confirmed: Annotated[bool, Doc("死亡是否已确认")]
    death_evidence: Annotated[str | None, Doc("死亡上报依据或确认机关")]
    merged_into: Annotated[UUID | None, Doc("合并后的人员标识")]
    merged_on: Annotated[date | None, Doc("合并日期")]
    household_id: Annotated[UUID | None, Doc("最近加入且未退出的家庭；各类家庭见 memberships")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "household": One("household", local="household_id"),
        "merged_person": One("person", local="merged_into"),
        "memberships": Many("member", on="person_id", order=("joined_on",)),
        "cases": Many("case_member", on="person_id", order=("case_id",)),
        "applications": Many("case", on="applicant_id", order=("case_no",)),
        "payments": Many("payment", on="payee_id", order=("month",)),
        "benefits": Many("benefit", on="person_id", order=("applied_on",)),
        "benefit_payments": Many("benefit_payment", on="person_id", order=("month",)),
        "disability_certificates": Many("disability_certificate", on="person_id"),
        "premiums": Many("premium", on="person_id", order=("year", "kind")),
        "elder_cards": Many("elder_card", on="person_id", order=("kind",)),
        "findings": Many("finding", on="person_id", order=("raised_on",)),
        "timeline": Many("timeline", on="subject", prefix="person:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "citizen_id",
        "name",
        "state",
        "kind",
        "sex",
        "division_code",
        "birth_on",
        "death_confirmed",
    )


@view(
    "household",
    area=Area.REGISTRY,
    scope_from="division_code",
    order=("household_no", "id"),
    indexes=(("household_no",),),
)
@dataclass
class HouseholdRow:
    """家庭"""

    id: Annotated[UUID, Doc("家庭标识")]
    household_no: Annotated[str, Doc("户号")]
    kind: Annotated[HouseholdKind, Doc("家庭类别")]
    division_code: Annotated[str, Doc("区划代码")]
    address: Annotated[str | None, Doc("地址"), Masked(PersonalClass.CONTACT)]
    head_id: Annotated[UUID | None, Doc("户主人员标识")]
    formed_on: Annotated[date, Doc("成立日期")]
    dissolved_on: Annotated[date | None, Doc("解散日期")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "head": One("person", local="head_id"),
        "members": Many("member", on="household_id", order=("relation", "joined_on")),
        "cases": Many("case", on="household_id", order=("case_no",)),
        "timeline": Many("timeline", on="subject", prefix="household:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("household_no", "kind", "division_code")


@view(
    "member",
    area=Area.REGISTRY,
    key=("household_id", "person_id"),
    owner=Owner("household", "household_id"),
    listed=False,
)
@dataclass
class MemberRow:
    """家庭成员"""

    household_id: Annotated[UUID, Doc("家庭标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    relation: Annotated[Relation, Doc("与户主关系")]
    joined_on: Annotated[date, Doc("加入日期")]
    left_on: Annotated[date | None, Doc("退出日期；空为现有成员")]
    left_reason: Annotated[str | None, Doc("退出原因")]

    RELATIONS: ClassVar[Relations] = {
        "household": One("household", local="household_id"),
        "person": One("person", local="person_id"),
    }


@view("division", area=Area.REGISTRY, scope_from="code", order=("code",), public=True)
@dataclass
class DivisionRow:
    """行政区划"""

    code: Annotated[str, Doc("区划代码")]
    id: Annotated[UUID, Doc("区划标识")]
    name: Annotated[str, Doc("名称")]
    kind: Annotated[str, Doc("级别")]
    parent_code: Annotated[str, Doc("上级区划代码")]
    opened_on: Annotated[date, Doc("设立日期")]
    closed_on: Annotated[date | None, Doc("撤销日期")]

    RELATIONS: ClassVar[Relations] = {
        "parent": One("division", local="parent_code"),
        "children": Many("division", on="parent_code", order=("code",)),
        "timeline": Many("timeline", on="subject", prefix="division:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("code", "parent_code", "kind", "name")


class Registry(Projection):
    """Who lives here, in which households, in which divisions.

    A person's events carry the state they leave behind, decided in knowledge of everything recorded before: it holds
    over states recorded for later dates. A move a source reports late only fills the time before the next move.
    """

    name = "registry"
    version = 4
    views = (PersonRow, HouseholdRow, MemberRow, DivisionRow)
    contexts = ("registry",)
    ignores = tuple(e for e in vars(Facility).values() if isinstance(e, type) and issubclass(e, Event))  # facilities.py

    @handles(Person.Created)
    def registered(self, event: Person.Created, at: LogEvent, to: Changes) -> None:
        """A person becomes known."""
        to.insert(
            PersonRow,
            event.originator_id,
            on=event.true_from(),
            name=event.name,
            citizen_id=event.citizen_id,
            sex=event.sex,
            birth_on=event.birth_on,
            kind=event.kind,
            state=PersonState.PROVISIONAL if event.provisional else PersonState.VERIFIED,
            division_code=event.division_code,
            phone=event.phone,
            address=event.address,
        )

    @handles(Person.Verified)
    def verified(self, event: Person.Verified, at: LogEvent, to: Changes) -> None:
        """The citizen ID is established, and with it birth date and sex."""
        known: dict[str, Any] = {"birth_on": event.birth_on, "sex": event.sex}
        to.patch(
            PersonRow,
            event.originator_id,
            on=event.true_from(),
            decided=True,
            state=event.state,
            citizen_id=event.citizen_id,
            match_source=event.match_source,
            **{name: value for name, value in known.items() if value is not None},
        )

    @handles(Person.DetailsChanged)
    def details(self, event: Person.DetailsChanged, at: LogEvent, to: Changes) -> None:
        """Name, telephone or address; empty text removes."""
        given = {"name": event.name, "phone": event.phone, "address": event.address}
        changed: dict[str, Any] = {name: value or None for name, value in given.items() if value is not None}
        if changed.get("name", "") is None:
            changed["name"] = ""
        to.patch(PersonRow, event.originator_id, on=event.true_from(), decided=at.decided, **changed)

    @handles(Person.AccountChanged)
    def account_changed(self, event: Person.AccountChanged, at: LogEvent, to: Changes) -> None:
        """Another account for what is due to the person."""
        said: dict[str, Any] = {
            "account": event.account,
            "account_name": event.account_name,
            "bank": event.bank or None,
        }
        to.patch(PersonRow, event.originator_id, on=event.true_from(), decided=at.decided, **said)

    @handles(Person.Moved)
    def moved(self, event: Person.Moved, at: LogEvent, to: Changes) -> None:
        """Another division of the district."""
        to.patch(
            PersonRow,
            event.originator_id,
            on=event.moved_on,
            decided=at.decided,
            division_code=event.to_division_code,
        )

    @handles(Person.MovedOut)
    def moved_out(self, event: Person.MovedOut, at: LogEvent, to: Changes) -> None:
        """Left the district."""
        to.patch(
            PersonRow,
            event.originator_id,
            on=event.moved_on,
            decided=True,
            state=event.state,
            moved_out_to=event.to_place,
        )

    @handles(Person.MoveReversed)
    def move_reversed(self, event: Person.MoveReversed, at: LogEvent, to: Changes) -> None:
        """Did not leave, or came back."""
        to.patch(PersonRow, event.originator_id, on=event.from_on, decided=True, state=event.state, moved_out_to=None)

    @handles(Person.DeathReported)
    def death_reported(self, event: Person.DeathReported, at: LogEvent, to: Changes) -> None:
        """Someone says so; the state waits for the confirmation."""
        to.patch(
            PersonRow,
            event.originator_id,
            on=event.died_on,
            decided=True,
            died_on=event.died_on,
            death_evidence=event.evidence,
        )

    @handles(Person.DeathConfirmed)
    def death_confirmed(self, event: Person.DeathConfirmed, at: LogEvent, to: Changes) -> None:
        """An authority says so. A date confirmed earlier or later than reported replaces the reported one."""
        row, key = PersonRow, event.originator_id
        said: dict[str, Any] = {"died_on": event.died_on, "death_confirmed": True, "death_evidence": event.confirmed_by}
        to.patch(row, key, on=event.died_on, decided=True, state=event.state, **said)

    @handles(Person.DeathReversed)
    def death_reversed(self, event: Person.DeathReversed, at: LogEvent, to: Changes) -> None:
        """Never died: true again from the day of the supposed death."""
        to.patch(
            PersonRow,
            event.originator_id,
            on=Col("died_on"),
            fallback=event.true_from(),
            decided=True,
            state=event.state,
            died_on=None,
            death_confirmed=False,
            death_evidence=None,
        )

    @handles(Person.Merged)
    def merged(self, event: Person.Merged, at: LogEvent, to: Changes) -> None:
        """Another record carries on."""
        on = event.true_from()
        said: dict[str, Any] = {"merged_into": event.into_id, "merged_on": on}
        to.patch(PersonRow, event.originator_id, on=on, decided=True, state=event.state, **said)

    @handles(Person.Unmerged)
    def unmerged(self, event: Person.Unmerged, at: LogEvent, to: Changes) -> None:
        """The merger was a mistake from its first day."""
        to.patch(
            PersonRow,
            event.originator_id,
            on=Col("merged_on"),
            fallback=event.true_from(),
            decided=True,
            state=event.state,
            merged_into=None,
            merged_on=None,
        )

    @handles(Household.Created)
    def formed(self, event: Household.Created, at: LogEvent, to: Changes) -> None:
        """A household without members yet."""
        to.insert(
            HouseholdRow,
            event.originator_id,
            on=event.from_on,
            household_no=event.household_no,
            kind=event.kind,
            division_code=event.division_code,
            address=event.address,
            formed_on=event.from_on,
        )

    @handles(Household.MemberJoined)
    def joined(self, event: Household.MemberJoined, at: LogEvent, to: Changes) -> None:
        """A new member, one who comes back, or another relation of a member's."""
        household, person, on = event.originator_id, event.person_id, event.effective_on
        to.put(MemberRow, (household, person), on=on, relation=event.relation, joined_on=on)
        to.patch_known(PersonRow, person, on=on, household_id=household)
        if event.relation in HEADS:
            to.patch(HouseholdRow, household, on=on, head_id=person)

    @handles(Household.MemberLeft)
    def left(self, event: Household.MemberLeft, at: LogEvent, to: Changes) -> None:
        """No longer a member."""
        household, person, on = event.originator_id, event.person_id, event.effective_on
        to.patch(MemberRow, (household, person), on=on, left_on=on, left_reason=event.reason)
        to.patch_known(PersonRow, person, on=on, where={"household_id": household}, household_id=None)
        to.patch(HouseholdRow, household, on=on, where={"head_id": person}, head_id=None)

    @handles(Household.HeadChanged)
    def head_changed(self, event: Household.HeadChanged, at: LogEvent, to: Changes) -> None:
        """Another member is the head; the former head's relation is not known yet."""
        household, on = event.originator_id, event.effective_on
        if event.former_head_id is not None:
            former = (household, event.former_head_id)
            to.patch_known(MemberRow, former, on=on, relation=Relation.OTHER)
        to.patch_known(MemberRow, (household, event.head_id), on=on, relation=Relation.HEAD)
        to.patch(HouseholdRow, household, on=on, head_id=event.head_id)

    @handles(Household.Relocated)
    def relocated(self, event: Household.Relocated, at: LogEvent, to: Changes) -> None:
        """Elsewhere; the address stays as it was where only the division is known."""
        address: dict[str, Any] = {} if event.address is None else {"address": event.address or None}
        to.patch(
            HouseholdRow,
            event.originator_id,
            on=event.moved_on,
            decided=at.decided,
            division_code=event.to_division_code,
            **address,
        )

    @handles(Household.Dissolved)
    def dissolved(self, event: Household.Dissolved, at: LogEvent, to: Changes) -> None:
        """The household ended, and with it every membership."""
        household, on = event.originator_id, event.from_on
        to.patch(HouseholdRow, household, on=on, dissolved_on=on, head_id=None)
        present = {"left_on": None}
        to.patch_group(MemberRow, "household_id", household, on=on, where=present, left_on=on, left_reason="家庭解散")
        to.patch_group(PersonRow, "household_id", household, on=on, household_id=None)

    @handles(Division.Created)
    def opened(self, event: Division.Created, at: LogEvent, to: Changes) -> None:
        """A division exists."""
        to.put(
            DivisionRow,
            event.code,
            on=event.from_on,
            id=event.originator_id,
            name=event.name,
            kind=event.kind,
            parent_code=event.parent_code,
            opened_on=event.from_on,
        )

    @handles(Division.Closed)
    def closed(self, event: Division.Closed, at: LogEvent, to: Changes) -> None:
        """A division no longer exists; its event says which only by its tag."""
        to.patch(DivisionRow, division_of(at), on=event.from_on, closed_on=event.from_on)
