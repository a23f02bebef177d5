"""The page in Portuguese: its own phrases, and templates for the messages that it shows."""
