"""Keys: made once, wrapped, loaded in bulk, never lost by a failed append, gone when destroyed."""

import hmac
import os
import stat
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag

from domain.errors import BadSetting, RuleViolated
from infra import keys
from infra.keys import AES_256_GCM, SM4_GCM, FileMasterKey, KeyNotLoaded, KeyRing, open_master_key
from infra.log import Append, MemoryLog
from infra.settings import load_settings
from tests.fixtures.log_items import event

MASTER = FileMasterKey(bytes(range(32)))
SUITES = pytest.mark.parametrize("suite", [AES_256_GCM, SM4_GCM])


async def ring_for(*holders: UUID, log: MemoryLog | None = None, suite: int = AES_256_GCM) -> KeyRing:
    """A key ring with these holders loaded."""
    ring = KeyRing(log or MemoryLog(), MASTER, suite=suite)
    await ring.preload(holders)
    return ring


@SUITES
async def test_what_is_sealed_opens_again(suite: int) -> None:
    holder = uuid4()
    ring = await ring_for(holder, suite=suite)
    sealed = ring.seal(holder, "张三".encode(), b"place")
    assert "张三".encode() not in sealed
    assert ring.open(holder, sealed, b"place") == "张三".encode()
    assert ring.seal(holder, "张三".encode(), b"place") != sealed, "a nonce is never used twice"


@SUITES
async def test_what_was_altered_or_moved_does_not_open(suite: int) -> None:
    holder = uuid4()
    ring = await ring_for(holder, suite=suite)
    sealed = ring.seal(holder, b"secret", b"place")
    for changed, aad in ((sealed, b"elsewhere"), (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"place")):
        with pytest.raises(InvalidTag):
            ring.open(holder, changed, aad)


@SUITES
async def test_another_process_loads_the_key_from_the_log(suite: int) -> None:
    log, holder = MemoryLog(), uuid4()
    ring = await ring_for(holder, log=log, suite=suite)
    sealed = ring.seal(holder, b"secret", b"")
    (key,) = ring.take_new()
    assert key.suite == suite
    await log.append(Append((event(holder, 1),), keys=(key,)))
    ring.confirm([key])
    other = await ring_for(holder, log=log)
    assert other.open(holder, sealed, b"") == b"secret"
    assert other.take_new() == ()


async def test_each_holder_has_a_key_of_their_own() -> None:
    a, b = uuid4(), uuid4()
    ring = await ring_for(a, b)
    sealed = ring.seal(a, b"secret", b"")
    ring.seal(b, b"other", b"")
    with pytest.raises(InvalidTag):
        ring.open(b, sealed, b"")


async def test_a_new_key_goes_along_until_an_append_with_it_succeeded() -> None:
    holder = uuid4()
    ring = await ring_for(holder)
    ring.seal(holder, b"1", b"")
    first = ring.take_new()
    assert ring.take_new() == (), "unused since"
    ring.seal(holder, b"2", b"")
    assert ring.take_new() == first, "the first append may still fail"
    ring.confirm(first)
    ring.seal(holder, b"3", b"")
    assert ring.take_new() == ()


async def test_after_a_failed_append_the_log_is_asked_again() -> None:
    log, holder = MemoryLog(), uuid4()
    ring, rival = await ring_for(holder, log=log), await ring_for(holder, log=log)
    ring.seal(holder, b"mine", b"")
    rival.seal(holder, b"theirs", b"")
    mine, theirs = ring.take_new(), rival.take_new()
    await log.append(Append((event(holder, 1),), keys=theirs))
    ring.forget(mine)
    await ring.preload([holder])
    sealed = ring.seal(holder, b"mine", b"")
    assert ring.take_new() == ()
    assert rival.open(holder, sealed, b"") == b"mine"


async def test_a_key_made_elsewhere_meanwhile_is_found() -> None:
    log, holder = MemoryLog(), uuid4()
    here, elsewhere = await ring_for(holder, log=log), await ring_for(holder, log=log)
    sealed = elsewhere.seal(holder, b"secret", b"")
    await log.append(Append((event(holder, 1),), keys=elsewhere.take_new()))
    await here.preload([holder])
    assert here.open(holder, sealed, b"") == b"secret", "not taken for erased"


