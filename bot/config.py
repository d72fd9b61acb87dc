"""The settings of one installation: what there is to set, and what each starts as. :mod:`bot.sources` reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.complaints import HostError

PREFIX, BETWEEN = "ARDOISE_", "__"
SQLITE = "sqlite:///"
POSTGRESQL = "postgresql+psycopg://"


class ConfigError(HostError):
    """The settings cannot be used; the message says why in one line, by the name of the key, never by its value."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("ce fuseau horaire est inconnu (par exemple Europe/Paris)") from None
    return name


def _database(url: str) -> str:
    if not url.startswith((SQLITE, POSTGRESQL)) or url in {SQLITE, f"{SQLITE}:memory:"}:
        raise ValueError(f"il faut une adresse en {SQLITE}FICHIER ou {POSTGRESQL}…")
    return url


def _web(url: str) -> str:
    if url and not url.startswith(("https://", "http://")):
        raise ValueError("il faut une adresse en https://…")
    return url


def _matrix_user(user: str) -> str:
    if user and not (user.startswith("@") and ":" in user):
        raise ValueError("il faut un identifiant entier, comme @ardoise:exemple.org")
    return user


_LISTED = str.maketrans(dict.fromkeys("[]'\",", " "))


def _words(value: object) -> object:
    """Take « cheque, cash » for a list, with brackets and quotes or without: an environment variable is one text."""
    return value.translate(_LISTED).split() if isinstance(value, str) else value


def _one_way_of_paying(methods: tuple[str, ...]) -> tuple[str, ...]:
    if "kitty" in methods and len(set(methods)) > 1:
        raise ValueError("la cagnotte (kitty) exclut les autres moyens ; mettez ceux-ci dans top_up_methods")
    return methods


WebAddress = Annotated[str, AfterValidator(_web)]
Methods = Annotated[
    tuple[Literal["cheque", "cash", "transfer", "terminal", "kitty", "online"], ...],
    NoDecode, BeforeValidator(_words), AfterValidator(_one_way_of_paying), Field(min_length=1),
]  # fmt: skip
TopUpMethods = Annotated[
    tuple[Literal["cheque", "cash", "transfer"], ...], NoDecode, BeforeValidator(_words), Field(min_length=1)
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(_Section):
    """Where the books are."""

    url: Annotated[str, AfterValidator(_database)] = Field(default=f"{SQLITE}ardoise.db", repr=False)


class Telegram(_Section):
    """The bot on Telegram; without a token it is off. A webhook is served on ``webhook_host``:``webhook_port``."""

    token: SecretStr = SecretStr("")
    base_url: WebAddress = "https://api.telegram.org"
    webhook_url: WebAddress = ""
    webhook_host: str = "127.0.0.1"
    webhook_port: int = Field(default=8443, ge=1, le=65535)


class Matrix(_Section):
    """The bot on Matrix; without a homeserver it is off. Its session and keys are in ``folder``."""

    homeserver: WebAddress = ""
    user_id: Annotated[str, AfterValidator(_matrix_user)] = ""
    password: SecretStr = SecretStr("")
    access_token: SecretStr = SecretStr("")
    device_id: str = ""
    folder: str = Field(default="matrix", min_length=1)


class NewGroup(_Section):
    """What a new group starts with; coordinators change it in the chat."""

    currency: Literal["EUR"] = "EUR"
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Paris"
    language: Literal["fr", "en"] = "fr"
    methods: Methods = ("cheque", "cash", "transfer")
    top_up_methods: TopUpMethods = ("cheque", "cash", "transfer")
    kitty_may_go_negative: bool = False


class Backup(_Section):
    """Where the night's backups go (relative to the configuration file), and how many are kept."""

    folder: str = Field(default="sauvegardes", min_length=1)
    keep: int = Field(default=14, ge=1)


class Merchant(_Section):
    """Whose card payments go where: what the providers have given an association, to be recognised by."""

    telegram_provider_token: SecretStr = SecretStr("")
    stripe_secret_key: SecretStr = SecretStr("")
    stripe_webhook_secret: SecretStr = SecretStr("")
    helloasso_client_id: SecretStr = SecretStr("")
    helloasso_client_secret: SecretStr = SecretStr("")
    helloasso_organization: str = Field(default="", pattern="^[A-Za-z0-9_-]*$")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.stripe_webhook_secret.get_secret_value() and not self.stripe_secret_key.get_secret_value():
            raise ValueError("stripe_webhook_secret ne sert à rien sans stripe_secret_key")
        given = [
            bool(value)
            for value in (self.helloasso_client_id, self.helloasso_client_secret, self.helloasso_organization)
        ]
        if any(given) and not all(given):
            raise ValueError("HelloAsso demande helloasso_client_id, helloasso_client_secret et helloasso_organization")
        return self

    @property
    def is_empty(self) -> bool:
        """Tell whether nobody takes cards here."""
        return not (self.telegram_provider_token or self.stripe_secret_key or self.helloasso_client_id)


class Online(Merchant):
    """The online card. What is set here serves every group; ``groups``: what a group, by its name or number, has for itself.

    Stripe's notifications are served on ``webhook_host``:``webhook_port`` where there is a ``stripe_webhook_secret``.
    """

    stripe_url: WebAddress = "https://api.stripe.com"
    helloasso_url: WebAddress = "https://api.helloasso.com"
    webhook_host: str = "127.0.0.1"
    webhook_port: int = Field(default=8444, ge=1, le=65535)
    groups: dict[str, Merchant] = {}

    @property
    def merchants(self) -> dict[str, Merchant]:
        """Give who takes cards for whom: for every group (""), for one, by its name or number."""
        return {name: merchant for name, merchant in {"": self, **self.groups}.items() if not merchant.is_empty}


class Config(BaseSettings):
    """All settings, each with a value that works; paths and the database's address are absolute."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=PREFIX, env_nested_delimiter=BETWEEN, env_ignore_empty=False,
        nested_model_default_partial_update=True,
    )  # fmt: skip

    database: Database = Database()
    telegram: Telegram = Telegram()
    matrix: Matrix = Matrix()
    group: NewGroup = NewGroup()
    backup: Backup = Backup()
    online: Online = Online()

    @property
    def backups(self) -> Path:
        """The folder of the backups."""
        return Path(self.backup.folder)

    @property
    def matrix_folder(self) -> Path | None:
        """The folder of the Matrix session and its keys; None where Matrix is off."""
        return Path(self.matrix.folder) if self.matrix.homeserver else None


SECTIONS: dict[str, type[BaseModel]] = {
    "database": Database, "telegram": Telegram, "matrix": Matrix, "group": NewGroup, "backup": Backup, "online": Online,
}  # fmt: skip


def secrets(section: BaseModel) -> list[str]:
    """List the secrets of a section that are set, at whatever depth."""
    found: list[str] = []
    for value in vars(section).values():
        if isinstance(value, SecretStr) and value:
            found.append(value.get_secret_value())
        for inner in value.values() if isinstance(value, dict) else (value,):
            found += secrets(inner) if isinstance(inner, BaseModel) else []
    return found
