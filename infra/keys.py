"""Keys: one data key a person or household, wrapped by a master key that lives outside the database.

Destroying a data key erases everything sealed under it, in every copy of the log. The master key comes from a provider:
a file in development, a hardware module behind the same protocol in production.
"""

import hmac
import os
import secrets
from collections.abc import Container, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import BadSetting, RuleViolated
from infra.log import EventLog, HolderKey
from infra.settings import Settings

AES_256_GCM = 1
SM4_GCM = 2
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
_NONCE = 12
_TAG = 16


class MasterKey(Protocol):
    """What wraps data keys and derives the platform's other keys; never leaves its provider."""

    @property
    def id(self) -> str:
        """Name of this key, kept beside everything it wrapped."""
        ...

    def wrap(self, key: bytes, aad: bytes) -> bytes:
        """Encrypt a data key, bound to `aad`."""
        ...

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """The data key again; raises BadSetting when another master key wrapped it."""
        ...

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose, always the same."""
        ...


class FileMasterKey:
    """A 256-bit master key in a file only its owner may read."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:
            raise BadSetting("The master key must be 32 bytes (64 hexadecimal digits).", "MINZHENG_MASTER_KEY_FILE")
        self._secret = secret
        self._cipher = AESGCM(self.derive("wrap data keys"))
        self.id = sha256(self.derive("name")).hexdigest()[:16]

    def wrap(self, key: bytes, aad: bytes) -> bytes:
        """Encrypt a data key, bound to `aad`."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, key, aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """The data key again; raises BadSetting when another master key wrapped it."""
        try:
            return self._cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], aad)
        except InvalidTag:
            raise BadSetting(
                "This master key did not wrap the log's data keys; set MINZHENG_MASTER_KEY_FILE to the one that did.",
                "MINZHENG_MASTER_KEY_FILE",
            ) from None

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose, always the same."""
        return hmac.digest(self._secret, purpose.encode(), "sha256")


def open_master_key(settings: Settings) -> FileMasterKey:
    """The master key of the settings' file; generated where development has none yet, demanded in production."""
    path = settings.master_key_path
    if not path.exists():
        if settings.mode == "production":
            raise BadSetting(
                f"There is no master key at {path}; put it there or set MINZHENG_MASTER_KEY_FILE.",
                "MINZHENG_MASTER_KEY_FILE",
            )
        write_secret(path, secrets.token_hex(32))
    try:
        return FileMasterKey(bytes.fromhex(path.read_text(encoding="ascii").strip()))
    except ValueError:
        raise BadSetting(
            f"{path} does not hold 64 hexadecimal digits; restore the right file.", "MINZHENG_MASTER_KEY_FILE"
        ) from None


