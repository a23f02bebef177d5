"""Bodies of /movie/{id} and /tv/{id}: every key of the official description, with the oddities of real data."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from trustedlake.core.genres import MOVIE_GENRES, TV_GENRES
from trustedlake.simulators import vocabulary as words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustedlake.simulators.invented import Draws, Entity, Facts

RECORD_REVENUE = 2_923_706_026
"""US dollars; the largest revenue that TMDB has, above 2^31. Source: field notes of real files."""
MONEY_STEP = 1_000
HANDMADE = 818
"""First keyword number."""

MOVIE_SUMMARY = (
    "adult", "backdrop_path", "id", "original_language", "original_title", "overview", "popularity", "poster_path",
    "release_date", "title", "video", "vote_average", "vote_count",
)  # fmt: skip
TV_SUMMARY = (
    "backdrop_path", "first_air_date", "id", "name", "origin_country", "original_language", "original_name", "overview",
    "popularity", "poster_path", "vote_average", "vote_count",
)  # fmt: skip
SUMMARY: Mapping[Entity, tuple[str, ...]] = {"movie": MOVIE_SUMMARY, "tv": TV_SUMMARY}
"""Keys of a body that /discover shows, too."""


def summary(entity: Entity, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the item as /discover lists it: fewer keys, genres by number."""
    shown = {key: body[key] for key in SUMMARY[entity]}
    return dict(sorted({**shown, "genre_ids": [genre["id"] for genre in body["genres"]]}.items()))


def keywords(draws: Draws) -> list[dict[str, Any]]:
    """Return zero to eight keywords, each with number and name."""
    return [
        {"id": HANDMADE + words.KEYWORDS.index(name), "name": name}
        for name in draws.some(words.KEYWORDS, draws.below(9))
    ]


def movie(facts: Facts, draws: Draws) -> dict[str, Any]:
    """Return a film as /movie/{id} shows it."""
    language, title, original_title = _titles(draws)
    return {
        "adult": False,
        "backdrop_path": _picture(draws),
        "belongs_to_collection": _collection(draws) if draws.one_in(6) else None,
        "budget": 0 if draws.one_in(2) else draws.below(200_000) * MONEY_STEP,
        "genres": [{"id": genre, "name": MOVIE_GENRES[genre]} for genre in facts.genres],
        "homepage": draws.pick(("", "", f"https://films.example/{facts.id}")),
        "id": facts.id,
        "imdb_id": draws.pick((None, "", *[f"tt{9_000_000 + facts.id:07}"] * 10)),
        **_origin(language),
        "original_language": language,
        "original_title": original_title,
        "overview": _overview(draws),
        "popularity": facts.popularity,
        "poster_path": _picture(draws),
        "production_companies": _companies(draws),
        "release_date": _day(facts.released),
        "revenue": _revenue(draws),
        "runtime": draws.pick((None, 0, *[60 + draws.below(130)] * 10)),
        "status": "Released" if facts.released else draws.pick(("Rumored", "Planned", "Post Production")),
        "tagline": draws.pick(words.TAGLINES),
        "title": title,
        "video": draws.one_in(50),
        "vote_average": facts.vote_average,
        "vote_count": facts.vote_count,
    }


def series(facts: Facts, draws: Draws) -> dict[str, Any]:
    """Return a series as /tv/{id} shows it."""
    language, name, original_name = _titles(draws)
    running = draws.one_in(4)
    seasons = 1 + draws.below(6)
    episodes = 4 + draws.below(20)
    last = facts.released + timedelta(days=365 * (seasons - 1) + 7 * episodes) if facts.released else None
    return {
        "adult": False,
        "backdrop_path": _picture(draws),
        "created_by": _creators(draws),
        "episode_run_time": draws.pick(([], [45], [25, 50])),
        "first_air_date": _day(facts.released),
        "genres": [{"id": genre, "name": TV_GENRES[genre]} for genre in facts.genres],
        "homepage": draws.pick(("", f"https://series.example/{facts.id}")),
        "id": facts.id,
        "in_production": running,
        "languages": [language],
        "last_air_date": last.isoformat() if last else None,
        "last_episode_to_air": _episode(facts, last, seasons, episodes) if last else None,
        "name": name,
        "next_episode_to_air": None,
        "networks": [{"id": 49, "logo_path": None, "name": draws.pick(words.NETWORKS), "origin_country": "US"}],
        "number_of_episodes": seasons * episodes,
        "number_of_seasons": seasons,
        **_origin(language),
        "original_language": language,
        "original_name": original_name,
        "overview": _overview(draws),
        "popularity": facts.popularity,
        "poster_path": _picture(draws),
        "production_companies": _companies(draws),
        "seasons": [_season(facts, number, episodes) for number in range(1, seasons + 1)],
        "status": "Returning Series" if running else draws.pick(("Ended", "Canceled")),
        "tagline": draws.pick(words.TAGLINES),
        "type": draws.pick(("Scripted", "Miniseries", "Documentary")),
        "vote_average": facts.vote_average,
        "vote_count": facts.vote_count,
    }


