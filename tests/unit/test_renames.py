"""When a key that is new in a file is reported as the new name of a column, by its name or by its values."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tests.support.framed import frame
from tests.support.python_contracts import contract, text, whole
from trustedlake.core.inferring.meanings import mean_the_same
from trustedlake.core.renames import Before, Rename, find_renames
from trustedlake.models.column import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

PRICE = Column(name="price", type="double")
AMOUNT = Column(name="amount", type="decimal(10,2)")
BORN = Column(name="born", type="date")
SEEN = Column(name="seen", type="timestamp")
SOLD = Column(name="sold", type="boolean")
CITY, STARS, STOCK = text("city"), whole("stars"), whole("stock")

CITIES = ("Porto", "Lima", "Natal", "Quito", "Vigo")


def records(number: int = 20, first: int = 0, **columns: Callable[[int], Any]) -> list[dict[str, Any]]:
    """Records with the keys `s0`, `s1` and so on, and in each column the value that its function gives."""
    numbers = range(first, first + number)
    return [{"sku": f"s{n}", **{name: value(n) for name, value in columns.items()}} for n in numbers]


def renames(
    before: Sequence[dict[str, Any]],
    now: Sequence[dict[str, Any]],
    *gone: Column,
    known: frozenset[str] = frozenset(),
    key: str = "sku",
) -> dict[str, Rename]:
    """What is reported about a file with the records `now` that lacks the columns `gone`, after a day with `before`."""
    columns = {one.name: one for one in (text("sku"), text("other"), *gone)}
    table = contract(columns=list(columns.values()), key=(key,))
    facts = frame(json.dumps(now), framing=table.framing()).facts

    def earlier(column: Column, wanted: Collection[tuple[str, ...]]) -> Before:
        values: dict[tuple[str, ...], Any] = {(str(one[key]),): _typed(one[column.name], column) for one in before}
        asked = {record: value for record, value in values.items() if record in wanted}
        return Before(asked, frozenset(values.values()), known)

    return find_renames(
        [column for column in table.columns if column.name in {one.name for one in gone}], facts, earlier
    )


def _typed(value: Any, column: Column) -> Any:
    """The value as a published row has it."""
    normal = column.kind.normal(value if isinstance(value, str) else json.dumps(value), column.notation)
    return column.kind.decode(pa.array([normal]))[0].as_py()


def price(n: int) -> float:
    return n * 1.25 + 3


def city(n: int) -> str:
    return CITIES[n % 5]


def stars(n: int) -> int:
    return n * 7 % 5 + 1


SAME: dict[str, tuple[Column, Any, Callable[[int], Any]]] = {
    "a price": (PRICE, price, price),
    "a price as text": (PRICE, price, lambda n: str(price(n))),
    "a decimal": (AMOUNT, lambda n: f"{n}.50", lambda n: f"{n}.5"),
    "a city": (CITY, city, city),
    "a date": (BORN, lambda n: str(date(2025, 1, 1) + timedelta(n)), lambda n: str(date(2025, 1, 1) + timedelta(n))),
    "a time": (SEEN, lambda n: f"2025-01-01T00:00:{n:02}Z", lambda n: f"2025-01-01T00:00:{n:02}Z"),
    "a few stars": (STARS, stars, stars),
    "yes or no": (SOLD, lambda n: n % 2 == 0, lambda n: n % 2 == 0),
    "two changed": (PRICE, price, lambda n: price(n) + (n < 2)),
}


@pytest.mark.parametrize("case", SAME)
def test_the_same_values_for_the_same_records_are_a_rename_whatever_the_name_is(case: str) -> None:
    column, was, now = SAME[case]
    found = renames(records(**{column.name: was}), records(xyz=now), column)
    equal = 18 if case == "two changed" else 20
    assert found == {column.name: Rename("xyz", f"{equal} of 20 records have the same value as before")}


OTHERS: dict[str, tuple[Column, Any, Callable[[int], Any]]] = {
    "other small numbers": (STARS, stars, lambda n: n * 3 % 5 + 1),
    "the same small numbers for other records": (STARS, stars, lambda n: stars(n + 1)),
    "mostly ones": (STOCK, lambda n: 1 + (n == 3), lambda n: 1 + (n == 5)),
    "one value everywhere": (CITY, lambda _: "EUR", lambda _: "EUR"),
    "only half are equal": (PRICE, price, lambda n: price(n) + n % 2),
    "the same cities for other records": (CITY, city, lambda n: city(n + 1)),
    "another type": (PRICE, price, city),
    "yes or no": (SOLD, lambda n: n % 2 == 0, lambda n: n % 3 == 0),
}


@pytest.mark.parametrize("case", OTHERS)
def test_other_values_for_the_same_records_are_no_rename(case: str) -> None:
    column, was, now = OTHERS[case]
    assert renames(records(**{column.name: was}), records(xyz=now), column) == {}


NEW_RECORDS: dict[str, tuple[Column, Any, Callable[[int], Any], int]] = {
    "cities that were there": (CITY, city, city, 20),
    "numbers that say something": (STOCK, lambda n: n % 9 * 7919, lambda n: n % 9 * 7919, 20),
    "small numbers, as in any column": (STARS, stars, stars, 0),
    "prices, as in any column": (PRICE, lambda n: n % 5 + 0.99, lambda n: n % 5 + 0.99, 0),
    "dates, as in any column": (BORN, lambda n: f"2025-01-0{n % 5 + 1}", lambda n: f"2025-01-0{n % 5 + 1}", 0),
    "two words only": (CITY, lambda n: ("yes", "no")[n % 2], lambda n: ("yes", "no")[n % 2], 0),
    "other words": (CITY, city, lambda n: f"word {n}", 0),
}


@pytest.mark.parametrize("case", NEW_RECORDS)
def test_without_common_records_only_values_that_say_something_are_a_rename(case: str) -> None:
    column, was, now, common = NEW_RECORDS[case]
    found = renames(records(**{column.name: was}), records(first=100, xyz=now), column)
    assert found == ({column.name: Rename("xyz", f"{common} of 20 values were there before")} if common else {})


@pytest.mark.parametrize(
    ("number", "value", "others", "told"),
    [
        (2, price, 0, False),
        (3, price, 0, True),
        (3, lambda n: n != 1, 0, False),  # two of three values: that may be chance
        (9, lambda n: n % 2 == 0, 0, True),
        (3, price, 1, False),  # with another column or key in question, it takes more
        (6, price, 1, True),
    ],
)
def test_few_records_are_enough_only_if_chance_would_not_do_it(
    number: int, value: Callable[[int], Any], others: int, *, told: bool
) -> None:
    column = Column(name="it", type="boolean" if isinstance(value(0), bool) else "double")
    noise: dict[str, Any] = {f"new{n}": city for n in range(others)}
    found = renames(records(number, it=value), records(number, xyz=value, **noise), column)
    assert (column.name in found) is told


def test_the_key_of_the_table_itself_is_recognised_by_its_values() -> None:
    now = [{"code9": one["sku"], "other": "x"} for one in records()]
    assert renames(records(), now, text("sku"))["sku"].key == "code9"


def test_several_renames_are_told_apart_by_their_values() -> None:
    before = records(price=price, city=city, stars=stars)
    now = records(a=stars, b=price, c=city)
    assert {name: one.key for name, one in renames(before, now, PRICE, CITY, STARS).items()} == {
        "price": "b", "city": "c", "stars": "a",
    }  # fmt: skip


def test_what_two_keys_or_two_columns_could_be_is_not_told() -> None:
    assert renames(records(price=price), records(a=price, b=price), PRICE) == {}
    other = Column(name="cost", type="double")
    assert renames(records(price=price, cost=price), records(a=price), PRICE, other) == {}


def test_a_name_that_fits_two_columns_is_left_to_the_values() -> None:
    code, id_ = text("code"), text("id")
    assert renames([], records(codigo=city), code, id_) == {}
    before = records(code=city, id=lambda n: f"x{n}")
    assert {name: one.key for name, one in renames(before, records(codigo=city), code, id_).items()} == {
        "code": "codigo"
    }


def test_a_key_that_was_there_before_is_not_new() -> None:
    assert renames(records(price=price), records(list_price=price), PRICE, known=frozenset({"list_price"})) == {}


def test_a_key_in_only_a_few_records_is_not_a_rename() -> None:
    now = [*records(5, price=price), *records(5, 5)]
    assert (
        renames(records(price=price), [{"xyz" if k == "price" else k: v for k, v in r.items()} for r in now], PRICE)
        == {}
    )


def test_a_name_that_means_the_same_decides_without_earlier_values() -> None:
    assert renames([], records(1, preco=price), PRICE) == {"price": Rename("preco")}
    assert renames([], records(1, preco=city), PRICE) == {}, "a city is not a price"


def test_numbered_columns_are_not_spellings_of_one_name() -> None:
    phone = text("phone1")
    assert renames([], records(phone2=city), phone) == {}
    assert renames([], records(Phone_1=city), phone) == {"phone1": Rename("Phone_1")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("price", "preco"), ("price", "Preço"), ("price", "precio"), ("value", "valor"), ("city", "cidade"),
        ("city", "ciudad"), ("name", "nome"), ("name", "nombre"), ("date", "fecha"), ("quantity", "quantidade"),
        ("quantity", "cantidad"), ("customer", "cliente"), ("country", "país"), ("countries", "paises"),
        ("address", "endereço"), ("address", "dirección"), ("phone", "telefone"), ("email", "correo"),
        ("status", "situação"), ("state", "estado"), ("status", "estado"), ("amount", "quantia"), ("total", "Total"),
        ("description", "descricao"), ("category", "categoria"), ("code", "codigo"), ("id", "codigo"),
        ("unit_price", "preco_unitario"), ("birth_date", "dataDeNascimento"), ("customer_name", "nome_do_cliente"),
        ("vote_average", "nota_media"), ("release_date", "data_lancamento"), ("genres", "generos"),
    ],
)  # fmt: skip
def test_names_that_mean_the_same(one: str, other: str) -> None:
    assert mean_the_same(one, other)
    assert mean_the_same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("price", "valor"), ("price", "custo"), ("total", "quantidade"), ("total", "numero"), ("city", "estado"),
        ("customer", "vendedor"), ("start_date", "data_fim"), ("name", "sobrenome"), ("price", "preco_unitario"),
        ("state", "situacao"), ("", "preco"), ("价格", "名称"), ("of", "de"), ("customer_name", "nome_produto"),
    ],
)  # fmt: skip
def test_names_that_mean_something_else(one: str, other: str) -> None:
    assert not mean_the_same(one, other)
    assert not mean_the_same(other, one)
