"""OpenLineage: runs as events, and the receiver they go to. Loaded only where somebody wants to hear of runs."""
