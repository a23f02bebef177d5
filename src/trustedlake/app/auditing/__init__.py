"""Prove the published tables again, only from Raw, Trusted, Quarantine and the ledger."""
