"""Who is asking: bearer JWTs, signed by the installation's own key in development and by an OIDC issuer in production.

Claims: `sub` name, `role`, `division` (the code whose subtree is theirs), `department`, `exp`, `iss`, `aud`
(`minzheng`). No message ever repeats a token.
"""

import asyncio
import json
import secrets
import time
import urllib.request
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import jwt

from domain.access import Actor, RoleCode
from domain.errors import BadInput, BadSetting, Unauthenticated, Unavailable
from infra.keys import write_secret
from infra.settings import Settings

AUDIENCE = "minzheng"
DEVELOPMENT_ISSUER = "minzheng-development"
LIFETIME = timedelta(days=30)
"""How long a development token holds."""
_ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
_REMEMBERED = 4096
_LONGEST = 8192


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified token: who it names, and until when (seconds since 1970)."""

    actor: Actor
    expires: float


class _Keys(Protocol):
    """Where a token's verification key comes from."""

    @property
    def issuer(self) -> str: ...

    @property
    def algorithms(self) -> tuple[str, ...]: ...

    async def key_of(self, token: str) -> Any:
        """The key for this token; raises Unauthenticated or Unavailable."""


class Authenticator:
    """Turns `Authorization` headers into actors; verified tokens are remembered until they expire."""

    def __init__(self, settings: Settings) -> None:
        self._keys: _Keys = _IssuerKeys(settings) if settings.mode == "production" else _DevelopmentKey(settings)
        self._known: OrderedDict[str, Identity] = OrderedDict()

    def remembered(self, header: str) -> Identity | None:
        """The identity of a header that was verified before and still holds."""
        known = self._known.get(header)
        return known if known is not None and known.expires > time.time() else None

    async def authenticate(self, header: str | None) -> Identity:
        """The identity a header gives; raises Unauthenticated, or Unavailable where the issuer can't be asked."""
        if not header:
            raise Unauthenticated("请求没有携带令牌；请加上请求头 Authorization: Bearer <令牌>。")
        known = self.remembered(header)
        if known is not None:
            return known
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("Authorization 请求头应为 Bearer <令牌>。")
        if len(header) > _LONGEST:
            raise Unauthenticated("令牌过长。")
        identity = await self._verify(token.strip())
        self._known[header] = identity
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return identity

    async def _verify(self, token: str) -> Identity:
        key = await self._keys.key_of(token)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(self._keys.algorithms),
                audience=AUDIENCE,
                issuer=self._keys.issuer,
                options={"require": ["exp", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("令牌已过期，请重新登录。") from None
        except (jwt.InvalidIssuerError, jwt.InvalidAudienceError, jwt.InvalidAlgorithmError):
            raise Unauthenticated("令牌不是签发给本平台的，请使用本平台的令牌。") from None
        except jwt.PyJWTError:
            raise Unauthenticated("令牌无效，请重新登录。") from None
        return Identity(_actor(claims), float(claims["exp"]))


def issue_token(
    settings: Settings,
    *,
    role: str,
    division: str,
    department: str = "civil_affairs",
    name: str = "",
    lifetime: timedelta = LIFETIME,
) -> str:
    """A development token; raises BadSetting in production, BadInput on an unknown role, division or department."""
    if settings.mode == "production":
        raise BadSetting("生产模式只接受统一认证签发的令牌，不能生成开发令牌。", "MINZHENG_MODE")
    actor = Actor(name or role, RoleCode.parse(role, "role"), division, department)
    claims = {
        "iss": DEVELOPMENT_ISSUER,
        "aud": AUDIENCE,
        "sub": actor.name,
        "role": actor.role.value,
        "division": actor.division_code,
        "department": actor.department,
        "exp": int(time.time() + lifetime.total_seconds()),
    }
    return jwt.encode(claims, _development_key(settings), algorithm="HS256")


def development_token(settings: Settings) -> str:
    """The token `make run` prints: a clerk of the whole district."""
    return issue_token(settings, role=RoleCode.DISTRICT_CLERK.value, division="440704", name="demo")


def _actor(claims: dict[str, Any]) -> Actor:
    try:
        return Actor(
            name=str(claims["sub"]),
            role=RoleCode(str(claims["role"])),
            division_code=str(claims["division"]),
            department=str(claims.get("department") or "civil_affairs"),
        )
    except (KeyError, ValueError, BadInput):
        raise Unauthenticated("令牌缺少有效的角色、区划或部门（role、division、department），请联系管理员。") from None


def _development_key(settings: Settings) -> bytes:
    path = settings.token_key_path
    if not path.exists():
        write_secret(path, secrets.token_hex(32))
    return bytes.fromhex(path.read_text(encoding="ascii").strip())


class _DevelopmentKey:
    issuer = DEVELOPMENT_ISSUER
    algorithms = ("HS256",)

    def __init__(self, settings: Settings) -> None:
        self._key = _development_key(settings)

    async def key_of(self, token: str) -> Any:
        return self._key


class _IssuerKeys:
    """The issuer's published keys (JWKS), fetched when first needed and again when they are old or a key is new."""

    algorithms = _ASYMMETRIC
    _TIMEOUT = 5

    def __init__(self, settings: Settings) -> None:
        self.issuer = settings.oidc_issuer
        self._client: jwt.PyJWKClient | None = None
        self._lock = asyncio.Lock()

    async def key_of(self, token: str) -> Any:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise Unauthenticated("令牌无效，请重新登录。") from None
        if header.get("alg") not in self.algorithms:
            raise Unauthenticated("生产模式不接受开发令牌，请通过统一认证登录。")
        async with self._lock:
            try:
                if self._client is None:
                    self._client = await asyncio.to_thread(self._discover)
                signing = await asyncio.to_thread(self._client.get_signing_key_from_jwt, token)
            except (OSError, ValueError, KeyError, jwt.PyJWKClientConnectionError):
                raise Unavailable("统一认证服务暂时无法访问，请稍后再试。") from None
            except jwt.PyJWTError:
                raise Unauthenticated("令牌的签名密钥未知，请重新登录。") from None
        return signing.key

    def _discover(self) -> jwt.PyJWKClient:
        address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        with urllib.request.urlopen(address, timeout=self._TIMEOUT) as response:
            found = json.loads(response.read(1_000_000))
        return jwt.PyJWKClient(str(found["jwks_uri"]), cache_keys=True, timeout=self._TIMEOUT)
