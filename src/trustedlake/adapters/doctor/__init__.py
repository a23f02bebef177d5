"""The checks of `trustedlake doctor`."""
