/** Where a server is, out of the URL that was given for it. */
import { ExpError } from '../errors/exp-error.ts'
import type { Connect } from './proxy.ts'

export interface BaseUrl {
  /** Scheme, host and port. */
  readonly origin: string
  /** What stands before `/api/…`: empty, or `/ollama`. */
  readonly path: string
  /** For people: without credentials, query or trailing slash. */
  readonly displayUrl: string
  /** `Basic …`, where the URL holds a user and password. */
  readonly authorization?: string
  /** What a proxy on the way asks for, beside the headers of every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** How connections are opened, where a proxy needs it to be special. */
  readonly connect?: Connect
}

/** Throws `ExpError` for what is no http or https URL. */
export function parseBaseUrl(text: string): BaseUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new ExpError(
      'invalid-input',
      `\`${text}\` is not the address of a server`,
      'write it with its scheme, like `http://127.0.0.1:11434`',
    )
  const path = url.pathname.replace(/\/+$/, '')
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return {
    origin: url.origin,
    path,
    displayUrl: url.origin + path,
    ...(credentials !== ':' && {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
    }),
  }
}
