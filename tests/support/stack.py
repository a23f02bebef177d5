"""deploy/template.yaml as CloudFormation would see it: parameters filled in, references resolved."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cfnlint.decode import decode

if TYPE_CHECKING:
    from collections.abc import Callable

TEMPLATE = Path(__file__).parents[2] / "deploy" / "template.yaml"
ARTIFACTS, BUCKET, ACCOUNT, REGION, NAME = "artifacts", "films", "123456789012", "us-east-1", "trustedlake"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:TmdbKey-AbCdEf"

_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::StackName": NAME,
    "AWS::NoValue": None,
}
_NAMED = {
    "AWS::Glue::Job": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Athena::WorkGroup": "Name",
}


@dataclass
class Stack:
    """A stack that nothing has made.

    Attributes:
        parameters: given ones; the others have their defaults.
        physical: logical name -> what `Ref` gives, where the template doesn't name it.
    """

    parameters: dict[str, str] = field(default_factory=dict)
    physical: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        template, wrong = decode(str(TEMPLATE))
        assert not wrong, wrong
        self.template: dict[str, Any] = json.loads(json.dumps(template))
        defaults = {name: one.get("Default") for name, one in self.template["Parameters"].items()}
        self.values = defaults | {"ArtifactsBucket": ARTIFACTS} | self.parameters
        self.physical = {"LakeBucket": BUCKET, "TmdbKey": SECRET} | self.physical

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of each resource of a type, by logical name."""
        found = self.template["Resources"].items()
        return {name: self.properties(name) for name, one in found if one["Type"] == kind}

    def properties(self, name: str) -> dict[str, Any]:
        """The properties of a resource, resolved."""
        resolved: dict[str, Any] = self.resolved(self.template["Resources"][name].get("Properties", {}))
        return resolved

    def statements(self, role: str) -> list[dict[str, Any]]:
        """What a role may do."""
        return [
            statement
            for policy in self.properties(role)["Policies"]
            for statement in policy["PolicyDocument"]["Statement"]
        ]

    def resolved(self, node: Any) -> Any:
        """A part of the template without functions."""
        if isinstance(node, list):
            return [self.resolved(one) for one in node]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((function, given),) = node.items()
            if function in self._functions:
                return self._functions[function](given)
        found = {key: self.resolved(one) for key, one in node.items()}
        return {key: one for key, one in found.items() if one is not None}

    @property
    def _functions(self) -> dict[str, Callable[[Any], Any]]:
        return {
            "Ref": self._ref,
            "Fn::Sub": lambda text: re.sub(r"\$\{([\w.:]+)\}", lambda found: str(self._named(found[1])), text),
            "Fn::GetAtt": lambda name: self._named(".".join(name) if isinstance(name, list) else name),
            "Fn::If": lambda given: self.resolved(given[1 if self._holds(given[0]) else 2]),
        }

    def _holds(self, condition: str) -> bool:
        def holds(node: Any) -> bool:
            if "Fn::Not" in node:
                return not holds(node["Fn::Not"][0])
            one, other = (self.resolved(part) for part in node["Fn::Equals"])
            return bool(one == other)

        return holds(self.template["Conditions"][condition])

    def _named(self, name: str) -> Any:
        resource, _, attribute = name.partition(".")
        if not attribute:
            return self._ref(name)
        assert attribute == "Arn", name
        kind = self.template["Resources"][resource]["Type"].removeprefix("AWS::")
        if kind == "S3::Bucket":
            return f"arn:aws:s3:::{self._ref(resource)}"
        return f"arn:aws:{kind.partition('::')[0].lower()}:{REGION}:{ACCOUNT}:{self._ref(resource)}"

    def _ref(self, name: str) -> Any:
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name in self.values:
            return self.values[name]
        if name in self.physical:
            return self.physical[name]
        resource = self.template["Resources"][name]
        if resource["Type"] == "AWS::SNS::Topic":
            return f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"
        own = _NAMED.get(resource["Type"])
        return self.resolved(resource["Properties"][own]) if own else name


def as_list(value: Any) -> list[str]:
    """What may stand alone or in a list."""
    return value if isinstance(value, list) else [value]


def allows(statements: list[dict[str, Any]], action: str, resource: str) -> bool:
    """Whether the statements, which only allow, let this be done."""
    return any(
        any(fnmatchcase(action, one) for one in as_list(statement["Action"]))
        and any(fnmatchcase(resource, one) for one in as_list(statement["Resource"]))
        for statement in statements
    )
