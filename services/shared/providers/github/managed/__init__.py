"""An enterprise whose accounts are its own: made, suspended and deleted by SCIM."""
