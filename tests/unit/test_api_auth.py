"""Tokens: who they name, and everything that makes one worthless."""

import json
import stat
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from api.auth import AUDIENCE, DEVELOPMENT_ISSUER, Authenticator, development_token, issue_token
from domain.access import RoleCode
from domain.errors import BadInput, BadSetting, Unauthenticated, Unavailable
from infra.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A development installation."""
    return Settings(data_dir=tmp_path)


async def refused(authenticator: Authenticator, header: str | None) -> str:
    """The sentence a header is refused with; it never holds the token."""
    with pytest.raises(Unauthenticated) as caught:
        await authenticator.authenticate(header)
    for part in (header or "").split()[1:]:
        assert part not in str(caught.value)
    return str(caught.value)


async def test_a_token_names_its_actor(settings: Settings) -> None:
    token = issue_token(settings, role="street_officer", division="440704001", department="civil_affairs", name="王")
    identity = await Authenticator(settings).authenticate(f"Bearer {token}")
    assert identity.actor.name == "王"
    assert identity.actor.role is RoleCode.STREET_OFFICER
    assert identity.actor.division_code == "440704001"
    assert identity.expires > time.time()


async def test_the_demo_token_is_a_clerk_of_the_district(settings: Settings) -> None:
    identity = await Authenticator(settings).authenticate(f"bearer {development_token(settings)}")
    assert identity.actor.role is RoleCode.DISTRICT_CLERK


def test_the_development_key_is_its_owners_alone_and_stays(settings: Settings) -> None:
    issue_token(settings, role="auditor", division="440704")
    key = settings.token_key_path.read_bytes()
    assert stat.S_IMODE(settings.token_key_path.stat().st_mode) == 0o600
    issue_token(settings, role="auditor", division="440704")
    assert settings.token_key_path.read_bytes() == key


async def test_what_is_no_token_is_refused(settings: Settings) -> None:
    authenticator = Authenticator(settings)
    good = development_token(settings)
    assert "Bearer" in await refused(authenticator, None)
    assert "Bearer" in await refused(authenticator, "")
    assert "Bearer" in await refused(authenticator, f"Basic {good}")
    await refused(authenticator, "Bearer")
    await refused(authenticator, "Bearer x.y.z")
    await refused(authenticator, f"Bearer {good[:-2]}xx")
    await refused(authenticator, f"Bearer {'a' * 10000}")


async def test_expired_forged_and_foreign_tokens_are_refused(settings: Settings, tmp_path: Path) -> None:
    authenticator = Authenticator(settings)
    old = issue_token(settings, role="auditor", division="440704", lifetime=timedelta(seconds=-5))
    assert "过期" in await refused(authenticator, f"Bearer {old}")
    other = Settings(data_dir=tmp_path / "other")
    await refused(authenticator, f"Bearer {issue_token(other, role='auditor', division='440704')}")
    claims = jwt.decode(development_token(settings), options={"verify_signature": False})
    key = bytes.fromhex(settings.token_key_path.read_text().strip())
    for wrong in (
        {"aud": "other"},
        {"iss": "https://other"},
        {"role": "king"},
        {"role": None},
        {"division": "江海"},
        {"department": "magic"},
        {"exp": None},
        {"sub": None},
    ):
        changed = {name: value for name, value in {**claims, **wrong}.items() if value is not None}
        await refused(authenticator, f"Bearer {jwt.encode(changed, key, algorithm='HS256')}")
    await refused(authenticator, f"Bearer {jwt.encode(claims, None, algorithm='none')}")


async def test_a_remembered_token_ends_with_its_time(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    authenticator = Authenticator(settings)
    header = f"Bearer {development_token(settings)}"
    identity = await authenticator.authenticate(header)
    assert authenticator.remembered(header) is identity
    monkeypatch.setattr("api.auth.time.time", lambda: identity.expires + 1)
    assert authenticator.remembered(header) is None


def test_a_token_for_nobody_is_not_made(settings: Settings) -> None:
    for wrong in ({"role": "king", "division": "440704"}, {"role": "auditor", "division": "x"}):
        with pytest.raises(BadInput):
            issue_token(settings, **wrong)


class Issuer(BaseHTTPRequestHandler):
    """An OIDC issuer: discovery and keys."""

    keys: list[dict[str, Any]] = []  # noqa: RUF012 - filled by the fixture

    def do_GET(self) -> None:
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        found: dict[str, Any] = {"jwks_uri": f"{base}/keys"} if self.path.startswith("/.well") else {"keys": self.keys}
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def issuer() -> Iterator[tuple[str, rsa.RSAPrivateKey]]:
    """A running issuer and the key it signs with."""
    key = rsa.generate_private_key(65537, 2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    Issuer.keys = [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]
    with ThreadingHTTPServer(("127.0.0.1", 0), Issuer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", key
        server.shutdown()


async def test_production_takes_the_issuers_tokens_and_refuses_development_ones(
    issuer: tuple[str, rsa.RSAPrivateKey], settings: Settings, tmp_path: Path
) -> None:
    address, key = issuer
    production = Settings(mode="production", oidc_issuer=address, data_dir=tmp_path)
    authenticator = Authenticator(production)
    claims = {"iss": address, "aud": AUDIENCE, "sub": "li", "role": "auditor", "division": "440704"}
    claims["exp"] = int(time.time()) + 60  # type: ignore[assignment]
    token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": "one"})
    identity = await authenticator.authenticate(f"Bearer {token}")
    assert (identity.actor.name, identity.actor.role) == ("li", RoleCode.AUDITOR)
    assert "开发令牌" in await refused(authenticator, f"Bearer {development_token(settings)}")
    # The issuer's public key as an HMAC secret: the oldest forgery.
    forged = {**claims, "iss": DEVELOPMENT_ISSUER}
    public = Issuer.keys[0]["n"]
    await refused(authenticator, f"Bearer {jwt.encode(forged, public, algorithm='HS256', headers={'kid': 'one'})}")
    stranger = rsa.generate_private_key(65537, 2048)
    await refused(authenticator, f"Bearer {jwt.encode(claims, stranger, algorithm='RS256', headers={'kid': 'one'})}")
    await refused(authenticator, f"Bearer {jwt.encode(claims, key, algorithm='RS256', headers={'kid': 'two'})}")
    with pytest.raises(BadSetting):
        issue_token(production, role="auditor", division="440704")


async def test_an_issuer_that_is_away_is_unavailable(tmp_path: Path) -> None:
    production = Settings(mode="production", oidc_issuer="http://127.0.0.1:9", data_dir=tmp_path)
    key = rsa.generate_private_key(65537, 2048)
    token = jwt.encode({"sub": "x"}, key, algorithm="RS256", headers={"kid": "one"})
    with pytest.raises(Unavailable):
        await Authenticator(production).authenticate(f"Bearer {token}")