BODY: Mapping[Entity, Callable[[Facts, Draws], dict[str, Any]]] = {"movie": movie, "tv": series}


def _day(released: date | None) -> str:
    return released.isoformat() if released else ""


def _titles(draws: Draws) -> tuple[str, str, str]:
    """Return original language, title, and title in the original language; some items have no English title."""
    language = draws.pick(words.LANGUAGES)
    english = draws.pick(
        (
            f"The {draws.pick(words.ADJECTIVES)} {draws.pick(words.NOUNS)}",
            f"{draws.pick(words.NOUNS)} of {draws.pick(words.PLACES)}",
            f'"{draws.pick(words.NOUNS)}" & Other Lies',
            f"{draws.pick(words.ADJECTIVES)} {draws.pick(words.NOUNS)}: Part {draws.below(9) + 1}",
        )
    )
    if language == "en":
        return language, english, english
    original = draws.pick(words.ORIGINAL_TITLES[language])
    return language, original if draws.one_in(3) else english, original


def _overview(draws: Draws) -> str:
    if draws.one_in(20):
        return ""
    first, *others = draws.some(words.SENTENCES, 1 + draws.below(4))
    return first + "".join(draws.pick(words.BREAKS) + sentence for sentence in others)


def _picture(draws: Draws) -> str | None:
    return None if draws.one_in(10) else f"/{draws.below(1 << 64):016x}.jpg"


def _revenue(draws: Draws) -> int:
    if draws.one_in(50):
        return RECORD_REVENUE - draws.below(700_000) * MONEY_STEP
    return 0 if draws.one_in(2) else draws.below(500_000) * MONEY_STEP


def _collection(draws: Draws) -> dict[str, Any]:
    place = draws.below(len(words.COLLECTIONS))
    return {
        "id": 10 + place,
        "name": words.COLLECTIONS[place],
        "poster_path": _picture(draws),
        "backdrop_path": _picture(draws),
    }


def _companies(draws: Draws) -> list[dict[str, Any]]:
    return [
        {"id": 1 + words.COMPANIES.index(name), "logo_path": None, "name": name, "origin_country": ""}
        for name in draws.some(words.COMPANIES, draws.below(3))
    ]


def _origin(language: str) -> dict[str, Any]:
    english_name, name, country = words.LANGUAGE_NAMES[language]
    return {
        "origin_country": [country],
        "production_countries": [{"iso_3166_1": country, "name": words.COUNTRIES[country]}],
        "spoken_languages": [{"english_name": english_name, "iso_639_1": language, "name": name}],
    }


def _creators(draws: Draws) -> list[dict[str, Any]]:
    return [
        {
            "id": 9_813 + words.PEOPLE.index(name),
            "credit_id": f"{draws.below(1 << 60):024x}",
            "name": name,
            "gender": draws.below(3),
            "profile_path": None,
        }
        for name in draws.some(words.PEOPLE, draws.below(3))
    ]


def _season(facts: Facts, number: int, episodes: int) -> dict[str, Any]:
    begins = facts.released + timedelta(days=365 * (number - 1)) if facts.released else None
    return {
        "air_date": begins.isoformat() if begins else None,
        "episode_count": episodes,
        "id": facts.id * 100 + number,
        "name": f"Season {number}",
        "overview": "",
        "poster_path": None,
        "season_number": number,
        "vote_average": facts.vote_average,
    }


def _episode(facts: Facts, aired: date, season: int, number: int) -> dict[str, Any]:
    return {
        "id": facts.id * 10_000 + season * 100 + number,
        "name": f"Episode {number}",
        "overview": "",
        "vote_average": facts.vote_average,
        "vote_count": facts.vote_count,
        "air_date": aired.isoformat(),
        "episode_number": number,
        "production_code": "",
        "runtime": None,
        "season_number": season,
        "show_id": facts.id,
        "still_path": None,
    }
