// Sets the colour scheme before the first paint. A file of its own because the content policy allows no inline script.
;(function () {
  var root = document.documentElement
  var chosen = null
  try {
    chosen = window.localStorage.getItem('mantine-color-scheme-value')
  } catch {
    // storage may be refused; the system's scheme is used then
  }
  var dark =
    chosen === 'dark' || (chosen !== 'light' && window.matchMedia('(prefers-color-scheme: dark)').matches)
  root.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
