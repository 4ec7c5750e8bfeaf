"""Every setting, its default and its meaning: the one reader of the environment."""

from __future__ import annotations

import ast
import difflib
import inspect
import os
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Self, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo

from events import address
from events.errors import Misconfigured, Refused
from events.words import Language, Words

PREFIX = "PTM_"
CONFIG = "PTM_CONFIG"
FOR_TESTS = "PTM_TEST_"
DEFAULT_FILE = Path("ptm.toml")
DAY = 86_400


def data_home() -> Path:
    """Where this user's programs keep their data (XDG)."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


class Settings(BaseModel):
    """What `load` has read; frozen, and passed in from the composition root."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    database_url: SecretStr | None = None
    """PostgreSQL itself (no pooler), as the worker role. Unset: the embedded server that runs in the data directory."""
    database_owner_url: SecretStr | None = None
    """PostgreSQL, as the role that owns the schema: `ptm migrate` only."""
    database_pool: int = Field(default=10, ge=4, le=100)
    """Connections that one process may hold."""

    kafka_bootstrap: str | None = None
    """Brokers, `host:port` separated by commas. Unset: the embedded broker that runs in the data directory."""
    kafka_topic: str = "ptm.events"
    """The one topic."""
    kafka_group: str = "ptm"
    """Consumer group of the workers."""
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How to speak with the brokers."""
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    """With a SASL protocol."""
    kafka_sasl_username: str | None = None
    """With a SASL protocol."""
    kafka_sasl_password: SecretStr | None = None
    """With a SASL protocol."""
    kafka_ca_file: Path | None = None
    """Certificate authority of the brokers; unset: the system's."""
    kafka_cert_file: Path | None = None
    """Client certificate, where the brokers ask for one."""
    kafka_key_file: Path | None = None
    """Its key."""

    procountor_url: str = "https://api.procountor.com"
    """Procountor's host, without the API path; its login pages stand at the root."""
    procountor_api_path: str = "/api"
    """`/api`, `/latest/api`, `/supported/api` or `/vYYMM/api`."""
    procountor_client_id: str | None = None
    """The API client that Procountor gave you."""
    procountor_client_secret: SecretStr | None = None
    """The secret that came with it."""
    procountor_per_second: int = Field(default=40, ge=1, le=60)
    """Requests a second over all workers and commands, at most 50 used; Procountor allows 60 to one API client."""
    procountor_integrator_key: SecretStr | None = None
    """API key of our own company in Procountor, the one with the API Integrator tool: for activation links."""
    procountor_api_key: SecretStr | None = None
    """A company's API key, for `ptm integration connect` and `reconnect` in scripts."""

    poll_floor: float = Field(default=5, ge=0.05, le=DAY)
    """Seconds between two polls of a busy company, at least."""
    poll_ceiling: float = Field(default=900, ge=0.05, le=DAY)
    """Seconds between two polls of a quiet company, at most."""
    refused_retry: float = Field(default=300, ge=0.05, le=DAY)
    """Seconds between two tries on a connection that a service refuses."""

    public_url: str = "http://localhost:8930"
    """Where browsers reach a worker: Procountor's one redirect URI is this with `/callback` behind it."""
    callback_host: str = "127.0.0.1"
    """Address that the worker's callback listens on."""
    callback_port: int | None = Field(default=None, ge=0, le=65535)
    """Port of the callback, where it is not the one of the public URL (a proxy stands before it)."""

    trustmary_url: str = "https://api.trustmary.io/v1"
    """Trustmary's API."""
    trustmary_scheme: str = "Apikey"
    """Word before the key in the Authorization header."""
    trustmary_list_key: Literal["addToLists", "addToList"] = "addToLists"
    """Name of the list field when a contact is added."""
    trustmary_pace: float = Field(default=4, ge=0)
    """Calls a second per organization; 0: as fast as they are answered."""
    trustmary_timeout: float = Field(default=10, gt=0, le=DAY)
    """Seconds to wait for an answer."""
    trustmary_api_key: SecretStr | None = None
    """An organization's API key, for `ptm integration connect` and `reconnect` in scripts."""
    unanswered: Literal["hold", "resend"] = "hold"
    """What becomes of a call that got no answer and whose effect cannot be looked up: ask a person, or send again."""

    smtp_host: str | None = None
    """Mail server for alerts and weekly summaries; unset: none leaves by mail."""
    smtp_port: int | None = Field(default=None, ge=1, le=65535)
    """Its port; unset: 587 with `starttls`, 465 with `tls`, 25 with `none`."""
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is sealed: after a greeting, from the first byte, or not at all."""
    smtp_ca_file: Path | None = None
    """Certificate authority of the mail server; unset: the system's."""
    smtp_user: str | None = None
    """Where the mail server asks for a login."""
    smtp_password: SecretStr | None = None
    """Its password."""
    smtp_from: str | None = None
    """Address that alerts and summaries come from."""
    alert_after: float = Field(default=15, ge=0, le=DAY)
    """Minutes that a state has to last before somebody is told."""

    alert_gather: float = Field(default=5, ge=0, le=DAY)
    """Minutes between two letters to one address, at least: what happens meanwhile is told together."""

    reconcile: Literal["weekly", "off"] = "weekly"
    """Whether workers hold each company's invoices and contacts against Procountor and Trustmary once a week."""

    master_key: SecretStr | None = None
    """32 bytes, base64 or hex, that wrap every other key. Embedded: made in the data directory."""
    master_key_command: str | None = None
    """Instead of `PTM_MASTER_KEY`: a command, run without a shell, that prints it (a password manager's, a cloud's)."""
    master_key_old: SecretStr | None = None
    """Earlier master keys, separated by commas, for what is still sealed with them."""

    data_dir: Path = Field(default_factory=lambda: data_home() / "ptm")
    """Where the embedded servers and their master key lie."""
    timezone: str = "Europe/Helsinki"
    """Times are shown in it."""
    language: Literal["en", "fi"] = "en"
    """Of the console, and of the reasons and remedies that the other commands tell: English or Finnish."""

    web_tokens: SecretStr | None = None
    """Who may open the console in a browser, `ptm tui --web`: NAME:TOKEN, separated by commas or lines."""
    web_url: str = "http://localhost:8932"
    """Where browsers find it."""
    web_host: str = "127.0.0.1"
    """Address that it listens on; others than this machine's only behind a proxy that speaks TLS."""
    web_port: int | None = Field(default=None, ge=1, le=65535)
    """Its port, where that is not the one of its URL (a proxy stands before it)."""

    health_host: str = "127.0.0.1"
    """Address of `/healthz`, `/readyz` and `/metrics`."""
    health_port: int | None = Field(default=None, ge=0, le=65535)
    """Their port; unset: 8931, or a free one where that is taken."""
    stale_after: float = Field(default=30, gt=0, le=DAY)
    """Seconds without a finished turn after which a stage counts as stuck."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is logged."""
    log_format: Literal["auto", "json", "text"] = "auto"
    """`auto`: text in a terminal, JSON elsewhere."""

    @field_validator("procountor_url", "trustmary_url", "public_url", "web_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be a web address such as https://host, without a query")
        return value.rstrip("/")

    @field_validator("procountor_api_path")
    @classmethod
    def _path(cls, value: str) -> str:
        if not value.startswith("/"):
            raise ValueError("must start with /")
        return value.rstrip("/")

    @field_validator("trustmary_scheme")
    @classmethod
    def _word(cls, value: str) -> str:
        if not value.isascii() or not value.isalnum():
            raise ValueError("must be one word such as Apikey or Bearer")
        return value

    @field_validator("smtp_from")
    @classmethod
    def _mailbox(cls, value: str) -> str:
        try:
            return address.valid(value)
        except Refused as error:
            raise ValueError(f"must be an e-mail address: {error}") from error

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("must be a zone such as Europe/Helsinki") from error
        return value

    @model_validator(mode="after")
    def _floor_below_ceiling(self) -> Self:
        if self.poll_floor > self.poll_ceiling:
            raise ValueError(
                f"PTM_POLL_FLOOR ({self.poll_floor:g}) is above PTM_POLL_CEILING ({self.poll_ceiling:g}): "
                "no time between two polls fits both"
            )
        return self

    @property
    def words(self) -> Words:
        """What is said to a person is said in these."""
        return Words(Language(self.language), ZoneInfo(self.timezone))

    @property
    def polls_per_second(self) -> float:
        """The part of the request budget that asks for lists; the rest fetches what has changed."""
        return 0.6 * self.procountor_per_second

    @property
    def redirect_uri(self) -> str:
        """The one address that Procountor keeps for our API client."""
        return f"{self.public_url}/callback"

    @property
    def web_listens_on(self) -> int:
        """The web console's own port: its URL's, unless a proxy stands before it."""
        parts = urlsplit(self.web_url)
        return self.web_port or parts.port or (8932 if parts.scheme == "https" else 80)

    @property
    def callback_listens_on(self) -> int:
        """The callback's own port: the public URL's, unless a proxy stands before it."""
        if self.callback_port is not None:
            return self.callback_port
        parts = urlsplit(self.public_url)
        return parts.port or (8930 if parts.scheme == "https" else 80)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings from `PTM_*` variables, over those from the TOML file; a wrong one is `Misconfigured` and named."""
    given = os.environ if environ is None else environ
    variables = {name: value for name, value in given.items() if name.startswith(PREFIX) and value != ""}
    values, origin = _from_file(variables.pop(CONFIG, None))
    for name, value in variables.items():
        if not name.startswith(FOR_TESTS):
            field, text = _from_variable(name, value)
            if (other := origin.get(field)) in variables:
                raise Misconfigured(
                    f"{min(other, name)} and {max(other, name)} are both set: leave one of the two out."
                )
            values[field], origin[field] = text, name
    try:
        return Settings(**values)
    except ValidationError as error:
        raise Misconfigured(_sentence(error, origin)) from None


def secret_file(name: str, environ: Mapping[str, str] | None = None) -> Path | None:
    """The file that the variable `PTM_X_FILE` names for a secret, where one does."""
    named = (os.environ if environ is None else environ).get(f"{variable(name)}_FILE")
    return Path(named) if named else None


def foreign_environment() -> dict[str, str]:
    """Our environment without our settings: for a process that is to have its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


