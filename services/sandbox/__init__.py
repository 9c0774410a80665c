"""The vendors imitated over HTTP, with faults and an effect ledger, plus a local OIDC provider."""
