"""Publishing: steps, refusals, races, crashes."""