def given(name: str) -> str | None:
    """A variable of the environment that a file refers to."""
    return os.environ.get(name)


def needed(value: SecretStr | str | None, name: str) -> str:
    """*value*, or `Misconfigured` naming the setting that is missing."""
    if value is None:
        raise Misconfigured(f"{variable(name)} is not set: {meaning(name)}")
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def variable(name: str) -> str:
    return PREFIX + name.upper()


def is_secret(field: FieldInfo) -> bool:
    return SecretStr in (field.annotation, *get_args(field.annotation))


def _from_file(named: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    path = Path(named) if named else DEFAULT_FILE
    if not named and not path.is_file():
        return {}, {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured(f"{CONFIG} names {path}, which cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} is not TOML: {error}.") from error
    for name in values:
        if name not in Settings.model_fields:
            raise Misconfigured(f"{path} sets {name}, which is no setting{_nearest(name, [*Settings.model_fields])}.")
    return values, {name: f"{name} in {path}" for name in values}


def _from_variable(name: str, value: str) -> tuple[str, str]:
    """The field that a variable sets, and its value; `PTM_X_FILE` gives a secret's, without the line's end."""
    field = name.removeprefix(PREFIX).lower()
    if field in Settings.model_fields:
        return field, value
    secret = field.removesuffix("_file")
    if secret != field and secret in Settings.model_fields and is_secret(Settings.model_fields[secret]):
        try:
            return secret, Path(value).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(f"{name} names {value}, which cannot be read: {error}.") from error
    raise Misconfigured(f"{name} is no setting{_nearest(name, [variable(each) for each in Settings.model_fields])}.")


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; {near[0]} is" if near else ""


def _sentence(error: ValidationError, origin: Mapping[str, str]) -> str:
    first = error.errors(include_url=False)[0]
    said = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return f"{said}."
    field = str(first["loc"][0])
    shown = "" if is_secret(Settings.model_fields[field]) else f" (it is {first['input']!r})"
    return f"{origin.get(field, variable(field))} is wrong: {said[0].lower()}{said[1:]}{shown}."


def meaning(name: str) -> str:
    return _meanings()[name]


@cache
def _meanings() -> Mapping[str, str]:
    """What stands under each setting, read where it is asked for: pydantic's own way is a tenth of every start."""
    [described] = ast.parse(inspect.getsource(Settings)).body
    assert isinstance(described, ast.ClassDef), "it is one"
    return {
        setting.target.id: " ".join(str(told.value.value).split())
        for setting, told in pairwise(described.body)
        if isinstance(setting, ast.AnnAssign) and isinstance(setting.target, ast.Name)
        if isinstance(told, ast.Expr) and isinstance(told.value, ast.Constant)
    }


def has_screen() -> bool:
    """Whether a browser that is opened from here would be seen: not over ssh, and not on a server."""
    if "SSH_CONNECTION" in os.environ:
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
