"""Stand-ins for services that need an account: small, honest implementations that speak the real protocol."""
