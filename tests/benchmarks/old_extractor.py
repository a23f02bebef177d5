"""The method of the extractor that this project replaces, as a process to measure.

`python -m tests.benchmarks.old_extractor URL TOKEN FOLDER FILMS`: pages one after another until there are enough films,
then two calls a film, one after another, a new connection for each call, a pause of 0.1 s after each film and of 0.5 s
after each file of 100. Prints `{"films": …, "calls": …}`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import requests

PER_FILE = 100
FILM_PAUSE_S = 0.1
FILE_PAUSE_S = 0.5
TIMEOUT_S = 20


class Calls:
    """Asks TMDB, and counts."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self.made = 0

    def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """The JSON under a path."""
        self.made += 1
        answer = requests.get(f"{self._url}/{path}", query, headers=self._headers, timeout=TIMEOUT_S)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body


def extract(calls: Calls, folder: Path, wanted: int) -> int:
    """Write the most popular films of the genres Crime and War; return how many."""
    ids: list[int] = []
    page = 0
    while len(ids) < wanted:
        page += 1
        listed = calls.get("discover/movie", with_genres="80|10752", sort_by="popularity.desc", page=page)["results"]
        ids += [film["id"] for film in listed]
    films: list[dict[str, Any]] = []
    for number, movie in enumerate(ids[:wanted], start=1):
        films.append(calls.get(f"movie/{movie}") | {"keywords": calls.get(f"movie/{movie}/keywords")["keywords"]})
        time.sleep(FILM_PAUSE_S)
        if not number % PER_FILE:
            (folder / f"filmes_{number // PER_FILE:03}.json").write_text(json.dumps(films), encoding="utf-8")
            films = []
            time.sleep(FILE_PAUSE_S)
    return wanted


def main(url: str, token: str, folder: str, wanted: str) -> None:
    """Extract, and say what it took."""
    calls = Calls(url, token)
    films = extract(calls, Path(folder), int(wanted))
    print(json.dumps({"films": films, "calls": calls.made}))  # noqa: T201 - what it is called for


if __name__ == "__main__":
    main(*sys.argv[1:])
