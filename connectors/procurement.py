"""The register of social organisations, and the ledger of what the government buys from them."""

from collections.abc import Iterator, Sequence
from datetime import date
from types import MappingProxyType
from uuid import UUID

from connectors.deciding import Handler, Row, Turn, fact_of, singly
from connectors.facts import ContractFact, OrganisationFact
from connectors.reading.rows import Reason, RowFault
from connectors.world import World
from domain.clock import at
from domain.parameters import official_parameters
from domain.procurement import CreditCodeClaim, Organisation, Purchase
from domain.procurement.credit_code import parse_credit_code
from domain.procurement.organisation import claim, claim_id
from domain.procurement.reported import of_contract

SOURCE = "procurement"


def handlers(world: World) -> MappingProxyType[str, Handler]:
    """How each kind of rows is decided."""
    return MappingProxyType({"organisations": Organisations(world), "contracts": Contracts(world)})


class _Known:
    """Organisations by their credit codes, whoever registered them: the platform or an earlier file."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load_organisations(self, codes: Sequence[str], also: Sequence[UUID] = ()) -> None:
        """The claims of these codes, and the organisations that have them."""
        world = self._world
        claims = [claim_id(code) for code in codes]
        await world.load([*claims, *also], ())
        holders = [each.organisation_id for each in world.many(CreditCodeClaim, claims).values()]
        reserved = [Organisation.id_for(code) for code in codes]
        await world.load([*holders, *reserved], [*holders, *reserved])

    def organisation(self, code: str) -> Organisation | None:
        """The organisation with this credit code."""
        held = self._world.get(CreditCodeClaim, claim_id(code))
        return None if held is None else self._world.get(Organisation, held.organisation_id)


class Organisations(_Known):
    """Rows of the register."""

    async def load(self, facts: Sequence[OrganisationFact]) -> None:
        """The organisations that the rows speak of."""
        await self.load_organisations([fact.credit_code for fact in facts])

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the organisation, new or known, with its last inspection and what it is now."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, OrganisationFact)
        on = fact.on or turn.export_on
        organisation = self.organisation(fact.credit_code)
        if organisation is None:
            organisation = self._register(fact, turn)
        else:
            if fact.kind is not organisation.kind:
                raise RowFault(Reason.INCONSISTENT, "类型与已登记的不同；请核对。", ("org_kind",))
            self._details(organisation, fact, turn, on)
        when = at(turn.export_on)
        if fact.inspected_year is not None and fact.inspection is not None:
            organisation.report_inspected(when, year=fact.inspected_year, result=fact.inspection, effective_on=on)
        organisation.report_state(when, state=fact.state, reason="登记台账", effective_on=on)
        turn.change(organisation)
        turn.record(row)

    def _register(self, fact: OrganisationFact, turn: Turn) -> Organisation:
        if fact.representative is None:
            raise RowFault(Reason.MISSING, "为空，请填写。", ("representative",))
        when = turn.at(fact.registered_on)
        organisation = Organisation.report_known(
            Organisation.id_for(fact.credit_code),
            when,
            name=fact.name,
            kind=fact.kind,
            sponsor=fact.sponsor,
            local=fact.local,
            social_work=fact.social_work,
            division_code=fact.division_code,
            credit_code=fact.credit_code,
            representative=fact.representative,
            certified_count=fact.certified_count,
            registered_on=fact.registered_on,
        )
        taken = claim(parse_credit_code(fact.credit_code), organisation, when)
        self._world.add(organisation)
        self._world.add(taken)
        turn.change(taken)
        return organisation

    def _details(self, organisation: Organisation, fact: OrganisationFact, turn: Turn, on: date) -> None:
        organisation.report_details(
            at(turn.export_on),
            representative=fact.representative,
            local=fact.local,
            social_work=fact.social_work,
            certified_count=fact.certified_count,
            effective_on=on,
        )


class Contracts(_Known):
    """Rows of the ledger. Whoever serves must be in the register; what contradicts the rules becomes a finding."""

    async def load(self, facts: Sequence[ContractFact]) -> None:
        """The contracts, and the organisations they are with."""
        ids = [self._id(fact.contract_no) for fact in facts]
        await self.load_organisations([fact.credit_code for fact in facts], ids)

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the contract as it stands."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, ContractFact)
        organisation = self.organisation(fact.credit_code)
        if organisation is None:
            message = "承接主体不在社会组织登记中；请先导入社会组织登记，再重试。"
            raise RowFault(Reason.NO_PREDECESSOR, message, ("credit_code",))
        id, when = self._id(fact.contract_no), at(turn.export_on)
        purchase = self._world.get(Purchase, id)
        if purchase is None:
            item = {"title": fact.title, "item": fact.item, "division_code": fact.division_code}
            purchase = Purchase.report_new(id, turn.at(fact.starts_on), **item)
            self._world.add(purchase)
        purchase.report_contract(
            when,
            contract_no=fact.contract_no,
            party=organisation.party,
            amount_fen=fact.amount_fen,
            starts_on=fact.starts_on,
            ends_on=fact.ends_on,
            paid_fen=fact.paid_fen,
            finished=fact.finished,
        )
        turn.change(purchase)
        turn.find(of_contract(purchase, organisation, official_parameters(), turn.export_on), row)
        turn.record(row)

    def _id(self, contract_no: str) -> UUID:
        return self._world.derive("purchase", SOURCE, contract_no)
