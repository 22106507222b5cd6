/**
 * Downloads official releases of Ollama into the user's cache folder, so that an experiment can name a version. Unpacks
 * a release only if its digest is the one that was published with it.
 */
import { createHash } from 'node:crypto'
import { createWriteStream, existsSync, readdirSync, realpathSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { EnvHttpProxyAgent, fetch, type Response } from 'undici'
import { ExpError } from '../../errors/exp-error.ts'
import { limits, type Limit } from '../../errors/limits.ts'
import { cacheFolder } from '../../files/cache-folder.ts'
import type { LocalSettings } from '../../files/local-settings.ts'
import { codeOf, isInside } from '../../files/read-files.ts'
import { writeError } from '../../files/write-files.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import { namedOllama } from './ollama-binary.ts'

type Environment = Readonly<Record<string, string | undefined>>

const officialReleases = 'https://github.com/ollama/ollama/releases/download'

function releasesFolder(env: Environment): string {
  return path.join(cacheFolder(env), 'ollama-releases')
}

/** The programs that `addOllama` unpacked, by version. */
export function addedOllamas(env: Environment): Readonly<Record<string, string>> {
  const folder = releasesFolder(env)
  const versions = existsSync(folder) ? readdirSync(folder).filter(isVersion) : []
  return Object.fromEntries(
    versions.flatMap((version) => {
      const program = programIn(path.join(folder, version))
      return program === undefined ? [] : [[version, program] as const]
    }),
  )
}

/** The settings with the added programs. For the same version, a program that exp.local.yaml names is preferred. */
export function withAddedOllamas(settings: LocalSettings, env: Environment): LocalSettings {
  const { ollama } = settings
  return {
    ...settings,
    ollama: { ...ollama, binaries: { ...addedOllamas(env), ...ollama.binaries } },
  }
}

/** `0.11.3`, or `0.12.0-rc1`. */
export function isVersion(text: string): boolean {
  return /^\d{1,4}\.\d{1,4}\.\d{1,4}(-rc\d{1,3})?$/.test(text)
}

function programIn(folder: string): string | undefined {
  return ['bin/ollama', 'ollama', 'Ollama.app/Contents/Resources/ollama']
    .map((name) => path.join(folder, name))
    .find((file) => existsSync(file))
}

export interface AddOllamaDependencies {
  readonly env: Environment
  readonly tools: MachineTools
  readonly signal: AbortSignal
  /** @param totalBytes undefined if the server does not say */
  readonly onProgress: (loadedBytes: number, totalBytes: number | undefined) => void
}

/**
 * Downloads a release, checks its digest, unpacks it and checks that the program has this version. The folder gets its
 * final name last, so that an interrupted download leaves nothing. `EXP_OLLAMA_RELEASES` names another server with the
 * same files.
 * @returns the path of the program
 * @throws ExpError `environment` if the release does not exist for this machine, cannot be fetched, or has another
 *   digest
 */
export async function addOllama(version: string, deps: AddOllamaDependencies): Promise<string> {
  const { env, tools } = deps
  const releases = releasesFolder(env)
  const unfinished = await newFolderIn(releases)
  try {
    const { asset, digest } = await findAsset(version, deps)
    const archive = path.join(unfinished, 'download')
    await download(urlOf(version, asset, env), archive, digest, deps)
    const unpacked = path.join(unfinished, version)
    await unpack(archive, asset, unpacked, tools)
    const program = programIn(unpacked)
    if (program === undefined || !isInside(realpathSync(unpacked), realpathSync(program)))
      throw new ExpError('environment', `${asset} of Ollama ${version} contains no program`)
    await namedOllama(version, program, tools)
    const folder = path.join(releases, version)
    await rm(folder, { recursive: true, force: true })
    await rename(unpacked, folder)
    return path.join(folder, path.relative(unpacked, program))
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

async function newFolderIn(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true })
    return await mkdtemp(path.join(folder, '.unfinished-'))
  } catch (error) {
    throw writeError(folder, error)
  }
}

function urlOf(version: string, file: string, env: Environment): string {
  const releases = env['EXP_OLLAMA_RELEASES'] ?? officialReleases
  const url = URL.canParse(releases) ? new URL(releases) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new ExpError(
      'environment',
      '`EXP_OLLAMA_RELEASES` is not a URL that starts with `http://` or `https://`',
      `set it to the address above the folders \`v0.11.3\`, as in ${officialReleases}, or unset it`,
    )
  if (url.search !== '' || url.hash !== '')
    throw new ExpError(
      'environment',
      '`EXP_OLLAMA_RELEASES` has a query or a fragment, and folders cannot follow those',
      `set it to the address above the folders \`v0.11.3\`, as in ${officialReleases}`,
    )
  if (url.username !== '' || url.password !== '')
    throw new ExpError(
      'environment',
      '`EXP_OLLAMA_RELEASES` contains credentials, and exp sends none',
      'name a mirror that needs none; or download and unpack the release yourself, and put its program on PATH as `ollama`',
    )
  return `${releases.replace(/\/$/, '')}/v${version}/${file}`
}

/**
 * The release's file for this machine, newest form first: up to 0.3.6 a program, up to 0.13 a `.tgz`, later a
 * `.tar.zst`.
 */
