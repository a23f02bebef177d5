"""Checks a contract file for `contract check`: our rules, the official schema and ours, and notes."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError as ModelError

from trustedlake.adapters.contracts.contract_file import examine, parse
from trustedlake.adapters.contracts.yaml_tree import Remark, Remarks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

    from trustedlake.adapters.contracts.contract_file import ContractFile

_LONGEST = 200


class Checked(NamedTuple):
    """What was found in a file.

    Attributes:
        name: what the user calls the file.
        file: its tables; None if something is wrong.
        problems: reasons why it is not a valid contract.
        notes: parts of the file that we ignore or don't check.
    """

    name: str
    file: ContractFile | None
    problems: tuple[Remark, ...]
    notes: tuple[Remark, ...]


def check(data: bytes, name: str) -> Checked:
    """Check the whole file and report all problems.

    Raises:
        ImportError: jsonschema or the standard's package is not installed.
    """
    file, remarks = examine(data, name)
    problems = list(remarks.problems)
    # Our own messages are the clearest, so they come first; a line that has one gets no second from the schemas.
    for found in (_by_schemas, _by_models):
        lines = {problem.line for problem in problems}
        problems += [remark for remark in found(data, name) if remark.line not in lines]
    problems.sort()
    return Checked(name, None if problems else file, tuple(problems), tuple(remarks.notes))


def _by_schemas(data: bytes, name: str) -> Iterator[Remark]:
    root = parse(data, Remarks(), is_json=name.endswith(".json"))
    if root is None:
        return
    plain = root.plain()
    for whose, validator in _validators().items():
        for error in validator.iter_errors(plain):
            deepest = _deepest(error)
            field = root.at(deepest.absolute_path)
            yield Remark(field.line, field.name, f"{deepest.message[:_LONGEST]} (by {whose})")


def _by_models(data: bytes, name: str) -> Iterator[Remark]:
    """Yield what the standard's own models reject: other tools read contracts with them."""
    from open_data_contract_standard.model import OpenDataContractStandard  # noqa: PLC0415 - as below

    root = parse(data, Remarks(), is_json=name.endswith(".json"))
    if root is None:
        return
    try:
        OpenDataContractStandard.model_validate(root.plain())
    except ModelError as error:
        for one in error.errors(include_url=False):
            field = root.at(one["loc"])
            yield Remark(field.line, field.name, f"{one['msg'][:_LONGEST]} (by the standard's models)")


def _deepest(error: ValidationError) -> ValidationError:
    """If several alternatives failed, return the error of the one that matched deepest."""
    while error.context:
        error = max(error.context, key=lambda one: (len(one.absolute_path), one.validator != "const"))
    return error


@cache
def _validators() -> dict[str, Validator]:
    """Return schema owner -> validator."""
    from jsonschema import Draft201909Validator  # noqa: PLC0415 - a run doesn't need it

    schemas = {
        "the standard's schema": files("open_data_contract_standard").joinpath("schema.json"),
        "trustedlake's schema": files("trustedlake").joinpath("contracts", "trustedlake.schema.json"),
    }
    loaded: dict[str, Any] = {whose: json.loads(path.read_text(encoding="utf-8")) for whose, path in schemas.items()}
    return {whose: Draft201909Validator(schema) for whose, schema in loaded.items()}
