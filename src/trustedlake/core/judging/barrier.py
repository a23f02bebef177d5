"""A barrier in the plan: what lies below it is evaluated once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_ONCE = "evaluated_once"


def evaluate_once(frame: DataFrame, *columns: Column) -> DataFrame:
    """The frame with the named `columns` added, evaluated once however often they are used.

    Spark inlines projections: an expression that ten columns use is evaluated ten times. It does not
    look through a generator, so the columns travel in the one element of an exploded array; the
    projection below the generator is a barrier of its own kind, its columns aren't inlined either.
    """
    exploded = frame.select("*", F.explode(F.array(F.struct(*columns))).alias(_ONCE))
    return exploded.select("*", f"{_ONCE}.*").drop(_ONCE)
