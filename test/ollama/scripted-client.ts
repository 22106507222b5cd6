/** Clients of scripted servers for the tests of this room. All of them are closed after each test. */
import { afterEach } from 'vitest'
import { OllamaClient } from '../../src/ollama/client.ts'
import { type Generation, prepareRequest } from '../../src/ollama/generation.ts'
import { ScriptedOllama, type Script, type ScriptedOptions } from '../support/scripted-ollama.ts'

export const request = prepareRequest({
  api: 'chat',
  model: 'qwen3:0.6b',
  prompt: 'p',
  options: {},
})
/** Long enough for an answer that is sent at once, on a slow machine. */
export const timeoutMs = 30_000
export const pollOptions = { timeout: timeoutMs }

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

export function closeAfterTest(close: () => Promise<void>): void {
  closing.push(close)
}

export async function serve(
  options: ScriptedOptions = {},
): Promise<{ server: ScriptedOllama; client: OllamaClient }> {
  const server = await ScriptedOllama.start(options)
  const client = clientOf(server.url)
  closeAfterTest(() => server.close())
  return { server, client }
}

export function clientOf(
  baseUrl: string,
  headers: Readonly<Record<string, string>> = {},
): OllamaClient {
  const client = new OllamaClient({ baseUrl, headers })
  closeAfterTest(() => client.close())
  return client
}

/** Sends one request to a server that answers by this script. */
export async function generate(script: Script): Promise<Generation> {
  const { client } = await serve({ generate: script })
  return client.generate(request, { timeoutMs })
}
