"""Raw to Trusted: list, plan, stage, gate, and what a publish will do."""
