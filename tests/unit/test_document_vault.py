"""Papers in and out of the vault: sealed, bound to their place, given only to those who may see them."""

import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain.access import Actor, RoleCode
from domain.assistance import Case
from domain.assistance.commands import WithdrawDocument
from domain.assistance.documents import LARGEST
from domain.codes import DocumentKind
from domain.errors import BadInput, Forbidden, NotFound, RuleViolated, Unavailable
from infra.codec import Envelope, EventCodec
from infra.dispatch import Dispatcher
from infra.documents import DocumentVault, FolderStore, Trouble
from infra.keys import AES_256_GCM, SM4_GCM, FileMasterKey, KeyRing
from infra.log import MemoryLog
from infra.store import EventStore
from tests.unit.domain.samples import VILLAGE, accepted
from tests.unit.domain.specification import CLERK, NOW, STREET

PDF = b"%PDF-1.7\n" + "张三的收入".encode() * 50
MASTER = FileMasterKey(bytes(range(32)))
ELSEWHERE = Actor("elsewhere", RoleCode.STREET_OFFICER, "440704001")
COMMUNITY = Actor("village", RoleCode.COMMUNITY_WORKER, VILLAGE)


class World:
    """One case, whose household has no key yet, and a vault over a folder."""

    def __init__(self, folder: Path, log: MemoryLog, suite: int = AES_256_GCM) -> None:
        self.folder = folder
        self.log = log
        self.keyring = KeyRing(log, MASTER, suite=suite)
        self.store = EventStore(log, EventCodec(self.keyring), self.keyring)
        self.documents = FolderStore(folder)
        self.dispatcher = Dispatcher(self.store, lambda: NOW)
        self.vault = DocumentVault(self.store, self.documents, self.dispatcher)
        self.case: Case = accepted()

    async def begin(self) -> "World":
        await self.store.save([self.case], Envelope())
        return self

    async def attach(self, by: Actor = STREET, kind: DocumentKind = DocumentKind.INCOME, content: bytes = PDF) -> UUID:
        return (await self.vault.attach(by, case_id=self.case.id, kind=kind, content=content, file_name="张三.pdf")).id

    def file(self, id: UUID) -> Path:
        (found,) = self.folder.rglob(f"{id}.mzd")
        return found


@pytest.fixture
async def world(tmp_path: Path) -> World:
    return await World(tmp_path / "documents", MemoryLog()).begin()


async def test_what_goes_in_comes_out_and_stands_nowhere_in_clear(world: World) -> None:
    id = await world.attach()
    found = await world.vault.read(CLERK, id)
    assert found.content == PDF
    assert found.document.file_name == "张三.pdf"
    assert "张三".encode() not in world.file(id).read_bytes()
    assert not any("张三".encode() in row.payload for row in await world.log.read(0, 100))


@pytest.mark.parametrize("suite", [AES_256_GCM, SM4_GCM])
async def test_the_algorithm_stands_before_the_ciphertext(tmp_path: Path, suite: int) -> None:
    world = await World(tmp_path, MemoryLog(), suite).begin()
    id = await world.attach()
    assert world.file(id).read_bytes()[:5] == b"MZD1" + bytes([suite])
    assert (await world.vault.read(CLERK, id)).content == PDF


async def test_another_process_reads_it(world: World) -> None:
    id = await world.attach()
    other = World(world.folder, world.log)
    assert (await other.vault.read(CLERK, id)).content == PDF


async def test_the_key_stands_in_the_log_before_anything_is_sealed_under_it(world: World) -> None:
    """A refused command must not take the only copy of a household's new key with it."""
    with pytest.raises(BadInput):
        await world.vault.attach(
            STREET, case_id=world.case.id, kind=DocumentKind.INCOME, content=PDF, file_name="长" * 201
        )
    assert (await world.log.keys([world.case.household_id]))[world.case.household_id].wrapped
    assert await world.documents.ids() == set(), "what a refused command left is removed"
    assert (await world.vault.read(CLERK, await world.attach())).content == PDF


async def test_two_processes_that_make_the_key_at_once_use_one(world: World) -> None:
    other = World(world.folder, world.log)
    other.case = world.case
    for each in (world, other):
        await each.keyring.preload([world.case.household_id])  # both know that there is none yet
    a, b = await asyncio.gather(world.attach(), other.attach(content=PDF + b"2"))
    assert (await world.vault.read(CLERK, b)).content == PDF + b"2"
    assert (await other.vault.read(CLERK, a)).content == PDF


