"""What is built and shipped (source archive, wheel, pins) is reproducible and names no path of one machine."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

import trustedlake

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "data" / "fixtures"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from this checkout with what is installed: nothing is downloaded."""
    out = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel"]
    subprocess.run(
        [*pip, "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(out), str(ROOT)],
        check=True,
        timeout=120,
    )
    (built,) = out.iterdir()
    assert built.name == f"trustedlake-{trustedlake.__version__}-py3-none-any.whl"
    return zipfile.ZipFile(built)


def test_the_wheel_contains_every_module_and_the_type_marker(wheel: zipfile.ZipFile) -> None:
    modules = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*.py")}
    assert modules | {"trustedlake/py.typed"} <= set(wheel.namelist())


def test_the_wheel_contains_the_fixtures_byte_for_byte(wheel: zipfile.ZipFile) -> None:
    wanted = {
        f"trustedlake/fixtures/{path.relative_to(FIXTURES).as_posix()}": path.read_bytes()
        for path in FIXTURES.rglob("*")
        if path.is_file()
    }
    packed = {name: wheel.read(name) for name in wheel.namelist() if name.startswith("trustedlake/fixtures/")}
    assert packed.keys() == wanted.keys()
    assert [name for name in wanted if packed[name] != wanted[name]] == []


def test_the_wheel_contains_the_command_and_the_licence_but_no_tests(wheel: zipfile.ZipFile) -> None:
    info = f"trustedlake-{trustedlake.__version__}.dist-info"
    assert "trustedlake = trustedlake.entrypoints.cli.main:run" in wheel.read(f"{info}/entry_points.txt").decode()
    assert "Apache License" in wheel.read(f"{info}/licenses/LICENSE").decode()
    assert {name.split("/")[0] for name in wheel.namelist()} == {"trustedlake", info}


def built(source: Path, out: Path, *targets: str) -> dict[str, bytes]:
    """What a checkout builds, by name, with what is installed: nothing is downloaded."""
    chosen = [word for target in targets for word in ("--target", target)]
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(out), *chosen]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=120)
    return {file.name: file.read_bytes() for file in out.iterdir()}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Source archive and wheel, built from this checkout."""
    return built(ROOT, tmp_path_factory.mktemp("built"), "sdist", "wheel")


def test_the_source_archive_rebuilds_itself_and_the_wheel_byte_for_byte(
    first: dict[str, bytes], tmp_path: Path
) -> None:
    (archive,) = [name for name in first if name.endswith(".tar.gz")]
    with tarfile.open(fileobj=io.BytesIO(first[archive])) as packed:
        packed.extractall(tmp_path, filter="data")
    source = tmp_path / archive.removesuffix(".tar.gz")
    for file in source.rglob("*.py"):
        os.utime(file, (1_700_000_000, 1_700_000_000))
    again = built(source, tmp_path / "again", "sdist", "wheel")
    assert {name: sha256(data).hexdigest() for name, data in again.items()} == {
        name: sha256(data).hexdigest() for name, data in first.items()
    }


def test_the_source_archive_contains_the_checkout_and_nothing_else(first: dict[str, bytes]) -> None:
    (archive,) = [name for name in first if name.endswith(".tar.gz")]
    with tarfile.open(fileobj=io.BytesIO(first[archive])) as packed:
        members = packed.getmembers()
    assert {(member.isfile(), member.uid, member.gid, member.uname) for member in members} == {(True, 0, 0, "")}
    names = {member.name.partition("/")[2] for member in members}
    assert names - {"PKG-INFO"} == checkout() - NOT_PACKED


NOT_PACKED = {".ci/run", ".gitattributes"}
"""Files of the checkout that whoever gets the source archive has no use for."""


def checkout() -> set[str]:
    """The files of the checkout that are there, but for those that git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return {name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()}


def test_an_installed_wheel_finds_its_fixtures(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    code = "from trustedlake.entrypoints.cli.demo import fixtures_dir; print(fixtures_dir())"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert Path(done.stdout.strip()) == tmp_path / "trustedlake" / "fixtures"


@pytest.mark.parametrize("pins", sorted((ROOT / "constraints").iterdir()), ids=lambda path: path.name)
def test_constraints_pin_names_and_versions_only(pins: Path) -> None:
    lines = pins.read_text(encoding="utf-8").splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!]*", line)] == []


def test_no_file_names_a_registry_or_a_machine() -> None:
    # Written in pieces, so that this file does not find itself.
    hosts = ("pypi" + ".org", "python" + "hosted", "npmjs" + ".org", "crates" + ".io", "repo1." + "maven")
    machine = ("/ro" + "ot/", "/wo" + "rk/", "/tm" + "p/w/")
    texts = {name: (ROOT / name).read_bytes().decode(errors="replace") for name in checkout()}
    found = [f"{name}: {word}" for name, text in sorted(texts.items()) for word in hosts + machine if word in text]
    assert found == []
