"""Object stores: a folder, and memory."""