class TestWhoMay:
    async def test_another_street_finds_nothing(self, world: World) -> None:
        id = await world.attach()
        with pytest.raises(NotFound):
            await world.vault.read(ELSEWHERE, id)
        with pytest.raises(NotFound):
            await world.attach(ELSEWHERE)
        with pytest.raises(NotFound):
            await world.vault.read(CLERK, uuid4())

    async def test_a_role_sees_what_its_clear_classes_show(self, world: World) -> None:
        photo = await world.attach(COMMUNITY, DocumentKind.VISIT_PHOTO)
        income = await world.attach(COMMUNITY, DocumentKind.INCOME, PDF + b"income")
        assert (await world.vault.read(COMMUNITY, photo)).content == PDF
        with pytest.raises(Forbidden, match="收入证明"):
            await world.vault.read(COMMUNITY, income)

    @pytest.mark.parametrize("role", [RoleCode.FINANCE_OFFICER, RoleCode.PLATFORM])
    async def test_other_roles_of_the_area_are_refused(self, world: World, role: RoleCode) -> None:
        id = await world.attach(kind=DocumentKind.INCOME)
        with pytest.raises(Forbidden):
            await world.vault.read(Actor("x", role, "440704"), id)
        with pytest.raises(Forbidden):
            await world.attach(Actor("x", role, "440704"))

    @pytest.mark.parametrize("role", [RoleCode.GRID_WORKER, RoleCode.ADMINISTRATOR, RoleCode.HOSPITAL_DESK])
    async def test_roles_without_the_area_find_nothing(self, world: World, role: RoleCode) -> None:
        id = await world.attach()
        with pytest.raises(NotFound):
            await world.vault.read(Actor("x", role, "440704"), id)

    async def test_a_moved_case_takes_its_papers_along(self, world: World) -> None:
        id = await world.attach()
        case = await world.store.load(Case, world.case.id)
        assert case is not None
        case.transfer(NOW, to_division_code="440704001015", moved_on=NOW.date())
        await world.store.save([case], Envelope())
        assert (await world.vault.read(ELSEWHERE, id)).content == PDF
        with pytest.raises(NotFound):
            await world.vault.read(STREET, id)
        command = WithdrawDocument(document_id=id, reason="重复")
        with pytest.raises(NotFound):
            await world.dispatcher.dispatch(command, STREET)
        await world.dispatcher.dispatch(command, ELSEWHERE)
        (*_, last) = await world.log.stream(id)
        assert (last.topic, last.division) == ("assistance.DocumentWithdrawn", "440704001015")


class TestBadFiles:
    @pytest.mark.parametrize("content", [b"", PDF + bytes(LARGEST)])
    async def test_sizes(self, world: World, content: bytes) -> None:
        with pytest.raises(BadInput, match="20 MB"):
            await world.attach(content=content)
        assert await world.documents.ids() == set()

    async def test_types(self, world: World) -> None:
        with pytest.raises(BadInput, match="PDF、JPEG、PNG"):
            await world.attach(content=b"PK\x03\x04 a spreadsheet")

    async def test_twice_the_same(self, world: World) -> None:
        first = await world.attach()
        with pytest.raises(RuleViolated, match=str(first)):
            await world.attach()
        assert await world.documents.ids() == {first}

    async def test_the_largest_is_taken(self, world: World) -> None:
        content = PDF + bytes(LARGEST - len(PDF))
        assert (await world.vault.read(CLERK, await world.attach(content=content))).content == content


class TestErased:
    async def test_with_its_households_key_a_paper_is_gone(self, world: World) -> None:
        id = await world.attach()
        await world.log.destroy_key(world.case.household_id)
        world.keyring.drop(world.case.household_id)
        with pytest.raises(NotFound, match="依法删除"):
            await world.vault.read(CLERK, id)
        with pytest.raises(RuleViolated, match="依法删除"):
            await world.attach(content=PDF + b"2")
        assert (await world.vault.check()).troubles == (), "its ciphertext is still what was recorded"


class TestTampering:
    async def test_a_changed_byte_is_never_given_out(self, world: World) -> None:
        id = await world.attach()
        sealed = world.file(id).read_bytes()
        for place in (0, 4, 5, 20, len(sealed) - 1):
            changed = bytearray(sealed)
            changed[place] ^= 1
            world.file(id).write_bytes(changed)
            with pytest.raises(Unavailable, match="改动"):
                await world.vault.read(CLERK, id)

    async def test_another_papers_content_does_not_pass_for_it(self, world: World) -> None:
        a, b = await world.attach(), await world.attach(content=PDF + b"2")
        world.file(a).write_bytes(world.file(b).read_bytes())
        with pytest.raises(Unavailable, match="改动"):
            await world.vault.read(CLERK, a)

    async def test_a_lost_content_is_said_to_be_lost(self, world: World) -> None:
        id = await world.attach()
        world.file(id).unlink()
        with pytest.raises(Unavailable, match="documents check"):
            await world.vault.read(CLERK, id)

    async def test_the_check_finds_what_is_lost_changed_and_unrecorded(self, world: World) -> None:
        lost, changed, whole = [await world.attach(content=PDF + bytes([n])) for n in range(3)]
        assert (await world.vault.check()).troubles == ()
        world.file(lost).unlink()
        world.file(changed).write_bytes(b"MZD1 something else")
        orphan = uuid4()
        await world.documents.put(orphan, b"left by a crash")
        found = await world.vault.check()
        assert found.documents == 3
        assert set(found.troubles) == {
            (Trouble.MISSING, lost),
            (Trouble.ALTERED, changed),
            (Trouble.ORPHANED, orphan),
        }
        assert found.harmful
        assert (await world.vault.read(CLERK, whole)).content == PDF + bytes([2])
