"""As much of Glue's library as our job uses, by what its documentation says; Glue's own is not ours to ship."""
