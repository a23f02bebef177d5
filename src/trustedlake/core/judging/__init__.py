"""Judging: framed text to typed columns with a verdict; frames in, frames out, plans only."""
