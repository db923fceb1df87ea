"""The installation's settings, read once from the environment (`MINZHENG_…`) and validated at start."""

import os
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.clock import CHINA
from domain.errors import BadSetting


class Settings(BaseSettings):
    """Every setting with its default; `minzheng doctor` lists them without secrets."""

    model_config = SettingsConfigDict(env_prefix="MINZHENG_", extra="ignore", frozen=True)

    mode: Literal["development", "production"] = "development"
    data_dir: Path = Field(default=Path("data"), description="embedded database, keys, uploaded files")
    database_url: str = Field(default="", description="PostgreSQL 16 or newer; empty: the embedded server")
    kafka: str = Field(default="", description="bootstrap servers; empty: none")
    kafka_prefix: str = Field(default="minzheng", description="how the names of all topics and groups begin")
    kafka_shards: int = Field(default=1, ge=1, le=64, description="relays that share the subjects out among them")
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="how Kafka's brokers are spoken to"
    )
    kafka_ca_file: Path | None = Field(default=None, description="certificates that vouch for the brokers")
    kafka_cert_file: Path | None = Field(default=None, description="own certificate, where the brokers ask for one")
    kafka_key_file: Path | None = Field(default=None, description="its key")
    kafka_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="SCRAM-SHA-512", description="how the password is proved"
    )
    kafka_username: str = Field(default="", description="account at Kafka")
    kafka_password: str = Field(default="", repr=False, description="its password")
    platforms: str = Field(default="", description="municipal and provincial platforms in use: names, or a folder")
    platform_secrets: Path | None = Field(
        default=None, description="folder with what is agreed with platforms: NAME.key (HTTPS), NAME.database (tables)"
    )
    platform_files: Path | None = Field(
        default=None, description="folder for platforms that take files; default DATA_DIR/platforms"
    )
    kafka_mappings: Path | None = Field(default=None, description="folder of mapping files for messages' columns")
    master_key_file: Path | None = Field(default=None, description="master key; default DATA_DIR/master.key")
    token_key_file: Path | None = Field(default=None, description="development token key; default DATA_DIR/token.key")
    signing_key_file: Path | None = Field(default=None, description="checkpoint signing key")
    oidc_issuer: str = Field(default="", description="issuer whose JWKS signs tokens in production")
    documents: str = Field(default="", description="s3://bucket/prefix; empty: DATA_DIR/documents")
    documents_endpoint: str = Field(default="", description="address of the S3-compatible server, http(s)://host:port")
    documents_region: str = Field(default="us-east-1", description="region its signatures name")
    documents_access_key: str = Field(default="", repr=False, description="its access key")
    documents_secret_key: str = Field(default="", repr=False, description="its secret key")
    font_file: Path | None = Field(default=None, description="TrueType font to embed in PDF; empty: the reader's Song")
    today: date | None = Field(default=None, description="business date of a demo district; empty: the real date")

    @field_validator("database_url")
    @classmethod
    def _postgres_url(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("must begin with postgresql://")
        return value

    @field_validator("documents")
    @classmethod
    def _documents_url(cls, value: str) -> str:
        if value and (not value.startswith("s3://") or not value.removeprefix("s3://").strip("/")):
            raise ValueError("must be s3://bucket/prefix")
        return value

    @property
    def master_key_path(self) -> Path:
        """Where the master key is, or will be generated in development."""
        return self.master_key_file or self.data_dir / "master.key"

    @property
    def token_key_path(self) -> Path:
        """Where the development token key is, or will be generated."""
        return self.token_key_file or self.data_dir / "token.key"

    def now(self) -> datetime:
        """The business clock, +08:00: the real time of day, on the demo district's date where one is set."""
        real = datetime.now(CHINA)
        return real if self.today is None else datetime.combine(self.today, real.timetz())


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; raise BadSetting naming the variable and what is wrong with it."""
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = f"MINZHENG_{'_'.join(str(part) for part in first['loc'])}".upper()
        raise BadSetting(f"{name}: {first['msg']}; correct it and start again.", name) from None
    if settings.mode == "production" and not settings.oidc_issuer:
        raise BadSetting(
            "MINZHENG_OIDC_ISSUER is not set, and production accepts no development tokens; set the issuer's URL.",
            "MINZHENG_OIDC_ISSUER",
        )
    return settings


def environment(settings: Settings) -> dict[str, str]:
    """The environment that gives a child process the same settings."""
    own = {
        f"MINZHENG_{name.upper()}": str(value)
        for name, value in settings.model_dump().items()
        if value not in (None, "")
    }
    return {**os.environ, **own}
