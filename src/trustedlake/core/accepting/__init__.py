"""The accept lane: records that are plainly right become typed rows without an engine; all others go to the core."""
