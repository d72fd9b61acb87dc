"""Where settings come from: config.toml, over it secret files, over these the environment; and what is wrong with them."""

from __future__ import annotations

import os
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsError,
)

from bot.config import BETWEEN, PREFIX, SECTIONS, SQLITE, Config, ConfigError, Merchant

SECRETS_DIR = "ARDOISE_SECRETS_DIR"
SECRETS_BESIDE = "secrets"
"""The folder that is looked into where the environment names none: beside config.toml, as « ardoise init » makes it."""

MOST_NAMED = 5


def load(path: Path) -> Config:
    """Read the settings. Raises ConfigError: no file, broken TOML, an unknown key, a value that cannot be."""
    written = _written(path)
    secrets = secrets_folder(path)
    _refuse_unknown_sections(secrets)
    try:
        config = _read(written, secrets)
    except ValidationError as trouble:
        raise ConfigError(_told(path, secrets, trouble.errors(include_url=False, include_input=False))) from None
    except SettingsError as trouble:
        raise ConfigError(f"{path} : une valeur de l'environnement ne peut pas être lue ({trouble}).") from None
    return _resolved(config, path.absolute().parent)


def _written(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise ConfigError(
            f"Pas de configuration : {path} n'existe pas. « ardoise init » l'écrit, ou copiez config.example.toml."
        ) from None
    except OSError as trouble:
        raise ConfigError(f"{path} ne peut pas être lu : {trouble.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} n'est pas écrit en UTF-8.") from None
    except tomllib.TOMLDecodeError as trouble:
        raise ConfigError(f"{path} n'est pas du TOML : {_in_french(trouble)}.") from None


def _in_french(trouble: tomllib.TOMLDecodeError) -> str:
    """Say where only: the parser quotes what it found, which may be a token."""
    line = str(trouble).rpartition("(at line ")[2].partition(",")[0]
    return f"voyez la ligne {line}" if line.isdigit() else "il s'arrête trop tôt"


def secrets_folder(path: Path) -> Path | None:
    """Find the secret files: in the folder that the environment names, else beside the settings. Raises ConfigError."""
    folder = os.environ.get(SECRETS_DIR)
    if folder and not Path(folder).is_dir():
        raise ConfigError(f"{SECRETS_DIR} : {folder} n'est pas un dossier.")
    beside = path.absolute().parent / SECRETS_BESIDE
    return Path(folder) if folder else beside if beside.is_dir() else None


def _refuse_unknown_sections(secrets: Path | None) -> None:
    """Refuse a misspelt section; the library itself passes over those (a misspelt key it does name)."""
    variables = [(name, name.removeprefix(PREFIX)) for name in os.environ if name.startswith(PREFIX)]
    files = [(str(file), file.name) for file in secrets.iterdir() if BETWEEN in file.name] if secrets else []
    for name, meant in [*variables, *files]:
        if name == SECRETS_DIR:
            continue
        if meant.lower().partition(BETWEEN)[0] not in SECTIONS:
            raise ConfigError(f"{name} : cette clé n'existe pas{_or_rather(meant.lower(), _all_keys())}.")


def _all_keys() -> list[str]:
    return [f"{section}{BETWEEN}{key}" for section, model in SECTIONS.items() for key in model.model_fields]


def _read(written: dict[str, Any], secrets: Path | None) -> Config:
    class Sourced(Config):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - nothing is given by hand
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no .env file: the secrets folder does that
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            files = NestedSecretsSettingsSource(
                file_secret_settings, secrets_dir=secrets, secrets_prefix="", secrets_nested_delimiter=BETWEEN
            )
            return env_settings, files, InitSettingsSource(settings_cls, written)

    return Sourced()


def _resolved(config: Config, folder: Path) -> Config:
    """Make the paths absolute: they are relative to the file, wherever the program was started."""
    url = config.database.url
    if url.startswith(SQLITE):
        url = f"{SQLITE}{(folder / url.removeprefix(SQLITE)).resolve()}"
    backups = str(folder / Path(config.backup.folder).expanduser())
    changed = {
        "database": config.database.model_copy(update={"url": url}),
        "backup": config.backup.model_copy(update={"folder": backups}),
        "matrix": config.matrix.model_copy(update={"folder": str(folder / Path(config.matrix.folder).expanduser())}),
    }
    return config.model_copy(update=changed)


def _told(path: Path, secrets: Path | None, errors: list[ErrorDetails]) -> str:
    said = list(dict.fromkeys(_wrong(error, secrets) for error in errors))
    more = " ; et d'autres" if len(said) > MOST_NAMED else ""
    return f"{path} : {' ; '.join(said[:MOST_NAMED])}{more}."


def _wrong(error: ErrorDetails, secrets: Path | None) -> str:
    """Say what is wrong with which key, named as it was given: in the environment, in a secret file or in the settings."""
    section, key = _where(error)
    name = f"{section}{BETWEEN}{key}".replace(".", BETWEEN)
    variable, file = f"{PREFIX}{name}".upper(), secrets / name if secrets else None
    in_file = str(file) if file and file.is_file() else f"[{section}] {key}".strip()
    given = variable if variable in map(str.upper, os.environ) else in_file
    return f"{given} : {_why(error, section, key)}"


def _where(error: ErrorDetails) -> tuple[str, str]:
    """Name a section and a key as they are written; a group's own keys are a table within a table."""
    where = [*map(str, error["loc"])]
    if where[:2] == ["online", "groups"] and len(where) > 2:
        return ".".join(where[:3]), "".join(where[3:4])
    section, key = [*where, ""][:2]
    return section, key


def _why(error: ErrorDetails, section: str, key: str) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        model = SECTIONS.get(section, Merchant)
        known = list(model.model_fields) if key else list(SECTIONS)
        return f"cette clé n'existe pas{_or_rather(key or section, known)}"
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"il faut {str(context['expected']).replace(' or ', ' ou ')}"
    return _KINDS.get(kind, "cette valeur ne convient pas")


_KINDS = {
    "string_type": "il faut un texte entre guillemets", "int_type": "il faut un nombre entier",
    "int_parsing": "il faut un nombre entier", "int_from_float": "il faut un nombre entier",
    "bool_type": "il faut true ou false", "bool_parsing": "il faut true ou false",
    "tuple_type": "il faut une liste, entre crochets", "too_short": "il en faut au moins un",
    "model_type": "il faut une section", "model_attributes_type": "il faut une section",
    "greater_than_equal": "ce nombre est trop petit", "less_than_equal": "ce nombre est trop grand",
    "string_too_short": "il faut quelque chose ici",
    "string_pattern_mismatch": "il faut le nom tel qu'il est dans l'adresse (par exemple les-paniers-du-canal)",
    "dict_type": "il faut une section",
}  # fmt: skip


def _or_rather(typed: str, known: list[str]) -> str:
    near = get_close_matches(typed, known, n=1)
    return f" (peut-être « {near[0]} » ?)" if near else ""
