"""Any application that speaks SCIM 2.0, as strictly as RFC 7643 and RFC 7644 have it."""
