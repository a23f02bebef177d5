"""Contract files for tests: a small valid one, and changes to it."""

from __future__ import annotations

GOOD = """\
apiVersion: v3.2.0
kind: DataContract
id: trips
name: trips
version: 2.1.0
status: active
schema:
  - name: trips
    description: One row per trip.
    customProperties:
      - property: raw
        vendor: trustedlake
        value:
          path: Raw/Trips/{city}/{year:04d}/{month:02d}
          format: json
          records: ["trips[]", "[]"]
          where: {kind: [trip, 1, null]}
          nulls: ["", "N/A"]
      - {property: duplicates, vendor: trustedlake, value: last}
    properties:
      - name: trip_id
        logicalType: integer
        primaryKey: true
        required: true
        logicalTypeOptions: {minimum: 1}
      - name: fare
        logicalType: number
        physicalType: decimal(8,2)
      - name: started
        logicalType: timestamp
      - name: tags
        logicalType: array
        items: {logicalType: string}
      - name: note
        logicalType: string
"""


def changed(old: str, new: str, times: int = 1) -> bytes:
    """The good file with a text replaced, which stands there that often."""
    assert GOOD.count(old) == times, f"{old!r} stands {GOOD.count(old)} times in the good file"
    return GOOD.replace(old, new).encode()


def line_of(data: bytes, text: str) -> int:
    """The line that a text stands in."""
    lines = data.decode("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)
