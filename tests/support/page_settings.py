"""What the reader of a page has: files, a lake, servers, and what the made-up names on the page stand for.

Each setting is a generator: what stands before its `yield` is there before the page's first block, what stands after it
looks at what came of the last.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pyarrow.parquet as pq

from tests.support.buckets import credentials, store_in
from tests.support.cluster import free_ports
from tests.support.glue_home import AWSGLUE
from tests.support.minio import USER
from tests.support.openlineage import check, events_in, receiving, short
from tests.support.pages import blocks
from tests.support.published_lake import publish_rows
from tests.support.strict_glue import glue_environment
from tests.support.trials import FIXTURES, MOVIES, REPO, Trial, film, films, give_a_past
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.page_stage import Stage

DAY = f"{MOVIES}/2025/06/17"
URL = "http://127.0.0.1:8900/3"
TRIPS = """id_viagem;partida;chegada;distancia_km;valor;motorista
1;2025-06-17 08:00:00;2025-06-17 09:30:00;71,5;120,00;Ana
2;2025-06-17 10:15:00;2025-06-17 10:40:00;9,25;33,90;Bruno
3;2025-06-17 11:00:00;;8,00;30,00;Ana
"""


@contextmanager
def nothing(_stage: Stage) -> Iterator[None]:
    """An empty folder."""
    yield


@contextmanager
def fixture_lake(stage: Stage) -> Iterator[None]:
    """The invented films as they are in Raw."""
    shutil.copytree(FIXTURES / "lake", stage.lake)
    yield


@contextmanager
def published_lake(stage: Stage) -> Iterator[None]:
    """The invented films, published."""
    shutil.copytree(FIXTURES / "lake", stage.lake)
    for source in ("tmdb", "csv"):
        trial_of(stage).run(source)
    yield


def trial_of(stage: Stage) -> Trial:
    """The lake of the stage, and an engine that is running already."""
    return Trial(stage.lake, stage.request.getfixturevalue("sail_engine"))


@contextmanager
def contract_files(stage: Stage) -> Iterator[None]:
    """The page's contract, and one that was changed."""
    (example, *_) = blocks(REPO / "docs/reference/contract-file.md", "yaml")
    for name in ("people", "old", "new"):
        text = example.replace("description: One row", "description: A row") if name == "new" else example
        (stage.folder / f"{name}.odcs.yaml").write_text(text, encoding="utf-8")
    with published_lake(stage):
        yield


@contextmanager
def lake_to_audit(stage: Stage) -> Iterator[None]:
    """The published films, which the page calls otherwise."""
    stage.values["--table filmes"] = "--table tmdb_movies"
    with published_lake(stage):
        yield


@contextmanager
def lake_in_a_bucket(stage: Stage) -> Iterator[None]:
    """The published films in a folder that stands for the page's bucket: what is asked there is the same."""
    stage.values["s3://my-bucket"] = "lake"
    with published_lake(stage):
        yield


@contextmanager
def lake_to_query(stage: Stage) -> Iterator[None]:
    """The published films, and a query in a file."""
    stage.values["s3://bucket/lake"] = "lake"
    (stage.folder / "report.sql").write_text("SELECT ano, count(*) FROM tmdb_movies GROUP BY ano\n", encoding="utf-8")
    with published_lake(stage):
        yield


@contextmanager
def drifted_lake(stage: Stage) -> Iterator[None]:
    """A day that has lost `vote_average`, and a file that no table takes."""
    trial = trial_of(stage)
    trial.put(f"{DAY}/a.json", films(5))
    trial.run(entity="movies")
    lost = [{name: value for name, value in one.items() if name != "vote_average"} for one in films(3, 6)]
    trial.put(f"{MOVIES}/2025/06/18/a.json", lost)
    trial.put("Raw/TMDB/JSON/Actors/2025/x.json", "[]")
    trial.run(entity="movies")
    yield


