"""Write the contracts as tables of other catalogs and engines."""
