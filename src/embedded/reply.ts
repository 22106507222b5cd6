/** The response to one HTTP request: one JSON object, a stream of JSON lines, or an error. */
import type { ServerResponse } from 'node:http'

export class Reply {
  readonly #response: ServerResponse
  readonly #hasBody: boolean

  constructor(response: ServerResponse, method: string) {
    this.#response = response
    this.#hasBody = method !== 'HEAD'
  }

  get hasBegun(): boolean {
    return this.#response.headersSent
  }

  json(status: number, body: object): void {
    this.#send(status, 'application/json; charset=utf-8', JSON.stringify(body))
  }

  text(status: number, body: string): void {
    this.#send(status, 'text/plain; charset=utf-8', body)
  }

  empty(status: number): void {
    this.#response.writeHead(status, { 'content-length': 0 }).end()
  }

  /** Sends one line. The first one sends status 200 as well. */
  line(body: object): void {
    if (!this.hasBegun) this.#response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    this.#response.write(`${JSON.stringify(body)}\n`)
  }

  end(): void {
    this.#response.end()
  }

  #send(status: number, type: string, body: string): void {
    const bytes = Buffer.from(body)
    this.#response.writeHead(status, { 'content-type': type, 'content-length': bytes.length })
    this.#response.end(this.#hasBody ? bytes : undefined)
  }
}

/** An error that is answered with this HTTP status and `{"error": message}`. */
export class HttpProblem extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'HttpProblem'
    this.status = status
  }
}
