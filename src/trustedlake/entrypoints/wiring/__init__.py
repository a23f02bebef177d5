"""What the commands need besides runs, put together from adapters: SQL, catalog, doctor, contract drafts, extractor."""
