"""The contracts as other catalogs and engines write them."""
