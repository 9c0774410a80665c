"""A local OpenID Connect provider: the package oidc-provider-mock with people, groups, PKCE and its own pages."""