async def test_a_destroyed_key_opens_nothing_and_seals_nothing() -> None:
    log, holder = MemoryLog(), uuid4()
    ring = await ring_for(holder, log=log)
    sealed = ring.seal(holder, b"secret", b"")
    await log.append(Append((event(holder, 1),), keys=ring.take_new()))
    assert await log.destroy_key(holder)
    ring.drop(holder)
    await ring.preload([holder])
    assert ring.open(holder, sealed, b"") is None
    with pytest.raises(RuleViolated):
        ring.seal(holder, b"again", b"")


async def test_a_key_nobody_loaded_is_a_fault_not_an_erasure() -> None:
    ring = KeyRing(MemoryLog(), MASTER)
    with pytest.raises(KeyNotLoaded):
        ring.open(uuid4(), b"", b"")
    with pytest.raises(KeyNotLoaded):
        ring.seal(uuid4(), b"", b"")


async def test_a_full_ring_lets_old_keys_go_but_no_unconfirmed_one() -> None:
    log = MemoryLog()
    ring = KeyRing(log, MASTER, capacity=10)
    holders = [uuid4() for _ in range(20)]
    await ring.preload(holders[:10])
    for holder in holders[:10]:
        ring.seal(holder, b"x", b"")
    kept = ring.take_new()
    ring.confirm(kept[:9])
    await log.append(Append((event(uuid4(), 1),), keys=kept[:9]))
    await ring.preload(holders[10:])
    ring.seal(holders[9], b"y", b"")
    assert ring.take_new() == kept[9:]
    await ring.preload(holders)
    for holder in holders[:9]:
        ring.seal(holder, b"z", b"")
    assert ring.take_new() == (), "loaded again, not made again"


def test_digests_are_hmac_sha256() -> None:
    ring = KeyRing(MemoryLog(), MASTER)
    expected = hmac.digest(MASTER.derive("digest citizen_id"), b"99010219500101001X", "sha256")
    assert ring.digest("citizen_id", "99010219500101001X") == expected
    assert ring.digest("phone", "99010219500101001X") != expected
    assert KeyRing(MemoryLog(), FileMasterKey(bytes(32))).digest("citizen_id", "99010219500101001X") != expected


def test_derived_ids_are_uuids_of_version_8_and_always_the_same() -> None:
    ring = KeyRing(MemoryLog(), MASTER)
    derived = ring.derive_id("case", "2015-17")
    assert derived == ring.derive_id("case", "2015-17")
    assert derived != ring.derive_id("household", "2015-17")
    assert (derived.version, derived.variant) == (8, "specified in RFC 4122")


def test_a_master_key_says_when_it_is_the_wrong_one() -> None:
    wrapped = MASTER.wrap(b"k" * 32, b"holder")
    assert MASTER.unwrap(wrapped, b"holder") == b"k" * 32
    with pytest.raises(BadSetting):
        FileMasterKey(bytes(32)).unwrap(wrapped, b"holder")
    with pytest.raises(BadSetting):
        MASTER.unwrap(wrapped, b"another")
    with pytest.raises(BadSetting):
        FileMasterKey(b"short")


def test_development_makes_its_master_key_once(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "new")
    first = open_master_key(settings)
    assert open_master_key(settings).id == first.id
    path = settings.master_key_path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("not hexadecimal")
    with pytest.raises(BadSetting, match="64 hexadecimal"):
        open_master_key(settings)


def test_production_demands_its_master_key(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, mode="production", oidc_issuer="https://issuer.example")
    with pytest.raises(BadSetting, match="no master key"):
        open_master_key(settings)
    assert not settings.master_key_path.exists()


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_nonces_never_repeat_not_even_in_a_child_process() -> None:
    nonces = keys._Nonces()
    seen = {nonces.next() for _ in range(3000)}
    assert len(seen) == 3000
    assert {len(nonce) for nonce in seen} == {12}
    ready, pipe = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(pipe, nonces.next())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(ready, 12)
    assert theirs not in seen
    assert theirs not in nonces._ready
