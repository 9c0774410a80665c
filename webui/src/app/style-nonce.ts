/** The style nonce of this response; the browser keeps it readable to scripts of the page alone. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
}
