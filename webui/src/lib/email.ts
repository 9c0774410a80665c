// The shape of RFC 5322's addr-spec as people write it: an atom-dot local part and a domain of at least two labels.
// The server has the last word; this only saves a round trip.
const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const LABEL = /^[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u

/** Whether the text can be a work e-mail address. */
export function isEmail(value: string): boolean {
  const text = value.trim()
  const at = text.lastIndexOf('@')
  if (at < 1 || text.length > 254) return false
  const local = text.slice(0, at)
  const labels = text.slice(at + 1).split('.')
  return local.length <= 64 && LOCAL.test(local) && labels.length >= 2 && labels.every((label) => LABEL.test(label))
}
