"""The beginning of a script that runs with only Python and pyarrow, as on executors."""

BEGINNING = """
    import importlib.abc, json, sys

    class Refuse(importlib.abc.MetaPathFinder):
        missing = {"pydantic", "pydantic_core", "click", "requests", "rich", "pyspark", "boto3"}
        missing |= {"numpy", "pandas", "msgspec", "orjson"}

        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in self.missing:
                raise ModuleNotFoundError(name)

    sys.meta_path.insert(0, Refuse())
    sys.path[:0] = sys.argv[1:3]
"""
"""Two folders, the first arguments, are where modules are found; `json` and `sys` are imported."""
