interface Policies {
  createPolicy(name: string, rules: { createHTML: (text: string) => string }): unknown
}

/**
 * Mantine writes its style sheets through `innerHTML` of a style element, which a policy with
 * `require-trusted-types-for 'script'` would refuse. The default policy lets pass what cannot be markup and nothing else.
 */
export function installTrustedTypes(): void {
  const policies = (window as unknown as { trustedTypes?: Policies }).trustedTypes
  try {
    policies?.createPolicy('default', {
      createHTML: (text) => {
        if (text.includes('<')) throw new TypeError('Markup is not written as text here.')
        return text
      },
    })
  } catch {
    // The page's policy allows no policy of this name: then it does not require one either.
  }
}
