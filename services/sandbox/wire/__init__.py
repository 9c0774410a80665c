"""HTTP on its way in and out of a twin: no vendor words here."""