@contextmanager
def lake_with_a_past(stage: Stage) -> Iterator[None]:
    """Two published days, one with drift and rejected films; a refused one; files that no run or no table takes."""
    give_a_past(trial_of(stage))
    yield


@contextmanager
def two_runs(stage: Stage) -> Iterator[None]:
    """Two runs, which the page names by their starts."""
    trial = trial_of(stage)
    trial.put(f"{DAY}/a.json", films(5))
    names = [trial.run(entity="movies").run_id]
    trial.put(f"{MOVIES}/2025/06/18/a.json", films(3))
    names.append(trial.run(entity="movies").run_id)
    stage.values |= {"20260617T1011": names[0], "20260618T1011": names[1]}
    yield


@contextmanager
def wrong_record(stage: Stage) -> Iterator[None]:
    """A day with a film whose vote is out of range."""
    trial = trial_of(stage)
    trial.put(f"{DAY}/filmes_001.json", [*films(2), film(3, vote_average=99)])
    trial.run(entity="movies")
    yield
    assert json.loads((stage.folder / "record.json").read_text())["vote_average"] == 9.9


@contextmanager
def corrected_the_day_after(stage: Stage) -> Iterator[None]:
    """The film came right on the next day, so the first day's warning is still open."""
    trial = trial_of(stage)
    trial.put(f"{DAY}/filmes_001.json", [*films(2), film(3, vote_average=99)])
    trial.run(entity="movies")
    trial.put(f"{MOVIES}/2025/06/18/a.json", [film(3)])
    trial.run(entity="movies")
    yield


@contextmanager
def folders_by_genre(stage: Stage) -> Iterator[None]:
    """Films in folders of their own, by genre, in English and in Portuguese."""
    for number, name in enumerate(("Crime_Movies", "War_Movies", "Filmes_Crime", "Filmes_Guerra")):
        day = stage.folder / "raw" / name / "2025/06/17"
        day.mkdir(parents=True)
        (day / "a.json").write_text(json.dumps(films(2, 1 + 2 * number)), encoding="utf-8")
    yield
    assert len(list((stage.folder / "Trusted/tmdb/movies").rglob("*.parquet"))) == 1


@contextmanager
def other_folders(stage: Stage) -> Iterator[None]:
    """The same, and a lake whose films come from outside of it."""
    stage.lake.mkdir()
    stage.values["../drop"] = "drop"
    day = stage.folder / "drop/2025/06/17"
    day.mkdir(parents=True)
    (day / "a.json").write_text(json.dumps(films(2)), encoding="utf-8")
    trial_of(stage).run(entity="movies", inputs=("../drop",), target="Trusted/films")
    with folders_by_genre(stage):
        yield


@contextmanager
def unreadable_file(stage: Stage) -> Iterator[None]:
    """A day with a file that is cut off."""
    trial = trial_of(stage)
    trial.put(f"{DAY}/filmes_001.json", films(30))
    trial.put(f"{DAY}/filmes_007.json", b'[{"movie_id": 2')
    yield


@contextmanager
def vanished_file(stage: Stage) -> Iterator[None]:
    """A published file that is gone from Raw."""
    trial = trial_of(stage)
    trial.put(f"{DAY}/a.json", films(2))
    gone = trial.put(f"{MOVIES}/2025/06/18/a.json", films(2))
    trial.run(entity="movies")
    gone.unlink()
    yield


@contextmanager
def orders(stage: Stage) -> Iterator[None]:
    """The orders of the page, as a shop exports them."""
    for day in (17, 18):
        lines = [
            f"{170000 + 60 * (day - 17) + number};{1 + number % 28:02}/01/2025;Cliente {number % 7};{27 + number},00;"
            f"{'NS'[number % 2]};caneta, livro"
            for number in range(60)
        ]
        folder = stage.folder / f"downloads/2025/06/{day}"
        folder.mkdir(parents=True)
        text = "\n".join(["Pedido;Data;Cliente;Valor;Pago;Itens", *lines, ""]).replace("livro", "lápis")
        (folder / "pedidos.csv").write_text(text, encoding="latin-1")
    yield


