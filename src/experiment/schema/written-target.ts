/** A config's target as the file has it: `process`, `embedded`, `{process: …}`, `{docker: …}` or `{url: …}`. */
import { z } from 'zod'
import { snippets } from './editor-help.ts'
import { argument, folder, matching, readAs } from './written-text.ts'
import { quoted } from '../../errors/quote.ts'
import type { Target } from '../target-kinds.ts'
import { otherExamples } from '../values/amount.ts'
import type { Reading } from '../values/reading.ts'

const pull = z
  .boolean()
  .meta({ description: 'Download the model, or the image, if it is missing. Default: false.' })

const models = folder.meta({
  description: "Folder of the model store. Default: that of the user's Ollama.",
})

const serverProcess = z
  .strictObject({
    ssh: matching(
      /^[a-zA-Z0-9_][a-zA-Z0-9_.-]*$/,
      'wrong-value',
      'is not the name of a host of `ssh`',
      'write a `Host` of `~/.ssh/config`; its address, user, port and key are stated there',
    )
      .meta({
        description:
          'A `Host` of your `~/.ssh/config`: the server runs on that machine. Default: this machine.',
      })
      .exactOptional(),
    version: matching(
      /^\d+\.\d+\.\d+[\w.+-]*$/,
      'wrong-value',
      'is not a version of Ollama',
      'write the whole version in quotes: `"0.11.3"`',
    )
      .meta({
        description:
          'Version of Ollama. exp uses it if it is installed; with `ssh`, it must be the one of that machine.',
      })
      .exactOptional(),
    models: models.exactOptional(),
    pull: pull.exactOptional(),
  })
  .meta({ description: '`ollama serve`, started by exp for each trial.' })

/** In bytes; Docker refuses less. */
const minMemoryBytes = 6 * 2 ** 20
/** No machine has more. */
const [maxMemoryBytes, maxCpus] = [2 ** 60, 100_000]

/** @param text of the form that Docker accepts; without a unit it counts bytes */
function bytesOf(text: string): number {
  const exponent = 'bkmg'.indexOf(text.slice(-1).toLowerCase())
  return Number.parseFloat(text) * 1024 ** Math.max(0, exponent)
}

const memoryPattern = String.raw`^\d+(?:\.\d+)?[bkmgBKMG]?$`

function readMemory(text: string): Reading<string> {
  if (new RegExp(memoryPattern).test(text)) {
    const bytes = bytesOf(text)
    if (bytes > maxMemoryBytes)
      return {
        message: `${quoted(text)} is more memory than a machine can have`,
        hint: 'write `m` or `g` after the number: `512m` has 512 MiB, `8g` has 8 GiB',
      }
    if (bytes >= minMemoryBytes) return { value: text }
    return {
      message: `${quoted(text)} is less memory than a container can have`,
      hint: 'write its unit, `m` or `g`, after the number; the least is `6m`',
    }
  }
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg])i?b$/i.exec(text) ?? []
  return {
    message: `${quoted(text)} is not an amount of memory`,
    hint:
      amount === undefined
        ? `write a number and \`m\` or \`g\`, such as ${otherExamples(text, ['8g', '512m'])}`
        : `write ${quoted(`${amount}${unit.toLowerCase()}`)}`,
  }
}

const docker = z
  .strictObject({
    image: argument.meta({ description: 'Image with its tag: `ollama/ollama:0.11.3`.' }),
    context: matching(
      /^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/,
      'wrong-value',
      'is not the name of a Docker context',
      '`docker context ls` lists the names',
    )
      .meta({
        description:
          'Name of a Docker context: the container runs on its engine, for example on another machine over `ssh`. Default: the engine of this machine.',
      })
      .exactOptional(),
    cpus: z
      .number()
      .positive()
      .max(maxCpus)
      .meta({ description: 'CPUs that the container may use: `docker run --cpus`.' })
      .exactOptional(),
    memory: readAs(readMemory, 'quantity')
      .meta({ pattern: memoryPattern, description: 'Memory that the container may use: `8g`.' })
      .exactOptional(),
    gpus: argument
      .exactOptional()
      .meta({ description: '`all`, or another value of `docker run --gpus`.' }),
    platform: argument.exactOptional().meta({ description: '`linux/arm64` or `linux/amd64`.' }),
    models: models.exactOptional(),
    pull: pull.exactOptional(),
  })
  .meta({ description: 'Ollama in a container that exp creates for each trial.' })

