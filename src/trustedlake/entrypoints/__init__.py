"""The ways to call the program: command line, library, cloud handlers."""
