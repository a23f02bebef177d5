"""Judging: turn framed text into typed columns with a verdict; functions from frame to frame, plans only."""
