"""Engines that run the DataFrame half of the core, and the Java they need."""
