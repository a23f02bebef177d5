"""Dockerfiles, compose.yaml and Makefile agree with the package and each other; `make image` builds them."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import click
import pytest
import yaml

from trustedlake.entrypoints.cli.main import main
from trustedlake.entrypoints.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILES = [ROOT / "Dockerfile", ROOT / "deploy/minio/Dockerfile"]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OURS = [name for name, service in SERVICES.items() if service["image"] == "trustedlake"]

Instructions: TypeAlias = list[tuple[str, str]]

each_dockerfile = pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.relative_to(ROOT).as_posix())

GROUP = click.Context(main, **main.context_settings)


def instructions(path: Path) -> Instructions:
    """(word, rest) of each instruction; a line that is continued is one, `${NAME}` is the ARG's default."""
    text = re.sub(r"^#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    defaults = dict(re.findall(r"^ARG (\w+)=(\S+)$", text, re.MULTILINE))
    filled = re.sub(r"\$\{(\w+)\}", lambda name: defaults[name[1]], text)
    return [
        (word, " ".join(rest.split()))
        for word, _, rest in (line.partition(" ") for line in filled.splitlines() if line)
    ]


def last_stage(path: Path) -> Instructions:
    found = instructions(path)
    return found[max(at for at, (word, _) in enumerate(found) if word == "FROM") :]


def rests(found: Instructions, wanted: str) -> list[str]:
    return [rest for word, rest in found if word == wanted]


def taken(arguments: list[str]) -> None:
    """Fails unless `trustedlake` takes these arguments."""
    if arguments == ["--help"]:
        return
    command = main.get_command(click.Context(main), arguments[0])
    assert command is not None, arguments
    command.make_context(arguments[0], arguments[1:], parent=GROUP)


@each_dockerfile
def test_base_images_are_slim_or_official_and_have_a_version(path: Path) -> None:
    stages = {rest.split(" AS ")[1] for rest in rests(instructions(path), "FROM") if " AS " in rest}
    bases = {rest.split(" AS ")[0] for rest in rests(instructions(path), "FROM")} - stages
    assert bases <= {"debian:trixie-slim", "golang:1.26-trixie"}


@each_dockerfile
def test_the_container_does_not_run_as_root(path: Path) -> None:
    users = rests(last_stage(path), "USER")
    assert len(users) == 1
    assert int(users[0]) > 0, "a number, so that an orchestrator can tell that it isn't root"


@each_dockerfile
def test_the_image_contains_no_key_certificate_or_registry_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    set_here = re.findall(r"^(?:ARG|ENV) .*", "\n".join(map(" ".join, instructions(path))), re.MULTILINE)
    assert not [line for line in set_here if re.search(r"KEY|SECRET|TOKEN|PASSWORD|INDEX|PROXY", line)]
    assert not re.search(r"https?://|\.crt|\.pem|pip\.conf|--index-url|--trusted-host", text)


def test_the_image_installs_existing_extras_in_pinned_versions() -> None:
    (install,) = (rest for rest in rests(instructions(DOCKERFILES[0]), "RUN") if "--python" in rest)
    words = shlex.split(install)
    (asked,) = re.findall(r"^\.\[(.*)\]$", words[-1])
    assert set(asked.split(",")) <= PROJECT["project"]["optional-dependencies"].keys()
    assert (
        words[words.index("--constraint") + 1] == words[words.index("--build-constraint") + 1] == "constraints/dev.txt"
    )


def test_the_image_keeps_no_build_tools() -> None:
    final = last_stage(DOCKERFILES[0])
    installed = re.findall(r"apt-get install --yes --no-install-recommends (.*?) &&", " ".join(rests(final, "RUN")))
    assert [package.split() for package in installed] == [["libnss-myhostname", "python3"]]
    assert rests(final, "COPY") == ["--from=build /opt/trustedlake /opt/trustedlake"]
    assert "python3 -m venv --without-pip /opt/trustedlake" in " ".join(rests(instructions(DOCKERFILES[0]), "RUN"))


def test_the_build_context_has_only_what_the_wheel_is_built_from() -> None:
    copies = [
        rest.split()[:-1] for rest in rests(instructions(DOCKERFILES[0]), "COPY") if not rest.startswith("--from")
    ]
    copied = {source for sources in copies for source in sources}
    everything, *lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()[1:]
    assert everything == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == copied
    assert all((ROOT / source).exists() for source in copied)
    project, wheel = PROJECT["project"], PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"pyproject.toml", project["readme"], *project["license-files"], *wheel["force-include"]}
    assert needed | {Path(package).parts[0] for package in wheel["packages"]} <= copied