@contextmanager
def trips(stage: Stage) -> Iterator[None]:
    """Two days of trips."""
    for day in ("17", "18"):
        folder = stage.lake / f"Raw/trips/2025/06/{day}"
        folder.mkdir(parents=True)
        (folder / "trips.csv").write_text(TRIPS.replace("-17 ", f"-{day} "), encoding="utf-8")
    yield
    kilometres: list[Any] = []
    for file in sorted((stage.lake / "Trusted").rglob("*.parquet")):
        kilometres += pq.ParquetFile(file).read(["distancia_km"]).column(0).to_pylist()
    assert sorted(float(value) for value in kilometres) == [8.0, 8.0, 9.25, 9.25, 71.5, 71.5]


@contextmanager
def offline_tmdb(stage: Stage) -> Iterator[None]:
    """A TMDB with a key, as `.env` has it, and few films; of these none is of both genres that the page names."""
    stage.values["Horror,Thriller"] = "Crime,War"
    with TmdbSimulator(films=300, series=40, token="offline") as tmdb:
        stage.environ |= {"TRUSTEDLAKE_TMDB_URL": tmdb.url, "TMDB_TOKEN": tmdb.token}
        yield


@contextmanager
def served_tmdb(stage: Stage) -> Iterator[None]:
    """The page starts its own TMDB: on a free port here, with fewer films."""
    (port,) = free_ports(1)
    stage.values |= {"--port 8900": f"--port {port} --films 100", URL: f"http://127.0.0.1:{port}/3"}
    stage.environ["TRUSTEDLAKE_TMDB_URL"] = f"http://127.0.0.1:{port}/3"
    yield


@contextmanager
def served_tmdb_with_a_key(stage: Stage) -> Iterator[None]:
    """The same, and the key of the page is one that it takes."""
    stage.values["eyJhbGciOi..."] = "offline"
    with served_tmdb(stage):
        yield


@contextmanager
def library(stage: Stage) -> Iterator[None]:
    """The invented films, and a Java for sessions of the reader's own."""
    stage.with_java()
    with fixture_lake(stage):
        yield
    for folder, rows in (("trusted", 36), ("quarantine", 4)):
        files = (stage.folder / "out" / folder).rglob("*.parquet")
        assert sum(pq.read_metadata(file).num_rows for file in files) == rows


@contextmanager
def own_job(stage: Stage) -> Iterator[None]:
    """The invented films, orders of the page's own table, a session, and what a checkout has."""
    stage.with_java(session=True)
    trial_of(stage).put("Raw/orders/2025/06/17/a.json", {"data": [{"order_id": 1, "amount": {"total": 2.5}}]})
    shutil.copytree(FIXTURES / "lake", stage.lake, dirs_exist_ok=True)
    (stage.folder / "cli.py").symlink_to(REPO / "cli.py")
    yield
    assert len(trial_of(stage).rows("Trusted/orders")) == 1


@contextmanager
def glue_job(stage: Stage) -> Iterator[None]:
    """An `awsglue`, and a folder that stands for the page's bucket."""
    stage.with_java()
    stage.values["s3://my-lake"] = str(stage.lake)
    stage.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(AWSGLUE), stage.environ.get("PYTHONPATH")]))
    with fixture_lake(stage):
        yield


@contextmanager
def session_on_a_cluster(stage: Stage) -> Iterator[None]:
    """A session, and a folder that stands for the page's bucket."""
    stage.with_java(session=True)
    stage.values["s3://lake/"] = f"{stage.lake}/"
    with fixture_lake(stage):
        yield


