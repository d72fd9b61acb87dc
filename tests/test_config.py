"""Settings: where they come from, and the one clear line about each mistake."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from bot.config import SECTIONS, Config, ConfigError, secrets
from bot.sources import load
from tests.databases import without_privileges

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "config.example.toml"
TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw_-x"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("ARDOISE_"):
            monkeypatch.delenv(name)
    return tmp_path / "config.toml"


def read(file: Path, written: str) -> Config:
    file.write_text(written, encoding="utf-8")
    return load(file)


def refusal(file: Path, written: str) -> str:
    with pytest.raises(ConfigError) as refused:
        read(file, written)
    said = str(refused.value)
    assert "\n" not in said
    return said


def test_an_empty_file_is_enough(file: Path) -> None:
    config = read(file, "")
    assert config.database.url == f"sqlite:///{file.parent}/ardoise.db"
    assert config.telegram.base_url == "https://api.telegram.org"
    assert config.group.methods == ("cheque", "cash", "transfer")


def test_the_example_holds_every_key_with_the_value_it_has_anyway(file: Path) -> None:
    """The settings of SURFACES, each documented where hosts read."""
    written = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert {section: set(keys) for section, keys in written.items()} == {
        section: set(model.model_fields) for section, model in SECTIONS.items()
    }
    assert read(file, EXAMPLE.read_text(encoding="utf-8")).model_dump() == read(file, "").model_dump()


def test_every_key_is_documented_in_the_readme() -> None:
    """A key a host cannot read about does not exist for them."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [f"[{s}] {key}" for s, model in SECTIONS.items() for key in model.model_fields if f"`{key}`" not in text]
    assert not missing


def test_paths_are_relative_to_the_file_wherever_the_program_starts(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    config = read(file, '[database]\nurl = "sqlite:///data/books.db"\n[backup]\nfolder = "../kept"')
    assert config.database.url == f"sqlite:///{tmp_path}/data/books.db"
    assert config.backups.resolve() == (tmp_path.parent / "kept").resolve()
    assert read(file, '[database]\nurl = "sqlite:////var/x.db"').database.url == "sqlite:////var/x.db"


def test_the_environment_wins_over_secret_files_which_win_over_the_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "telegram__token").write_text("from a secret file\n")
    (secrets / "matrix__password").write_text("hush\n")
    (secrets / "something-else").write_text("of another program")
    monkeypatch.setenv("ARDOISE_SECRETS_DIR", str(secrets))
    written = '[telegram]\ntoken = "from the file"\nwebhook_port = 1234'
    config = read(file, written)
    assert config.telegram.token.get_secret_value() == "from a secret file"
    assert config.matrix.password.get_secret_value() == "hush"
    assert config.telegram.webhook_port == 1234
    monkeypatch.setenv("ARDOISE_TELEGRAM__TOKEN", "from the environment")
    monkeypatch.setenv("ARDOISE_GROUP__METHODS", "cash, cheque")
    config = read(file, written)
    assert config.telegram.token.get_secret_value() == "from the environment"
    assert config.group.methods == ("cash", "cheque")
    assert config.telegram.webhook_port == 1234
    monkeypatch.setenv("ARDOISE_GROUP__METHODS", '["cash", "cheque"]')
    assert read(file, written).group.methods == ("cash", "cheque")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('[telegram]\ntokn = "x"', "[telegram] tokn : cette clé n'existe pas (peut-être « token » ?)"),
        ('[telegramm]\ntoken = "x"', "[telegramm] : cette clé n'existe pas (peut-être « telegram » ?)"),
        ("[telegram]\ntoken = 12", "[telegram] token : il faut un texte entre guillemets"),
        ("telegram = 3", "[telegram] : il faut une section"),
        ('[telegram]\nwebhook_port = "many"', "[telegram] webhook_port : il faut un nombre entier"),
        ("[telegram]\nwebhook_port = 99999", "[telegram] webhook_port : ce nombre est trop grand"),
        ('[telegram]\nbase_url = "api.telegram.org"', "[telegram] base_url : il faut une adresse en https://…"),
        ('[group]\ntimezone = "Mars/Base"', "[group] timezone : ce fuseau horaire est inconnu"),
        ('[group]\ntimezone = "../../etc/passwd"', "[group] timezone : ce fuseau horaire est inconnu"),
        ('[group]\ncurrency = "USD"', "[group] currency : il faut 'EUR'"),
        ('[group]\nlanguage = "de"', "[group] language : il faut 'fr' ou 'en'"),
        ('[group]\nmethods = ["cheq"]', "[group] methods : il faut 'cheque'"),
        ('[group]\nmethods = ["kitty", "cash"]', "[group] methods : la cagnotte (kitty) exclut"),
        ("[group]\nmethods = []", "[group] methods : il en faut au moins un"),
        ('[group]\ntop_up_methods = ["kitty"]', "[group] top_up_methods : il faut 'cheque'"),
        ('[group]\nkitty_may_go_negative = "perhaps"', "[group] kitty_may_go_negative : il faut true ou false"),
        ('[database]\nurl = "mysql://x"', "[database] url : il faut une adresse en sqlite:///FICHIER"),
        ('[database]\nurl = "sqlite:///:memory:"', "[database] url : il faut une adresse en sqlite:///FICHIER"),
        ("[backup]\nkeep = 0", "[backup] keep : ce nombre est trop petit"),
        ("[telegram\n", "n'est pas du TOML : voyez la ligne 1"),
        ('a = 1\n[telegram]\ntoken = "x', "n'est pas du TOML"),
    ],
)
def test_a_mistake_is_named_in_one_french_line(file: Path, written: str, said: str) -> None:
    assert said in refusal(file, written)


