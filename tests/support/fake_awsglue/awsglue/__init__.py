"""The part of Glue's library that our job uses, written from its documentation; we may not ship Glue's own."""
