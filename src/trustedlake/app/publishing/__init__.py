"""Publish what was staged, finish what was cut, sweep what was left; the state files behind it."""
