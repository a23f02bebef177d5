"""Settings from the environment and from `.env`: blank counts as unset, odd files are reported, no key is sent away."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.odd_servers import of_five_films, serving
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.entrypoints import settings as module
from trustedlake.entrypoints.lake.address import Folder, Roots, folder
from trustedlake.entrypoints.lake.open_store import store_at
from trustedlake.entrypoints.settings import Settings, variable
from trustedlake.entrypoints.wiring.extractor import TMDB, checked_url, extractor
from trustedlake.errors import ConfigError, TrustedLakeError
from trustedlake.models.lake import Entity

if TYPE_CHECKING:
    from collections.abc import Callable

FIELDS = list(Settings.model_fields)
SECRET = "s3cret-key-of-mine"
ADDRESS = "http://127.0.0.1:9/3"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A current folder without `.env`, and none of our variables."""
    monkeypatch.chdir(tmp_path)
    for name in dict(os.environ):  # noqa: TID251
        if name.upper().startswith(("TRUSTEDLAKE_", "TMDB_", "AWS_")) or "PROXY" in name.upper():
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def dotenv(text: str | bytes) -> None:
    Path(".env").write_bytes(text.encode() if isinstance(text, str) else text)


@pytest.mark.parametrize("blank", ["", " ", "\t \n"])
@pytest.mark.parametrize("field", FIELDS)
def test_a_blank_variable_counts_as_not_set(field: str, blank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Settings()
    monkeypatch.setenv(variable(field), blank)
    assert Settings() == plain
    monkeypatch.delenv(variable(field))
    dotenv(f'{variable(field)}="{blank}"\n')
    assert Settings() == plain


def test_a_blank_variable_does_not_hide_the_one_in_dotenv(monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv(f"TMDB_TOKEN={SECRET}\nTRUSTEDLAKE_WORKERS=3\nTRUSTEDLAKE_LAKE=from-file\n")
    for name in ("TMDB_TOKEN", "TRUSTEDLAKE_WORKERS", "TRUSTEDLAKE_LAKE"):
        monkeypatch.setenv(name, " ")
    found = Settings()
    assert found.tmdb_token is not None
    assert (found.tmdb_token.get_secret_value(), found.workers, found.lake) == (SECRET, 3, "from-file")


def test_blank_aws_variables_are_removed_for_the_libraries_that_read_them(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"AWS_REGION": "us-east-1", "OTHER_NAME": ""}
    blank = ["AWS_PROFILE", "AWS_MAX_ATTEMPTS", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"]
    for name, value in (kept | dict.fromkeys(blank, " ")).items():
        monkeypatch.setenv(name, value)
    Settings()
    found = module.environment()
    assert {name: found[name] for name in kept} == kept
    assert not [name for name in blank if name in found]


def test_the_environment_wins_over_dotenv(monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv("TRUSTEDLAKE_LAKE=from-file\ntrustedlake_engine=spark\n")
    monkeypatch.setenv("TRUSTEDLAKE_LAKE", "from-outside")
    found = Settings()
    assert (found.lake, found.engine) == ("from-outside", "spark")
    assert (found.in_dotenv("lake"), found.in_dotenv("engine")) == (False, True)


LINE = "TMDB_TOKEN=tok\r\nTRUSTEDLAKE_LAKE=lago\r\n"
READ = {
    "UTF-8": LINE.encode(),
    "UTF-8 with accents": f"# João\n{LINE}".encode(),
    "a byte order mark": b"\xef\xbb\xbf" + LINE.encode(),
    "UTF-16": LINE.encode("utf-16"),
    "UTF-16, big first": b"\xfe\xff" + LINE.encode("utf-16-be"),
    "UTF-16 without a mark": LINE.encode("utf-16-le"),
    "UTF-16 without a mark, big first": LINE.encode("utf-16-be"),
    "UTF-32": LINE.encode("utf-32"),
    "Latin-1 in a comment": f"# chave do João\n{LINE}".encode("latin-1"),
    "Windows's quotes in a comment": f"# \u201cchave\u201d…\n{LINE}".encode("cp1252"),
    "Latin-1 in a variable that is not ours": f"NOME=João\n{LINE}".encode("latin-1"),
    "a line that is none": b"what is this\n" + LINE.encode(),
    "many blanks": b"X=a" + b" " * 100_000 + b"b\n" + LINE.encode(),
}


@pytest.mark.parametrize("name", READ)
def test_an_unambiguous_dotenv_is_read(name: str) -> None:
    dotenv(READ[name])
    found = Settings()
    assert found.tmdb_token is not None
    assert (found.tmdb_token.get_secret_value(), found.lake) == ("tok", "lago")


TOLD: dict[str, tuple[Callable[[], object], str]] = {
    "Latin-1 in a value": (lambda: dotenv("TRUSTEDLAKE_LAKE=São".encode("latin-1")), "TRUSTEDLAKE_LAKE has letters"),
    "half of UTF-16": (lambda: dotenv(LINE.encode("utf-16")[:-1]), "it begins like UTF-16, but is not valid UTF-16"),
    "UTF-16 with dashes and no mark": (lambda: dotenv(f"# key — mine\n{LINE}".encode("utf-16-le")), "NUL bytes"),
    "NUL bytes": (lambda: dotenv(b"TRUSTEDLAKE_LAKE=a\0b\n"), "NUL bytes"),
    "NUL bytes only": (lambda: dotenv(bytes(500)), "NUL bytes"),
    "too large": (lambda: dotenv(b"#" * (300 << 10)), "larger than 256 KiB"),
    "a folder": (lambda: Path(".env").mkdir(), "it is not a file"),
    "a pipe": (lambda: os.mkfifo(".env"), "it is not a file"),
    "a device": (lambda: Path(".env").symlink_to("/dev/zero"), "it is not a file"),
    "a link to nothing": (lambda: Path(".env").symlink_to("gone"), "it is a link to nothing"),
    "a link to itself": (lambda: Path(".env").symlink_to(".env"), "it can't be read"),
    "a secret of the environment": (lambda: dotenv("TRUSTEDLAKE_LAKE=/tmp/${TMDB_TOKEN}"), "which is not replaced"),
    "a key of the environment": (lambda: dotenv("TMDB_TOKEN='${TMDB_TOKEN}'"), "which is not replaced"),
}


@pytest.mark.parametrize("name", TOLD)
def test_an_unusable_dotenv_is_reported_in_one_sentence(name: str) -> None:
    make, says = TOLD[name]
    make()
    with pytest.raises(ConfigError) as error:
        Settings()
    assert error.value.message.startswith("the file .env here: ")
    assert says in error.value.message


def test_a_virtual_environment_in_a_folder_called_dotenv_is_ignored() -> None:
    Path(".env").mkdir()
    Path(".env/pyvenv.cfg").touch()
    assert Settings().lake == "./lake"


def test_a_wrong_value_is_reported_with_its_place_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"engine": "duck", "storage": "tape", "workers": "0", "driver_memory": "2g -Dx=y", "s3_sse": "rot13"}
    for field, value in wrong.items():
        dotenv(f"{variable(field)}={value}\n")
        with pytest.raises(ConfigError, match=variable(field)) as error:
            Settings()
        assert (value in error.value.message.split(), ".env" in error.value.hint) == (False, True)
        Path(".env").unlink()
        monkeypatch.setenv(variable(field), value)
        with pytest.raises(ConfigError, match=variable(field)) as error:
            Settings()
        monkeypatch.delenv(variable(field))
        assert "the environment" in error.value.hint


SENT = [
    # .env, environment, --tmdb-url: whether the key of the environment or of the file may go to the address
    ("URL", "TOKEN", False, False),
    ("URL", "API_KEY", False, False),
    ("URL", "ARN", False, False),
    ("URL ARN", "", False, False),
    ("URL TOKEN", "TOKEN", False, False),
    ("URL API_KEY", "TOKEN", False, False),
    ("url", "TOKEN", False, False),
    ("URL TOKEN", "", False, True),
    ("URL API_KEY", "", False, True),
    ("URL TOKEN", "API_KEY", False, True),
    ("URL", "TOKEN", True, True),
    ("TOKEN", "URL", False, True),
    ("URL", "TOKEN URL", False, True),
    ("", "TOKEN URL", False, True),
]


@pytest.mark.parametrize(("inside", "outside", "said", "sent"), SENT)
def test_an_address_from_a_dotenv_gets_only_a_key_from_the_same_dotenv(
    inside: str, outside: str, said: bool, sent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(of_five_films(lambda ask: ask.whole(404))) as server:
        values = {
            "URL": ("TRUSTEDLAKE_TMDB_URL", f"{server.url}/3"),
            "url": ("trustedlake_tmdb_url", f"{server.url}/3"),
            "TOKEN": ("TMDB_TOKEN", SECRET),
            "API_KEY": ("TMDB_API_KEY", SECRET),
            "ARN": ("TRUSTEDLAKE_TMDB_SECRET_ARN", "arn:aws:secretsmanager:us-east-1:000000000000:secret:x"),
        }
        dotenv("".join("{}={}\n".format(*values[word]) for word in inside.split()))
        for word in outside.split():
            monkeypatch.setenv(*values[word])

        def ask() -> None:
            with extractor("lake", f"{server.url}/3" if said else None) as tools:
                assert tools.source.record(Entity.MOVIES, 1, "en-US")

        if sent:
            ask()
            assert len(server.seen) == 1
        else:
            with pytest.raises(ConfigError, match="it is not sent there") as error:
                ask()
            assert server.seen == []
            assert f"--tmdb-url {server.url}/3" in error.value.hint
            assert SECRET not in error.value.message + error.value.hint


def test_tmdbs_own_address_may_stand_in_a_dotenv(monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv(f"TRUSTEDLAKE_TMDB_URL={TMDB}/\n")
    monkeypatch.setenv("TMDB_TOKEN", SECRET)
    with extractor("lake") as tools:
        assert tools.source.address == TMDB


def test_variables_for_aws_and_the_network_are_not_taken_from_a_dotenv() -> None:
    names = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "HTTPS_PROXY", "REQUESTS_CA_BUNDLE", "PATH"]
    before = module.environment()
    dotenv("".join(f"{name}=http://127.0.0.1:9\n" for name in names))
    Settings()
    assert module.environment() == before


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "http://",
        "api.themoviedb.org/3",
        "https://api.themoviedb.org",
        "https://api.themoviedb.org/4",
        "ftp://h/3",
        "file:///3",
        "http://h:99999/3",
        "http://h:x/3",
        "http://h:0/3",
        "http://[::1/3",
        "http://two words/3",
        "http://h\n/3",
        "http://evil.test\\@api.themoviedb.org/3",
        f"http://me:{SECRET}@h/3",
        "http://@h/3",
        f"http://h/3?api_key={SECRET}&x=/3",
        "http://h/#/3",
        "http://exämple/3",
        "http://h/../x y/3",
    ],
)
def test_an_invalid_api_address_is_refused_without_being_shown(address: str) -> None:
    with pytest.raises(ConfigError, match="TRUSTEDLAKE_TMDB_URL") as error:
        checked_url(address, by="TRUSTEDLAKE_TMDB_URL")
    assert SECRET not in error.value.message + error.value.hint


@pytest.mark.parametrize(
    "address", [TMDB, f"{TMDB}/", "http://127.0.0.1:8900/3", "http://[::1]:8900/3", "http://a_b/x/3"]
)
def test_a_valid_api_address_is_accepted(address: str) -> None:
    assert checked_url(address) == address.rstrip("/")


def test_a_tilde_is_the_home_folder_in_every_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    root = Path("~root").expanduser()
    rows: list[tuple[str, Folder]] = [
        ("~", tmp_path / "home"),
        ("~/lago", tmp_path / "home/lago"),
        ("~root/lago", root / "lago"),
        ("./~", tmp_path / "~"),
        ("a/~/b", tmp_path / "a/~/b"),
        ("s3://bucket/~/lago", folder("s3://bucket/~/lago")),
    ]
    assert [folder(given) for given, _ in rows] == [expected for _, expected in rows]
    assert str(rows[-1][1]) == "s3://bucket/~/lago"


@pytest.mark.parametrize("given", ["", " ", "\t", "a\0b", "~nobody-of-that-name/lago"])
def test_an_invalid_path_is_refused(given: str) -> None:
    with pytest.raises(ConfigError):
        folder(given)


def test_a_missing_home_folder_is_an_error_instead_of_a_folder_called_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    for home in ("", "somewhere"):
        monkeypatch.setenv("HOME", home)
        with pytest.raises(ConfigError, match="no home folder"):
            folder("~/lago")


BUNDLES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda _: None, "there is no such file"),
    "empty": (lambda path: path.touch(), "it holds no certificates"),
    "a text": (lambda path: path.write_text("no certificate"), "it holds no certificates"),
}


@pytest.mark.parametrize("kind", BUNDLES)
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_an_unusable_certificate_bundle_is_reported_before_the_first_call(
    name: str, kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make, says = BUNDLES[kind]
    bundle = tmp_path / "authorities.pem"
    make(bundle)
    monkeypatch.setenv(name, str(bundle))
    monkeypatch.setenv("TMDB_TOKEN", SECRET)
    with pytest.raises(ConfigError) as error, extractor("lake", "https://127.0.0.1:9/3"):
        pass
    assert error.value.message == f"{name} names {bundle}: {says}"
    with extractor("lake", ADDRESS):  # http needs none
        pass


def test_certificate_bundles_for_buckets_are_checked_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"ACCESS_KEY_ID": "t", "SECRET_ACCESS_KEY": "t", "REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://127.0.0.1:9")
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "gone.pem"))
        opened = store_at(Roots(folder("s3://bucket/lake")), Settings(), SystemClock())
        with pytest.raises(TrustedLakeError) as error, opened:
            pass
        monkeypatch.delenv(name)
        assert (error.value.exit_code, error.value.message.split()[0]) == (2, name)
        assert str(tmp_path / "gone.pem") in error.value.message
