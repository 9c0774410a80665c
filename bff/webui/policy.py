"""The content policy of a page (ASVS 5, 3.4.3)."""

import secrets


def new_nonce() -> str:
    """128 bits and more, for one response."""
    return secrets.token_urlsafe(18)


def page_policy(nonce: str) -> str:
    """Our own files and nothing else; style elements with this response's nonce.

    `style` attributes in markup are refused like inline scripts. React needs none: it sets Mantine's positions and
    sizes property by property, which no policy governs. Text becomes markup or script only through the app's one
    Trusted Types policy, `default`, which lets no markup pass.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
            "manifest-src 'self'",
            "require-trusted-types-for 'script'",
            "trusted-types default",
        )
    )
