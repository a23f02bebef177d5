"""Draft a contract that loads raw files of any kind.

Grain: many files -> one `Draft`. Every record is read, but only counters are kept, not the values.
"""
