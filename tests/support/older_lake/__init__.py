"""A lake as the previous version left it: three days in Raw, Trusted, Quarantine and the state; see tests/runs."""