const url = readAs(readUrl, 'url', () => 'a URL, such as `http://127.0.0.1:11434`').meta({
  description:
    'The address of a server that is already running. Nothing is started, stopped or pulled.',
})

function readUrl(text: string): Reading<URL> {
  const hint = `write the address of the server: ${quoted(withScheme(text) ?? 'http://127.0.0.1:11434')}`
  if (/^\w+:\/\/\[[^\]]*%/.test(text))
    return {
      message: `${quoted(text)} names a network interface after \`%\`, which a URL cannot contain`,
      hint: 'write the name of the server, or one of its addresses without `%`',
    }
  if (!URL.canParse(text)) return { message: `${quoted(text)} is not a URL`, hint }
  const parsed = new URL(text)
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')
    return { message: `${quoted(text)} is not http or https`, hint }
  if (parsed.search !== '' || parsed.hash !== '')
    return { message: `${quoted(text)} has a query or a fragment`, hint }
  if (/%(?![0-9a-f]{2})/i.test(`${parsed.username}:${parsed.password}`))
    return {
      message:
        'the user name or the password in the URL contains a `%` that is not followed by two hexadecimal digits',
      hint: 'write `%25` for `%`',
    }
  return { value: parsed }
}

/** The URL of an address without a scheme, with Ollama's port if it has none; undefined for any other text. */
function withScheme(text: string): string | undefined {
  const [, host, port = ':11434', path = ''] =
    /^([a-z0-9][\w.-]*|\[[\da-f:.]+\]|(?=:))(:\d+)?(\/[\w./-]*)?$/i.exec(text) ?? []
  if (host === undefined) return undefined
  const url = `http://${host === '' ? '127.0.0.1' : host}${port}${path}`
  return URL.canParse(url) ? url : undefined
}

const headerName = matching(
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
  'header',
  'is not the name of a header',
  'use letters, digits and `-`',
)

const headerValue = readAs(readHeader, 'header').meta({
  description:
    '`${NAME}` is replaced from the environment when a request is sent, and never stored.',
})

function readHeader(text: string): Reading<string> {
  const hint = 'take secrets from the environment: `Bearer ${NAME}`'
  if (/[^\t\u0020-\u007e\u0080-\u00ff]/.test(text))
    return { message: 'the value has a character that cannot be sent in a header', hint }
  const rest = text.replaceAll(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/g, '')
  return rest.includes('${')
    ? { message: 'the value has a `${` without the name of a variable', hint }
    : { value: text }
}

export const writtenTarget = z
  .union([
    z.literal(['process', 'embedded']),
    z.strictObject({ process: serverProcess }),
    z.strictObject({ docker }),
    z.strictObject({
      url,
      headers: z
        .record(headerName, headerValue)
        .optional()
        .meta({ description: 'Headers of each request, for example `Authorization`.' }),
    }),
  ])
  .meta({ description: 'The server that the requests go to.', defaultSnippets: snippets.target })

export type WrittenTarget = z.infer<typeof writtenTarget>

export function resolveTarget(written: WrittenTarget): Target {
  if (written === 'embedded') return { kind: 'embedded' }
  if (written === 'process') return { kind: 'process', pull: false }
  if ('process' in written) return { kind: 'process', pull: false, ...written.process }
  if ('docker' in written) return { kind: 'docker', pull: false, ...written.docker }
  return { kind: 'url', url: written.url.replace(/\/+$/, ''), headers: written.headers ?? {} }
}

/** The shortest form that is read back as the same target: defaults are left out. */
export function writeTarget(target: Target): WrittenTarget {
  switch (target.kind) {
    case 'embedded':
      return 'embedded'
    case 'process': {
      const { kind, pull, ...rest } = target
      const settings = { ...rest, ...(pull && { pull }) }
      return Object.keys(settings).length === 0 ? kind : { [kind]: settings }
    }
    case 'docker': {
      const { kind, pull, ...rest } = target
      return { [kind]: { ...rest, ...(pull && { pull }) } }
    }
    case 'url': {
      const { url, headers } = target
      return Object.keys(headers).length === 0 ? { url } : { url, headers: { ...headers } }
    }
  }
}

/** The names of the environment variables in a header's value. */
export function variablesOf(headerValue: string): readonly string[] {
  return [...headerValue.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g)].map(([, name = '']) => name)
}
