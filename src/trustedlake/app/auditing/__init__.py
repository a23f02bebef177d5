"""The proof made again from Raw, Trusted, Quarantine and ledger alone."""
