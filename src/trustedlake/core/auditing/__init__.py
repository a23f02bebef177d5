"""The audit's own count of what raw files hold, and the account of published rows against it."""