def test_the_image_runs_the_command_and_uses_doctor_as_health_check() -> None:
    final = last_stage(DOCKERFILES[0])
    (entry,), (default,), (health,) = (rests(final, word) for word in ("ENTRYPOINT", "CMD", "HEALTHCHECK"))
    assert json.loads(entry) == list(PROJECT["project"]["scripts"])
    taken(json.loads(default))
    name, *arguments = json.loads(health.partition("CMD ")[2])
    assert [name] == json.loads(entry)
    taken(arguments)
    assert rests(final, "STOPSIGNAL") == ["SIGINT"]
    assert "SPARK_LOCAL_IP=127.0.0.1" in " ".join(rests(final, "ENV")).split()


def test_the_same_minio_version_is_used_everywhere() -> None:
    named = {
        path: set(re.findall(r"v0\.0\.0-[0-9]{14}-[0-9a-f]{12}", path.read_text(encoding="utf-8")))
        for path in [ROOT / "Makefile", ROOT / "compose.yaml", *DOCKERFILES, *ROOT.glob("docs/**/*.md")]
    }
    assert len(named[ROOT / "Makefile"]) == 1
    assert named[DOCKERFILES[1]] == named[ROOT / "Makefile"]
    assert set.union(*named.values()) == named[ROOT / "Makefile"]


@pytest.mark.parametrize("name", [name for name in OURS if "command" in SERVICES[name]])
def test_compose_calls_existing_commands(name: str) -> None:
    taken(SERVICES[name]["command"])


def test_compose_builds_from_folders_with_a_dockerfile() -> None:
    for service in SERVICES.values():
        assert (ROOT / service["build"] / "Dockerfile") in DOCKERFILES


def test_compose_waits_only_for_conditions_that_can_be_met() -> None:
    graph = {name: service.get("depends_on", {}) for name, service in SERVICES.items()}
    order = list(TopologicalSorter(graph).static_order())
    assert [name for name in order if name in OURS and name != "tmdb"] == ["bucket", "ingest-tmdb", "to-trusted"]
    for awaited in graph.values():
        for name, how in awaited.items():
            dockerfile = ROOT / SERVICES[name]["build"] / "Dockerfile"
            check = SERVICES[name].get("healthcheck", {"test": rests(last_stage(dockerfile), "HEALTHCHECK")})
            stays = bool(check.get("test"))
            assert how == {"condition": "service_healthy" if stays else "service_completed_successfully"}, name


def test_compose_points_to_its_own_services() -> None:
    minio = rests(last_stage(DOCKERFILES[1]), "CMD")
    simulator = main.get_command(click.Context(main), "simulate-tmdb")
    assert simulator is not None
    command = SERVICES["tmdb"]["command"]
    serving = simulator.make_context(command[0], command[1:], parent=GROUP).params
    assert serving["host"] == "0.0.0.0"
    for name in OURS:
        environ = SERVICES[name]["environment"]
        tmdb, store = (urlsplit(environ[key]) for key in ("TRUSTEDLAKE_TMDB_URL", "AWS_ENDPOINT_URL_S3"))
        assert (tmdb.hostname, tmdb.port, tmdb.path) == ("tmdb", serving["port"], "/3")
        assert (store.hostname, f":{store.port}" in json.loads(minio[-1])) == ("minio", True)
        assert environ["TMDB_TOKEN"] == serving["token"]
        assert environ["TRUSTEDLAKE_LAKE"] == "s3://lake"
        prefix = "TRUSTEDLAKE_"
        assert {
            key.removeprefix(prefix).lower() for key in environ if key.startswith(prefix)
        } <= Settings.model_fields.keys()
    assert 'create_bucket(Bucket="lake")' in SERVICES["bucket"]["entrypoint"][-1]


def test_compose_publishes_ports_only_on_localhost() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_compose_has_no_keys_except_the_defaults_of_the_store() -> None:
    keys = {
        value
        for service in SERVICES.values()
        for key, value in service["environment"].items()
        if re.search(r"KEY|SECRET|TOKEN|PASSWORD|USER", key)
    }
    assert keys == {"${MINIO_ROOT_USER:-minioadmin}", "${MINIO_ROOT_PASSWORD:-minioadmin}", "offline"}


def test_compose_declares_the_volumes_it_mounts() -> None:
    mounted = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert mounted == COMPOSE["volumes"].keys()