def test_several_mistakes_are_told_together(file: Path) -> None:
    said = refusal(file, '[telegram]\ntokn = "x"\n[group]\nlanguage = "de"')
    assert "tokn" in said
    assert "language" in said


def test_a_secret_is_never_repeated(file: Path) -> None:
    for written in (
        f"[telegram]\ntoken = {TOKEN}",
        f'[telegram]\ntoken = ["{TOKEN}"]',
        f'[telegram]\nbase_url = "{TOKEN}"',
        f'[database]\nurl = "postgresql://u:{TOKEN}@h/d"',
    ):
        assert "AAHd" not in refusal(file, written)
    assert "AAHd" not in repr(read(file, f'[telegram]\ntoken = "{TOKEN}"'))
    assert "s3cret" not in repr(read(file, '[database]\nurl = "postgresql+psycopg://u:s3cret@h/d"'))


def test_a_missing_file_says_what_makes_one(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml n'existe pas. « ardoise init » l'écrit"):
        load(file)


def test_a_file_that_cannot_be_read_says_so(file: Path) -> None:
    file.write_text("")
    file.chmod(0)
    file.parent.chmod(0o755)
    with without_privileges(), pytest.raises(ConfigError, match="ne peut pas être lu"):
        load(file)
    with pytest.raises(ConfigError, match="ne peut pas être lu"):
        load(file.parent)
    file.chmod(0o600)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        load(file)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ARDOISE_TELEGRAM__TOKN", "x", "ARDOISE_TELEGRAM__TOKN : cette clé n'existe pas (peut-être « token » ?)"),
        ("ARDOISE_TELEGRM__TOKEN", "x", "ARDOISE_TELEGRM__TOKEN : cette clé n'existe pas (peut-être « telegram__token"),
        ("ARDOISE_TOKEN", "x", "ARDOISE_TOKEN : cette clé n'existe pas"),
        ("ARDOISE_GROUP__LANGUAGE", "de", "ARDOISE_GROUP__LANGUAGE : il faut 'fr' ou 'en'"),
        ("ARDOISE_GROUP", "x", "une valeur de l'environnement ne peut pas être lue"),
        ("ARDOISE_SECRETS_DIR", "/nowhere/at/all", "ARDOISE_SECRETS_DIR : /nowhere/at/all n'est pas un dossier"),
    ],
)
def test_a_mistake_in_the_environment_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    assert said in refusal(file, "")


