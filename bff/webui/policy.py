"""The content policy of a page (ASVS 5, 3.4.3)."""

import secrets


def new_nonce() -> str:
    """128 bits and more, for one response."""
    return secrets.token_urlsafe(18)


def page_policy(nonce: str) -> str:
    """Our own files and nothing else; style elements with this response's nonce.

    `style-src-attr` allows the `style` attribute: React writes Mantine's positions and sizes through it when a page is
    built. An attribute can load no file and hold no script; style elements and sheets stay bound to the nonce.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "style-src-attr 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
            "manifest-src 'self'",
        )
    )
