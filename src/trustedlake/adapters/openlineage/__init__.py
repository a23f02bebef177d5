"""Runs as OpenLineage's events."""
