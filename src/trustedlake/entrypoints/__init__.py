"""Where the outside comes in: command line, library, cloud handlers."""
