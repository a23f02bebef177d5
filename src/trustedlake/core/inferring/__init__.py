"""Raw files of any kind -> the draft of a contract that loads them.

Grain: many files -> one `Draft`. Every record is read; what is kept of them are counters, never the values.
"""