def test_a_misspelt_secret_file_is_named(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "telegrm__token").write_text("x")
    monkeypatch.setenv("ARDOISE_SECRETS_DIR", str(tmp_path))
    assert "telegrm__token : cette clé n'existe pas" in refusal(file, "")
    (tmp_path / "telegrm__token").rename(tmp_path / "telegram__tokn")
    assert f"{tmp_path / 'telegram__tokn'} : cette clé n'existe pas" in refusal(file, "")


ONLINE = """[online]
stripe_secret_key = "rk_test_1"
[online.groups.les-paniers-du-canal]
helloasso_client_id = "id"
helloasso_client_secret = "hush"
helloasso_organization = "les-paniers"
"""


def test_a_group_may_have_its_own_account_at_a_provider(file: Path) -> None:
    online = read(file, ONLINE).online
    assert list(online.merchants) == ["", "les-paniers-du-canal"]
    assert not read(file, "").online.merchants
    assert read(file, "[online.groups.x]").online.merchants == {}


def test_a_groups_own_keys_may_come_from_a_secret_file_or_the_environment(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "online__groups__1__stripe_secret_key").write_text("rk_test_file")
    monkeypatch.setenv("ARDOISE_SECRETS_DIR", str(folder))
    monkeypatch.setenv("ARDOISE_ONLINE__GROUPS__2__STRIPE_SECRET_KEY", "rk_test_variable")
    groups = read(file, "").online.groups
    assert {name: merchant.stripe_secret_key.get_secret_value() for name, merchant in groups.items()} == {
        "1": "rk_test_file", "2": "rk_test_variable",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            '[online]\nhelloasso_client_id = "x"',
            "[online] : HelloAsso demande helloasso_client_id, helloasso_client_secret et",
        ),
        (
            '[online]\nstripe_webhook_secret = "x"',
            "[online] : stripe_webhook_secret ne sert à rien sans stripe_secret_key",
        ),
        (
            '[online.groups.amap]\nstripe_secret = "x"',
            "[online.groups.amap] stripe_secret : cette clé n'existe pas (peut-être",
        ),
        ("[online.groups.amap]\nstripe_secret_key = 1", "[online.groups.amap] stripe_secret_key : il faut un texte"),
        ('[online.groups]\namap = "x"', "[online.groups.amap] : il faut une section"),
        ('[online]\ngroups = "x"', "[online] groups : il faut une section"),
        ('[online]\nhelloasso_organization = "Les Paniers"', "helloasso_organization : il faut le nom tel qu'il est"),
        ("[online]\nwebhook_port = 0", "[online] webhook_port : ce nombre est trop petit"),
        ('[online]\nhelloasso_url = "api"', "[online] helloasso_url : il faut une adresse"),
    ],
)
def test_mistakes_about_the_online_card_are_named(file: Path, written: str, said: str) -> None:
    assert said in refusal(file, written)


def test_every_secret_that_is_set_is_known_as_one(file: Path) -> None:
    """They must not be in a file that others can read."""
    assert secrets(read(file, ONLINE)) == ["rk_test_1", "id", "hush"]


def test_matrix_is_off_until_it_has_a_homeserver_and_its_keys_are_beside_the_file(file: Path) -> None:
    assert read(file, "").matrix_folder is None
    asked = read(file, '[matrix]\nhomeserver = "https://m.example.org"\nuser_id = "@ardoise:example.org"')
    assert asked.matrix_folder == file.parent / "matrix"
    assert "[matrix] user_id : il faut un identifiant entier" in refusal(file, '[matrix]\nuser_id = "ardoise"')