def write_secret(path: Path, text: str) -> None:
    """Write a new secret file for its owner alone; keeps one that another process wrote first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass  # the other process's key is the key
    finally:
        temporary.unlink()


class _Sm4Gcm:
    """SM4-GCM (GB/T 32907, GB/T 36624) with the interface of AESGCM."""

    def __init__(self, key: bytes) -> None:
        self._key = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, aad: bytes | None) -> bytes:
        encryptor = Cipher(self._key, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(aad or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, aad: bytes | None) -> bytes:
        decryptor = Cipher(self._key, modes.GCM(nonce, data[-_TAG:])).decryptor()
        decryptor.authenticate_additional_data(aad or b"")
        return decryptor.update(data[:-_TAG]) + decryptor.finalize()


_KEY_BYTES = {AES_256_GCM: 32, SM4_GCM: 16}
_Aead = AESGCM | _Sm4Gcm


def _aead(suite: int, key: bytes) -> _Aead:
    return AESGCM(key) if suite == AES_256_GCM else _Sm4Gcm(key)


class _Nonces:
    """Random nonces by the thousand: a call into the kernel for each event costs as much as the encryption."""

    _AHEAD = 1024

    def __init__(self) -> None:
        self._ready: list[bytes] = []
        # A child process must never repeat what its parent has ready.
        os.register_at_fork(after_in_child=self._ready.clear)

    def next(self) -> bytes:
        """A nonce that nobody has had."""
        try:
            return self._ready.pop()
        except IndexError:
            drawn = os.urandom(_NONCE * self._AHEAD)
            self._ready.extend(drawn[at : at + _NONCE] for at in range(_NONCE, len(drawn), _NONCE))
            return drawn[:_NONCE]


_NONCES = _Nonces()


class KeyNotLoaded(Exception):
    """A key was used that nobody preloaded: a fault of the program. Never mistaken for an erased person."""


class KeyRing:
    """Data keys by holder, loaded from the log in bulk and kept unwrapped in memory.

    A key made here is put into every append that uses it until one of them has succeeded (`confirm`); were it only in
    the first, a failed append would leave later events sealed under a key that exists nowhere.
    """

    def __init__(self, log: EventLog, master: MasterKey, *, suite: int = AES_256_GCM, capacity: int = 100_000) -> None:
        self._log = log
        self._master = master
        self._suite = suite
        self._capacity = capacity
        # By the UUID's number: a UUID hashes in Python, its number in C, and every sealed event asks several times.
        self._ciphers: dict[int, _Aead | None] = {}  # None: destroyed
        self._absent: set[int] = set()
        self._unconfirmed: dict[int, HolderKey] = {}
        self._used: dict[int, HolderKey] = {}
        self._digest_keys: dict[str, tuple[bytes, bytes]] = {}

    @property
    def suite(self) -> int:
        """Number of the algorithm new keys are for; stands on every row sealed under them."""
        return self._suite

    async def preload(self, holders: Iterable[UUID]) -> None:
        """Load the keys of these holders, those already here excepted.

        A holder who had none is asked for again: another process may have made one since, and taking them for
        keyless would read as erased what isn't.
        """
        wanted = {holder.int: holder for holder in holders}
        missing = [holder for number, holder in wanted.items() if number not in self._ciphers]
        if len(self._ciphers) + len(missing) > self._capacity:
            self._evict(wanted)
        if not missing:
            return
        known = await self._log.keys(missing)
        for holder in missing:
            number = holder.int
            if number in self._ciphers:
                continue  # made or loaded meanwhile
            key = known.get(holder)
            if key is None:
                self._absent.add(number)
                continue
            self._absent.discard(number)
            self._ciphers[number] = (
                _aead(key.suite, self._master.unwrap(key.wrapped, holder.bytes)) if key.wrapped else None
            )

    def _evict(self, wanted: Container[int]) -> None:
        for number in list(self._ciphers)[: self._capacity // 2]:
            if number not in wanted and number not in self._unconfirmed:
                del self._ciphers[number]
        if len(self._absent) > self._capacity:
            self._absent = {number for number in self._absent if number in wanted}

    def seal(self, holder: UUID, plaintext: bytes, aad: bytes) -> bytes:
        """Ciphertext under the holder's key, which is made when the holder has none; preload the holder first.

        Raises RuleViolated when the holder's key has been destroyed.
        """
        number = holder.int
        try:
            cipher = self._ciphers[number]
        except KeyError:
            cipher = self._make(holder)
        if cipher is None:
            raise RuleViolated("此人的个人信息已依法删除，不能再登记；请先确认是否为同一人。")
        if number in self._unconfirmed:
            self._used[number] = self._unconfirmed[number]
        nonce = _NONCES.next()
        return nonce + cipher.encrypt(nonce, plaintext, aad)

    def _make(self, holder: UUID) -> _Aead:
        number = holder.int
        if number not in self._absent:
            raise KeyNotLoaded(f"key of {holder}")
        key = secrets.token_bytes(_KEY_BYTES[self._suite])
        self._absent.discard(number)
        cipher = self._ciphers[number] = _aead(self._suite, key)
        self._unconfirmed[number] = HolderKey(
            holder, self._master.wrap(key, holder.bytes), self._master.id, self._suite
        )
        return cipher

    def open(self, holder: UUID, sealed: bytes, aad: bytes) -> bytes | None:
        """The plaintext; None when the holder's key has been destroyed. Preload the holder first.

        Raises cryptography's InvalidTag when the ciphertext is not what was sealed there.
        """
        try:
            cipher = self._ciphers[holder.int]
        except KeyError:
            if holder.int in self._absent:
                return None
            raise KeyNotLoaded(f"key of {holder}") from None
        return None if cipher is None else cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], aad)

    def suite_of(self, holder: UUID) -> int:
        """Number of the algorithm the holder's key is for; 0 where it is destroyed. Preload the holder first."""
        cipher = self._ciphers.get(holder.int)
        if cipher is None:
            return 0
        return AES_256_GCM if isinstance(cipher, AESGCM) else SM4_GCM

    def take_new(self) -> tuple[HolderKey, ...]:
        """The unconfirmed keys used since the last call: they belong into the same append."""
        if not self._used:
            return ()
        taken = tuple(self._used.values())
        self._used.clear()
        return taken

    def confirm(self, keys: Iterable[HolderKey]) -> None:
        """An append with these keys has succeeded."""
        for key in keys:
            self._unconfirmed.pop(key.holder.int, None)

    def forget(self, keys: Iterable[HolderKey]) -> None:
        """An append with these keys failed or has an open outcome: ask the log again before using them."""
        for key in keys:
            if self._unconfirmed.pop(key.holder.int, None) is not None:
                self.drop(key.holder)

    def drop(self, holder: UUID) -> None:
        """Load this holder's key anew next time: it was destroyed or made elsewhere."""
        self._ciphers.pop(holder.int, None)
        self._absent.discard(holder.int)

    def digest(self, kind: str, value: str) -> bytes:
        """A 32-byte keyed hash of a value, for finding it without storing it.

        HMAC-SHA256 (RFC 2104) written out with prepared pads: an import asks for several a row, and the library's
        call takes twice as long.
        """
        pads = self._digest_keys.get(kind)
        if pads is None:
            block = self._master.derive(f"digest {kind}").ljust(64, b"\0")
            pads = self._digest_keys[kind] = (block.translate(_INNER), block.translate(_OUTER))
        return sha256(pads[1] + sha256(pads[0] + value.encode()).digest()).digest()

    def derive_id(self, kind: str, value: str) -> UUID:
        """The id of what a source calls `value`: a keyed UUID (version 8), always the same, telling nothing."""
        raw = bytearray(self.digest(f"id {kind}", value)[:16])
        raw[6] = raw[6] & 0x0F | 0x80
        raw[8] = raw[8] & 0x3F | 0x80
        return UUID(bytes=bytes(raw))
