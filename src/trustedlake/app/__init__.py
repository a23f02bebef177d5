"""The use cases: ingest, Raw to Trusted, publish, audit. They know the adapters only through `ports`."""
