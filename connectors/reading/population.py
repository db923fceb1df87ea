"""What rows of the population system say."""

from connectors.facts import DeathFact, HouseholdFact, MoveFact, MoveKind, PersonFact
from connectors.reading.demand import Values, demand, demand_citizen_id
from connectors.reading.places import division_named, division_of
from connectors.reading.rows import Kind, Reason, RowFault
from connectors.reading.values import same_name
from domain.codes import PopulationKind, Relation, Sex
from domain.identity import CitizenId, ProvisionalNumber


def demand_consistent(values: Values) -> None:
    """Sex and birth date must be those of the citizen ID."""
    identity = values.get("citizen_id")
    if identity is None:
        return
    birth_on, sex = values.get("birth_on"), values.get("sex")
    if birth_on is not None and birth_on != identity.birth_on:
        raise RowFault(Reason.INCONSISTENT, "出生日期与公民身份号码不一致；请核对证件。", ("birth_on", "citizen_id"))
    if sex in (Sex.MALE, Sex.FEMALE) and identity.sex in (Sex.MALE, Sex.FEMALE) and sex != identity.sex:
        raise RowFault(Reason.INCONSISTENT, "性别与公民身份号码不一致；请核对证件。", ("sex", "citizen_id"))


def person_fact(values: Values) -> PersonFact:
    """A row of the register."""
    name = demand(values, "name")
    identity = values.get("citizen_id")
    citizen_id = identity.number18 if isinstance(identity, CitizenId) else None
    birth_on = values.get("birth_on") or (identity.birth_on if identity else None)
    if identity is None and birth_on is None:
        raise RowFault(Reason.MISSING, "公民身份号码和出生日期都为空，至少填写一项。", ("citizen_id", "birth_on"))
    demand_consistent(values)
    division = division_of(values)
    values["street_code"] = division[:9]
    values["provisional_no"] = identity.number if isinstance(identity, ProvisionalNumber) else None
    return PersonFact(
        on=values.get("on"),
        name=name,
        division_code=division,
        citizen_id=citizen_id,
        provisional_no=values["provisional_no"],
        sex=_sex(values, identity),
        birth_on=birth_on,
        population=PopulationKind(values.get("population") or PopulationKind.REGISTERED.value),
        household_no=values.get("household_no"),
        relation=_relation(values, name, citizen_id),
        address=values.get("address"),
        phone=values.get("phone"),
    )


def _sex(values: Values, identity: CitizenId | ProvisionalNumber | None) -> Sex:
    if values.get("sex") is not None:
        return Sex(values["sex"])
    return identity.sex if identity is not None else Sex.UNKNOWN


def _relation(values: Values, name: str, citizen_id: str | None) -> Relation | None:
    """The relation given; the head is known by ID or, where there is none, by name."""
    if values.get("relation") is not None:
        return Relation(values["relation"])
    if values.get("household_no") is None:
        return None
    head_id, head_name = values.get("head_id"), values.get("head_name")
    if isinstance(head_id, CitizenId) and citizen_id is not None:
        if head_id.number18 == citizen_id:
            return Relation.HEAD
    elif head_name and same_name(head_name, name):
        return Relation.HEAD
    raise RowFault(Reason.MISSING, "为空，也不是户主本人；请填写与户主关系。", ("relation",))


def household_fact(values: Values) -> HouseholdFact:
    """A row of the list of households."""
    head_id = values.get("head_id")
    division = division_of(values)
    values["street_code"] = division[:9]
    return HouseholdFact(
        on=values.get("on"),
        household_no=demand(values, "household_no"),
        division_code=division,
        head_id=head_id.number18 if isinstance(head_id, CitizenId) else None,
        address=values.get("address"),
    )


def move_fact(values: Values) -> MoveFact:
    """A row of the list of moves."""
    move = MoveKind(demand(values, "move"))
    demand(values, "moved_on")
    return MoveFact(
        on=values.get("on"),
        name=values.get("name"),
        citizen_id=demand_citizen_id(values),
        move=move,
        to_division_code=_destination(values, move),
        to_place=values.get("to_place"),
        reason=values.get("reason"),
    )


def _destination(values: Values, move: MoveKind) -> str | None:
    if move is MoveKind.OUT:
        return None
    code, place = values.get("to_division_code"), values.get("to_place")
    if not code and not place:
        if move is MoveKind.BACK:
            return None
        raise RowFault(Reason.MISSING, "区内迁移没有写明迁往的街道和社区；请填写。", ("to_place",))
    named = "to_division_code" if code else "to_place"
    return division_named(str(code or place), named, street=values.get("to_street") or "")


def death_fact(values: Values) -> DeathFact:
    """A row of the list of deaths."""
    citizen_id = demand_citizen_id(values)
    died_on, cremated_on = demand(values, "died_on"), values.get("cremated_on")
    if died_on < values["citizen_id"].birth_on:
        raise RowFault(Reason.INCONSISTENT, "去世时间早于出生日期；请核对。", ("died_on",))
    if cremated_on is not None and cremated_on < died_on:
        raise RowFault(Reason.INCONSISTENT, "火化时间早于去世时间；请核对。", ("died_on", "cremated_on"))
    return DeathFact(
        on=values.get("on"),
        name=values.get("name"),
        citizen_id=citizen_id,
        died_on=died_on,
        confirmed=cremated_on is not None or values.get("confirmed") == "1",
        evidence=values.get("evidence") or ("火化记录" if cremated_on is not None else None),
    )


KINDS = {
    "persons": Kind(person_fact),
    "households": Kind(household_fact),
    "moves": Kind(move_fact),
    "deaths": Kind(death_fact),
}
