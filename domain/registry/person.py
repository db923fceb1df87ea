"""Persons: PROVISIONAL → VERIFIED → {MOVED_OUT, DECEASED, MERGED}, each with its way back (false deaths happen)."""

from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import Code, PopulationKind, Sex
from domain.errors import RuleViolated
from domain.identity import CitizenId
from domain.kernel import PersonalText


class PersonState(Code):
    """人员状态"""

    PROVISIONAL = "provisional", "待核实"
    VERIFIED = "verified", "已核实"
    MOVED_OUT = "moved_out", "已迁出"
    DECEASED = "deceased", "已死亡"
    MERGED = "merged", "已合并"


class Person(kernel.Aggregate):
    """A natural person. The id is random; citizen IDs are found through the log's identifier table.

    Death, move out and merger can each be known at once; the state shown is the weightiest, so that taking one back
    shows the next. Events carry the state they leave behind, for read models that see one event at a time.
    """

    TOPIC: ClassVar[str] = "registry.Person"
    SUBJECT: ClassVar[str] = "person"
    division_code: str = ""
    state: PersonState = PersonState.PROVISIONAL
    verified: bool = False
    moved_out: bool = False
    name: str = ""
    citizen_id: str | None = None
    phone: str | None = None
    address: str | None = None
    birth_on: date | None = None
    sex: Sex = Sex.UNKNOWN
    kind: PopulationKind = PopulationKind.REGISTERED
    died_on: date | None = None
    death_confirmed: bool = False
    merged_into: UUID | None = None
    account: str | None = None
    account_name: str | None = None
    bank: str = ""
    death_version: int = 0
    move_out_version: int = 0
    merge_version: int = 0

    class Created(kernel.Created):
        """A person becomes known: with a citizen ID verified by its check digit, or provisional without one."""

        TOPIC = "registry.PersonRegistered"
        TITLE = "登记人员"
        name: PersonalText
        citizen_id: PersonalText | None
        phone: PersonalText | None
        address: PersonalText | None
        sex: Sex
        birth_on: date | None
        kind: PopulationKind
        division_code: str
        provisional: bool

        def apply(self, aggregate: "Person") -> None:
            aggregate.verified = not self.provisional
            aggregate.state = aggregate.standing()

    class Verified(kernel.Event):
        """A provisional person's identity is established; `citizen_id` is given when it was missing or wrong."""

        TOPIC = "registry.PersonVerified"
        TITLE = "核实身份"
        citizen_id: PersonalText
        match_source: str
        birth_on: date | None = None
        sex: Sex | None = None
        state: PersonState = PersonState.VERIFIED

        def apply(self, aggregate: "Person") -> None:
            aggregate.citizen_id = self.citizen_id
            aggregate.birth_on = self.birth_on or aggregate.birth_on
            aggregate.sex = self.sex or aggregate.sex
            aggregate.verified = True
            aggregate.state = aggregate.standing()

    class DetailsChanged(kernel.Event):
        """Particulars changed; a field that is None stays as it was. Empty text means it was removed."""

        TOPIC = "registry.PersonDetailsChanged"
        TITLE = "变更个人信息"
        name: PersonalText | None
        phone: PersonalText | None
        address: PersonalText | None
        corrects_version: int | None

        def apply(self, aggregate: "Person") -> None:
            for name in ("name", "phone", "address"):
                if (value := getattr(self, name)) is not None:
                    setattr(aggregate, name, value)

    class AccountChanged(kernel.Event):
        """Where what is due to this person goes (一卡通); `account_name` is the holder's where it is another's card."""

        TOPIC = "registry.PersonAccountChanged"
        TITLE = "变更个人发放账户"
        account: PersonalText
        account_name: PersonalText | None
        bank: str

        def apply(self, aggregate: "Person") -> None:
            aggregate.account = self.account
            aggregate.account_name = self.account_name
            aggregate.bank = self.bank

    class Moved(kernel.Event):
        """Residence moved to another division of the district."""

        TOPIC = "registry.PersonMoved"
        TITLE = "区内迁移"
        from_division_code: str
        to_division_code: str
        moved_on: date

        def apply(self, aggregate: "Person") -> None:
            aggregate.division_code = self.to_division_code

        def gist(self) -> str:
            return f"{self.from_division_code} → {self.to_division_code}"

    class MovedOut(kernel.Event):
        """The person left the district."""

        TOPIC = "registry.PersonMovedOut"
        TITLE = "迁出本区"
        to_place: str
        moved_on: date
        state: PersonState = PersonState.MOVED_OUT

        def apply(self, aggregate: "Person") -> None:
            aggregate.moved_out = True
            aggregate.move_out_version = self.originator_version
            aggregate.state = aggregate.standing()

    class MoveReversed(kernel.Event):
        """A move out that did not happen, or a return; names the version of the event it takes back."""

        TOPIC = "registry.PersonMoveReversed"
        TITLE = "撤销迁出"
        corrects_version: int
        from_on: date
        state: PersonState = PersonState.VERIFIED

        def apply(self, aggregate: "Person") -> None:
            aggregate.moved_out = False
            aggregate.state = aggregate.standing()

    class DeathReported(kernel.Event):
        """Someone reported the death; not yet confirmed."""

        TOPIC = "registry.DeathReported"
        TITLE = "上报死亡"
        died_on: date
        evidence: str

        def apply(self, aggregate: "Person") -> None:
            aggregate.died_on = self.died_on
            aggregate.death_version = self.originator_version

        def gist(self) -> str:
            return f"死亡日期 {self.died_on}"

    class DeathConfirmed(kernel.Event):
        """The death is confirmed by an authority."""

        TOPIC = "registry.DeathConfirmed"
        TITLE = "确认死亡"
        died_on: date
        confirmed_by: str
        state: PersonState = PersonState.DECEASED

        def apply(self, aggregate: "Person") -> None:
            aggregate.died_on = self.died_on
            aggregate.death_confirmed = True
            aggregate.death_version = self.originator_version
            aggregate.state = aggregate.standing()

        def gist(self) -> str:
            return f"死亡日期 {self.died_on}，{self.confirmed_by}"

    class DeathReversed(kernel.Event):
        """The person is alive: names the version of the event it takes back."""

        TOPIC = "registry.DeathReversed"
        TITLE = "撤销死亡"
        corrects_version: int
        reason: str
        state: PersonState = PersonState.VERIFIED

        def apply(self, aggregate: "Person") -> None:
            aggregate.died_on = None
            aggregate.death_confirmed = False
            aggregate.state = aggregate.standing()

        def gist(self) -> str:
            return self.reason

    class Merged(kernel.Event):
        """The same human being as another record, which carries on; nothing is re-keyed."""

        TOPIC = "registry.PersonMerged"
        TITLE = "合并人员"
        into_id: UUID
        state: PersonState = PersonState.MERGED

        def apply(self, aggregate: "Person") -> None:
            aggregate.merged_into = self.into_id
            aggregate.merge_version = self.originator_version
            aggregate.state = aggregate.standing()

    class Unmerged(kernel.Event):
        """The merge was a mistake; names the version of the event it takes back and the record merged into."""

        TOPIC = "registry.PersonUnmerged"
        TITLE = "撤销合并"
        corrects_version: int
        state: PersonState = PersonState.VERIFIED
        into_id: UUID | None = None

        def apply(self, aggregate: "Person") -> None:
            aggregate.merged_into = None
            aggregate.state = aggregate.standing()

    def standing(
        self,
        *,
        merged: bool | None = None,
        dead: bool | None = None,
        away: bool | None = None,
        verified: bool | None = None,
    ) -> PersonState:
        """The weightiest state that follows from what is known, or would if one of these were otherwise."""
        if merged if merged is not None else self.merged_into is not None:
            return PersonState.MERGED
        if dead if dead is not None else self.death_confirmed:
            return PersonState.DECEASED
        if away if away is not None else self.moved_out:
            return PersonState.MOVED_OUT
        known = verified if verified is not None else self.verified
        return PersonState.VERIFIED if known else PersonState.PROVISIONAL

    @classmethod
    def register(
        cls,
        id: UUID,
        at: datetime,
        *,
        name: str,
        division_code: str,
        citizen_id: str | None = None,
        sex: Sex = Sex.UNKNOWN,
        birth_on: date | None = None,
        kind: PopulationKind = PopulationKind.REGISTERED,
        phone: str | None = None,
        address: str | None = None,
    ) -> Self:
        """A person who becomes known; provisional when without a citizen ID (an 18-digit one, already checked)."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            name=name,
            citizen_id=citizen_id,
            phone=phone,
            address=address,
            sex=sex,
            birth_on=birth_on,
            kind=kind,
            division_code=division_code,
            provisional=citizen_id is None,
        )

    # Facts of source systems: never refused, and nothing is recorded where nothing changes.

    def report_details(self, at: datetime, *, name: str | None, phone: str | None, address: str | None) -> None:
        """What a source now writes of this person; None where its file has no such column."""
        changed = self._changed(name=name, phone=phone, address=address)
        if any(value is not None for value in changed.values()):
            self.record(self.DetailsChanged, at=at, corrects_version=None, **changed)

    def report_account(self, at: datetime, *, account: str, account_name: str | None, bank: str) -> None:
        """A source pays this person to an account; nothing is recorded where it is the known one."""
        if (account, account_name, bank) != (self.account, self.account_name, self.bank):
            self.record(self.AccountChanged, at=at, account=account, account_name=account_name, bank=bank)

    def report_move(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """A source has the person in another division of the district."""
        if to_division_code != self.division_code:
            self._move(at, to_division_code, moved_on)

    def report_moved_out(self, at: datetime, *, to_place: str, moved_on: date) -> None:
        """A source says the person left the district."""
        if not self.moved_out:
            self._move_out(at, to_place, moved_on)

    def report_move_reversed(self, at: datetime, *, from_on: date) -> None:
        """A source has the person in the district after all, or again."""
        if self.moved_out:
            self._reverse_move(at, from_on)

    def report_death(self, at: datetime, *, died_on: date, evidence: str, confirmed_by: str = "") -> None:
        """A source reports a death; with `confirmed_by` it is at once confirmed.

        Once a death is confirmed, an unconfirmed report of another day changes nothing: the authority's day stands.
        """
        if self.died_on == died_on and (self.death_confirmed or not confirmed_by):
            return
        if confirmed_by:
            self._confirm_death(at, died_on, confirmed_by)
        elif not self.death_confirmed:
            self.record(self.DeathReported, at=at, died_on=died_on, evidence=evidence)

    def report_death_reversed(self, at: datetime, *, reason: str) -> None:
        """A source says the person is alive after all."""
        if self.died_on is not None:
            self._reverse_death(at, reason)

    def report_verified(
        self,
        at: datetime,
        *,
        citizen_id: str,
        match_source: str,
        birth_on: date | None = None,
        sex: Sex | None = None,
    ) -> None:
        """A source knows the citizen ID of a provisional person."""
        if not self.verified or self.citizen_id is None:
            self._verify(at, citizen_id, match_source, birth_on, sex)

    # Decisions.

    def verify(self, at: datetime, *, citizen_id: CitizenId, match_source: str) -> None:
        """Establish a provisional person's identity."""
        if self.state is not PersonState.PROVISIONAL:
            raise RuleViolated("只有待核实人员可以核实；此人已核实或已注销，请核对后再办理。")
        self._verify(at, citizen_id.number18, match_source, citizen_id.birth_on, citizen_id.sex)

    def correct_details(
        self, at: datetime, *, name: str | None, phone: str | None, address: str | None, corrects_version: int | None
    ) -> None:
        """Set particulars right, naming the version of the event that had them wrong where it is known."""
        self._demand_own_record()
        if corrects_version is not None and not 1 <= corrects_version <= self.version:
            raise RuleViolated(f"更正所指的第 {corrects_version} 条记录不存在；该人员现有 {self.version} 条记录。")
        changed = self._changed(name=name, phone=phone, address=address)
        if all(value is None for value in changed.values()):
            raise RuleViolated("更正内容与现有登记相同，无需更正。")
        self.record(self.DetailsChanged, at=at, corrects_version=corrects_version, **changed)

    def change_account(self, at: datetime, *, account: str, account_name: str | None, bank: str) -> None:
        """Pay what is due to this person to another account."""
        self._demand_own_record()
        if not account.strip():
            raise RuleViolated("请填写银行账号。")
        if (account.strip(), account_name, bank) == (self.account, self.account_name, self.bank):
            raise RuleViolated("账户没有变化，无需变更。")
        self.record(self.AccountChanged, at=at, account=account.strip(), account_name=account_name, bank=bank)

    def confirm_death(self, at: datetime, *, died_on: date, confirmed_by: str) -> None:
        """Confirm a death, reported before or not."""
        self._demand_own_record()
        if self.death_confirmed:
            raise RuleViolated("此人的死亡已经确认；日期有误时，请先撤销原死亡登记。")
        if died_on > at.date():
            raise RuleViolated("死亡日期不能晚于今天，请核对。")
        if self.birth_on is not None and died_on < self.birth_on:
            raise RuleViolated("死亡日期早于出生日期，请核对。")
        self._confirm_death(at, died_on, confirmed_by)

    def reverse_death(self, at: datetime, *, reason: str) -> None:
        """The person is alive: take the death back."""
        if self.died_on is None:
            raise RuleViolated("此人没有死亡登记，无需撤销。")
        self._reverse_death(at, reason)

    def move(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """The person moved within the district."""
        self._demand_living()
        if to_division_code == self.division_code:
            raise RuleViolated("迁入地与现居住地相同，无需办理迁移。")
        self._move(at, to_division_code, moved_on)

    def move_out(self, at: datetime, *, to_place: str, moved_on: date) -> None:
        """The person left the district."""
        self._demand_living()
        self._move_out(at, to_place, moved_on)

    def reverse_move(self, at: datetime, *, from_on: date) -> None:
        """The person did not leave, or came back."""
        if not self.moved_out:
            raise RuleViolated("此人没有迁出登记，无需撤销。")
        self._reverse_move(at, from_on)

    def merge(self, at: datetime, *, into: "Person") -> None:
        """This record is the same human being as another, which carries on."""
        self._demand_own_record()
        if into.id == self.id:
            raise RuleViolated("不能把一条人员记录合并到它自己。")
        if into.merged_into is not None:
            raise RuleViolated("目标人员记录已被合并，请改为合并到它所指向的记录。")
        if self.citizen_id is not None and into.citizen_id is not None and self.citizen_id != into.citizen_id:
            raise RuleViolated("两条记录的公民身份号码不同，不能合并；请先核实并更正号码。")
        self.record(self.Merged, at=at, into_id=into.id)

    def unmerge(self, at: datetime) -> None:
        """The merge was a mistake: this record stands for itself again, in the state it had."""
        if self.merged_into is None:
            raise RuleViolated("此人员记录没有被合并，无需拆分。")
        state = self.standing(merged=False)
        self.record(self.Unmerged, at=at, corrects_version=self.merge_version, state=state, into_id=self.merged_into)

    def _demand_own_record(self) -> None:
        if self.merged_into is not None:
            raise RuleViolated("此人员记录已合并到另一条记录，请在那条记录上办理。")

    def _demand_living(self) -> None:
        self._demand_own_record()
        if self.death_confirmed:
            raise RuleViolated("此人已确认死亡，不能办理迁移；如登记有误，请先撤销死亡登记。")
        if self.moved_out:
            raise RuleViolated("此人已迁出本区；如已返回或登记有误，请先撤销迁出。")

    def _changed(self, **given: str | None) -> dict[str, str | None]:
        return {
            key: value if value is not None and value != getattr(self, key) else None for key, value in given.items()
        }

    def _verify(self, at: datetime, citizen_id: str, match_source: str, birth_on: date | None, sex: Sex | None) -> None:
        self.record(
            self.Verified,
            at=at,
            citizen_id=citizen_id,
            match_source=match_source,
            birth_on=birth_on,
            sex=sex,
            state=self.standing(verified=True),
        )

    def _confirm_death(self, at: datetime, died_on: date, confirmed_by: str) -> None:
        state = self.standing(dead=True)
        self.record(self.DeathConfirmed, at=at, died_on=died_on, confirmed_by=confirmed_by, state=state)

    def _move_out(self, at: datetime, to_place: str, moved_on: date) -> None:
        self.record(self.MovedOut, at=at, to_place=to_place, moved_on=moved_on, state=self.standing(away=True))

    def _move(self, at: datetime, to_division_code: str, moved_on: date) -> None:
        self.record(
            self.Moved,
            at=at,
            from_division_code=self.division_code,
            to_division_code=to_division_code,
            moved_on=moved_on,
        )

    def _reverse_move(self, at: datetime, from_on: date) -> None:
        state = self.standing(away=False)
        self.record(self.MoveReversed, at=at, corrects_version=self.move_out_version, from_on=from_on, state=state)

    def _reverse_death(self, at: datetime, reason: str) -> None:
        state = self.standing(dead=False)
        self.record(self.DeathReversed, at=at, corrects_version=self.death_version, reason=reason, state=state)
