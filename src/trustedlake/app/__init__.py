"""The use cases: plan, Raw to Trusted, publish. They meet the adapters in `ports` only."""
