"""What the JSON schemas of OpenLineage require of an event and of our facets, in our own words.

A second look beside the client's classes: those are generated from the schemas, this was written while reading them.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_URI = {"type": "string", "pattern": "^[a-z][a-z0-9+.-]*:[^ ]+$"}


def _object(required: str, more: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    """An object with these members; of its `required` ones the names stand in one text."""
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        **({} if more is None else {"additionalProperties": more}),
    }


def _facets(**known: dict[str, Any]) -> dict[str, Any]:
    """Facets by name, each with who sends it and where its schema is; those that are known, by their own rules."""
    base = _object("_producer _schemaURL", _producer=_URI, _schemaURL=_URI)
    return {**_object("", base), "properties": {name: {"allOf": [base, rules]} for name, rules in known.items()}}


_COLUMN = _object("namespace name field", namespace=_TEXT, name=_TEXT, field=_TEXT)
_FIELDS = {"type": "array", "items": _object("name", name=_TEXT, type=_TEXT, description=_TEXT)}
_LINEAGE = _object(
    "fields", fields=_object("", _object("inputFields", inputFields={"type": "array", "items": _COLUMN}))
)
_ASSERTION = _object("assertion success", assertion=_TEXT, success={"type": "boolean"}, column=_TEXT)
_METRICS = _object("columnMetrics", columnMetrics=_object("", {"type": "object"}), rowCount=_COUNT, bytes=_COUNT)
_TAGS = {"type": "array", "items": _object("key value", key=_TEXT, value=_TEXT, source=_TEXT)}


def _dataset(kind: str, **facets: dict[str, Any]) -> dict[str, Any]:
    own = _facets(schema=_object("", fields=_FIELDS), columnLineage=_LINEAGE)
    one = _object("namespace name", namespace=_TEXT, name=_TEXT, facets=own, **{kind: _facets(**facets)})
    return {"type": "array", "items": one}


_ASSERTIONS = _object("assertions", assertions={"type": "array", "items": _ASSERTION})
EVENT = Draft202012Validator(
    _object(
        "eventTime producer schemaURL run job",
        eventType={"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        eventTime={"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"},
        producer=_URI,
        schemaURL=_URI,
        run=_object(
            "runId",
            runId={"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
            facets=_facets(tags=_object("", tags=_TAGS)),
        ),
        job=_object("namespace name", namespace=_TEXT, name=_TEXT, facets=_facets()),
        inputs=_dataset("inputFacets", dataQualityMetrics=_METRICS, dataQualityAssertions=_ASSERTIONS),
        outputs=_dataset("outputFacets", outputStatistics=_object("", rowCount=_COUNT, size=_COUNT, fileCount=_COUNT)),
    )
)
"""Of a run event."""