@contextmanager
def told(stage: Stage) -> Iterator[None]:
    """A lake of one day; a webhook, a program for mails and a lineage server that listen."""
    day = stage.lake / DAY
    day.mkdir(parents=True)
    (day / "a.json").write_text(json.dumps(films(2)), encoding="utf-8")
    mail = stage.folder / "mail"
    mail.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {stage.folder}/words\ncat > {stage.folder}/body\n')
    mail.chmod(0o755)
    stage.environ["PATH"] = os.pathsep.join([str(stage.folder), stage.environ["PATH"]])
    stage.script = "tell.sh"
    with receiving() as heard, receiving() as lineage:
        stage.values |= {"https://hooks.example.com/films": heard.url, "http://127.0.0.1:5000": lineage.url}
        stage.environ["WEBHOOK"] = heard.url
        yield
    report, words = heard.events
    assert (report["exit_code"], report["tables"][0]["status"]) == (0, "published")
    assert words == {"text": "trustedlake: exit code 0: tmdb_movies: unchanged"}
    assert (stage.folder / "words").read_text().splitlines() == ["-s", "films: a run ended", "ops@example.com"]
    assert json.loads((stage.folder / "body").read_text())["exit_code"] == 0
    kept = events_in(stage.folder / "events.jsonl")
    check(lineage.events + kept)
    states = [("START", "to_trusted.tmdb_movies"), ("COMPLETE", "to_trusted.tmdb_movies")]
    assert short(lineage.events) == short(kept) == states


@contextmanager
def bucket_on_minio(stage: Stage) -> Iterator[None]:
    """A MinIO with a bucket, and an offline TMDB."""
    url = stage.request.getfixturevalue("minio_url")
    client = boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id=USER, aws_secret_access_key=USER
    )
    client.create_bucket(Bucket="lake")
    with TmdbSimulator(films=100, token="offline") as tmdb:
        stage.values |= {"http://127.0.0.1:9000": url, URL: tmdb.url}
        yield
    _require_films(client, "lake", "")


@contextmanager
def bucket_on_aws(stage: Stage) -> Iterator[None]:
    """A simulated AWS in which a profile of the reader's has a bucket."""
    url = stage.request.getfixturevalue("moto_url")
    home = stage.folder / ".aws"
    home.mkdir()
    services = (
        f"[profile films]\nregion = sa-east-1\nservices = here\n\n[services here]\ns3 =\n  endpoint_url = {url}\n"
    )
    (home / "config").write_text(services)
    (home / "credentials").write_text("[films]\naws_access_key_id = AKIATESTING\naws_secret_access_key = testing\n")
    keys = {name.lower(): value for name, value in credentials("").items() if name.endswith(("KEY", "KEY_ID"))}
    client = boto3.client("s3", endpoint_url=url, region_name="sa-east-1", **keys)
    client.create_bucket(Bucket="my-bucket", CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
    with TmdbSimulator(films=100) as tmdb:
        stage.environ |= {"HOME": str(stage.folder), "TRUSTEDLAKE_TMDB_URL": tmdb.url, "TMDB_TOKEN": tmdb.token}
        yield
    _require_films(client, "my-bucket", "lake/")


def _require_films(client: Any, bucket: str, prefix: str) -> None:
    listed = client.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}Trusted/TMDB/Parquet/Movies/ano=")
    client.close()
    assert any(one["Key"].endswith("part-00000.parquet") for one in listed.get("Contents", []))


@contextmanager
def bucket_and_catalog(stage: Stage) -> Iterator[None]:
    """A published lake in a bucket of the simulated AWS, whose catalog is empty, and one in a folder."""
    bucket = stage.request.getfixturevalue("bucket")
    publish_rows(store_in(bucket, "lake"), {"ano=2025/mes=06/dia=17": [{"movie_id": 1, "title": "One"}]})
    url = stage.request.getfixturevalue("moto_url")
    stage.environ |= credentials(url) | glue_environment(url)
    stage.values["s3://bucket/lake"] = f"s3://{bucket}/lake"
    with published_lake(stage):
        yield
