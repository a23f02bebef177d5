"""Publish staged files, finish interrupted publishes, remove what killed runs left; read and write the state files."""