function assetNames({ platform, architecture }: MachineTools): readonly string[] {
  if (platform === 'darwin') return ['ollama-darwin.tgz', 'ollama-darwin']
  const processor = architecture === 'aarch64' ? 'arm64' : 'amd64'
  const name = `ollama-linux-${processor}`
  return [`${name}.tar.zst`, `${name}.tgz`, name]
}

interface Asset {
  readonly asset: string
  /** The published SHA-256, in hexadecimal. */
  readonly digest: string
}

async function findAsset(version: string, deps: AddOllamaDependencies): Promise<Asset> {
  const file = 'sha256sum.txt'
  const text = await readDigests(urlOf(version, file, deps.env), deps)
  const digests = new Map(
    Array.from(
      text.matchAll(/^([0-9a-f]{64}) [ *](?:\.\/)?(\S+)$/gm),
      ([, digest = '', name = '']) => [name, digest] as const,
    ),
  )
  const asset = assetNames(deps.tools).find((name) => digests.has(name))
  const digest = digests.get(asset ?? '')
  if (asset !== undefined && digest !== undefined) return { asset, digest }
  throw new ExpError(
    'environment',
    `the release of Ollama ${version} has no file for this machine (${assetNames(deps.tools).join(', ')})`,
    'choose another version, or build it and name it in exp.local.yaml',
  )
}

async function readDigests(url: string, deps: AddOllamaDependencies): Promise<string> {
  const { body } = await get(url, deps)
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body ?? []) {
      const bytes = chunk as Uint8Array
      size += bytes.length
      if (size > limits.releaseDigests.max) throw tooLarge(url, limits.releaseDigests)
      chunks.push(bytes)
    }
  } catch (error) {
    throw notRead(url, error, deps)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function get(url: string, { signal }: AddOllamaDependencies): Promise<Response> {
  const response = await fetch(url, { signal, dispatcher: new EnvHttpProxyAgent() }).catch(
    (error: unknown) => {
      signal.throwIfAborted()
      const cause = error instanceof Error ? (error.cause ?? error) : error
      throw unreachable(url, cause instanceof Error ? cause.message : String(cause))
    },
  )
  if (!response.ok)
    throw unreachable(url, response.status === 404 ? 'not found' : `status ${response.status}`)
  if (url.startsWith('https:') && !response.url.startsWith('https:'))
    throw unreachable(url, 'it redirects to an address without encryption')
  return response
}

function tooLarge(url: string, { max, unit }: Limit): ExpError {
  return unreachable(url, `it has more than ${max} ${unit}`)
}

/** The error if an answer ends before it was completely read. */
function notRead(url: string, error: unknown, { signal }: AddOllamaDependencies): ExpError {
  signal.throwIfAborted()
  if (error instanceof ExpError) return error
  return unreachable(url, error instanceof Error ? error.message : String(error))
}

function unreachable(url: string, reason: string): ExpError {
  return new ExpError(
    'environment',
    `${url}: ${reason}`,
    'check the version and the network; `EXP_OLLAMA_RELEASES` may name a mirror of the releases. A program that you have is named in exp.local.yaml: `ollama: {binaries: {"VERSION": PATH}}`',
  )
}

const writeErrors: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO'])

async function download(
  url: string,
  file: string,
  digest: string,
  deps: AddOllamaDependencies,
): Promise<void> {
  const { body, headers } = await get(url, deps)
  if (body === null) throw new ExpError('environment', `${url}: the answer is empty`)
  const total = Number(headers.get('content-length')) || undefined
  const hash = createHash('sha256')
  let loaded = 0
  const observe = new Transform({
    transform(chunk: Buffer, _, done) {
      loaded += chunk.length
      if (loaded > limits.release.max) {
        done(tooLarge(url, limits.release))
        return
      }
      hash.update(chunk)
      deps.onProgress(loaded, total)
      done(null, chunk)
    },
  })
  await pipeline(body, observe, createWriteStream(file), { signal: deps.signal }).catch(
    (error: unknown) => {
      if (writeErrors.has(codeOf(error))) throw writeError(file, error)
      throw notRead(url, error, deps)
    },
  )
  const actual = hash.digest('hex')
  if (actual === digest) return
  throw new ExpError(
    'environment',
    `${url}: its digest is sha256:${actual}, but sha256:${digest} was published with the release`,
    'the download is damaged or was changed on its way; nothing of it was kept',
  )
}

async function unpack(
  archive: string,
  asset: string,
  folder: string,
  { run }: MachineTools,
): Promise<void> {
  await mkdir(folder)
  if (!asset.includes('.')) {
    const program = path.join(folder, 'ollama')
    await rename(archive, program)
    await chmod(program, 0o755)
    return
  }
  await run('tar', ['-xf', archive, '-C', folder], { timeoutMs: 600_000 }).catch(
    (error: unknown) => {
      throw new ExpError(
        'environment',
        `${asset} could not be unpacked: ${error instanceof Error ? error.message : String(error)}`,
        asset.endsWith('.zst')
          ? 'install `tar` and `zstd`, then run the command again'
          : 'install `tar`, then run the command again',
      )
    },
  )
}
