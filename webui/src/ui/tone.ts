/** What a colour means here; the colour is never the only sign. */
export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'neutral'
