"""A lake as the version before left it: three days in Raw, Trusted, Quarantine and the state; see tests/runs."""
