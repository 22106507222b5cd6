/** `exp ollama add` and `list`, against a server of releases on this machine. */
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { execaSync } from 'execa'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../../src/cli/command-line.ts'
import { tarBytes } from '../../../src/files/tar.ts'
import { systemTools, type MachineTools } from '../../../src/host/machine-tools.ts'
import { addOllama, withAddedOllamas } from '../../../src/targets/process/added-ollama.ts'
import { findOllama } from '../../../src/targets/process/ollama-binary.ts'
import { memoryIo } from '../../support/memory-io.ts'

const version = '0.11.3'
const processor = systemTools().architecture === 'aarch64' ? 'arm64' : 'amd64'
const linux: MachineTools = { ...systemTools(), platform: 'linux' }
const asset = `ollama-linux-${processor}`

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'exp-releases-'))
  closing.push(() => {
    rmSync(folder, { recursive: true })
  })
  return folder
}

const closing: (() => void)[] = []
afterAll(() => {
  for (const close of closing.splice(0)) close()
})

const program = (reported = version) => `#!/bin/sh\necho "ollama version is ${reported}"\n`

/** An archive with `bin/ollama`, as releases have it. */
function archiveOf(text: string, flag: '-czf' | '--zstd'): Buffer {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin/ollama'), text)
  chmodSync(join(folder, 'bin/ollama'), 0o755)
  const file = join(folder, 'archive')
  execaSync('tar', flag === '-czf' ? ['-czf', file, 'bin'] : ['--zstd', '-cf', file, 'bin'], {
    cwd: folder,
  })
  return readFileSync(file)
}

/** An archive that names a file outside, or has a link as its program that leads outside. */
function escapingArchive(kind: string, place: string): Buffer {
  const names = { absolute: place, parent: `${'../'.repeat(20)}${place.slice(1)}` }
  if (kind === 'absolute' || kind === 'parent')
    return gzipSync(tarBytes(new Map([[names[kind], Buffer.from(program())]])))
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'bin'))
  symlinkSync('/bin/sh', join(folder, 'bin/ollama'))
  execaSync('tar', ['-czf', 'archive', 'bin'], { cwd: folder })
  return readFileSync(join(folder, 'archive'))
}

const hasZstd = execaSync('zstd', ['--version'], { reject: false }).exitCode === 0

/** Serves files as a release. Returns the environment that names the server and an empty cache. */
async function release(files: Readonly<Record<string, Buffer>>, digests = files) {
  const sums = Object.entries(digests)
    .map(([name, bytes]) => `${createHash('sha256').update(bytes).digest('hex')}  ./${name}\n`)
    .join('')
  const asked: string[] = []
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    const name = url.replace(`/v${version}/`, '')
    const bytes = name === 'sha256sum.txt' ? Buffer.from(sums) : files[name]
    if (bytes === undefined) response.writeHead(404).end()
    else response.end(bytes)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  closing.push(() => server.close())
  const { port } = server.address() as AddressInfo
  const cache = temporaryFolder()
  const env = { XDG_CACHE_HOME: cache, EXP_OLLAMA_RELEASES: `http://127.0.0.1:${port}` }
  return { env, asked, releases: join(cache, 'exp-notebook/ollama-releases') }
}

const add = (env: Readonly<Record<string, string>>, wanted = version, tools = linux) =>
  addOllama(wanted, {
    env,
    tools,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  })

describe('a release', () => {
  it.each([
    ['an archive', { [`${asset}.tgz`]: archiveOf(program(), '-czf') }],
    ['a program alone, as up to 0.3.6', { [asset]: Buffer.from(program()) }],
  ])('is downloaded, unpacked and found by its version: %s', async (_, files) => {
    const { env, releases } = await release(files)
    const file = await add(env)
    expect(file.startsWith(join(releases, version))).toBe(true)
    const settings = withAddedOllamas({ ollama: { binaries: {} } }, env)
    expect(await findOllama(version, settings, linux)).toEqual({ file, version })
    expect(readdirSync(releases)).toEqual([version])
  })

  it.skipIf(!hasZstd)('is taken in its newest form (skipped without zstd)', async () => {
    const { env } = await release({
      [`${asset}.tar.zst`]: archiveOf(program(), '--zstd'),
      [`${asset}.tgz`]: Buffer.from('old'),
    })
    expect(existsSync(await add(env))).toBe(true)
  })

  it.each([
    ['https://me:pw@mirror/releases', /contains credentials, and exp sends none/],
    ['mirror/releases', /is not a URL that starts with/],
    ['file:///releases', /is not a URL that starts with/],
    ['https://mirror/releases?pw=pw', /has a query or a fragment/],
    ['https://mirror/releases#pw', /has a query or a fragment/],
  ])('does not come from %s, and the message says what to name', async (mirror, message) => {
    const env = { XDG_CACHE_HOME: temporaryFolder(), EXP_OLLAMA_RELEASES: mirror }
    const error = await add(env).catch((reason: unknown) => reason)
    expect(String(error)).toMatch(message)
    expect(String(error)).not.toContain('pw')
  })

  it('of a Mac is its own file', async () => {
    const { env } = await release({ 'ollama-darwin.tgz': archiveOf(program(), '-czf') })
    expect(existsSync(await add(env, version, { ...linux, platform: 'darwin' }))).toBe(true)
  })

  it('with another digest than the published one is not unpacked, and nothing of it is kept', async () => {
    const bytes = archiveOf(program(), '-czf')
    const other = { [`${asset}.tgz`]: Buffer.from('as published') }
    const { env, releases } = await release({ [`${asset}.tgz`]: bytes }, other)
    await expect(add(env)).rejects.toThrow(/its digest is sha256:[0-9a-f]{64}, but/)
    expect(readdirSync(releases)).toEqual([])
  })

  it.each([
    ['no digests', {}, /has no file for this machine/],
    [
      'no file for this machine',
      { 'ollama-windows.zip': Buffer.from('x') },
      /has no file for this machine \(ollama-linux/,
    ],
    ['a damaged archive', { [`${asset}.tgz`]: Buffer.from('no archive') }, /could not be unpacked/],
    [
      'a program of another version',
      { [`${asset}.tgz`]: archiveOf(program('0.9.9'), '-czf') },
      /reports version 0\.9\.9/,
    ],
  ])('is refused with %s', async (_, files, message) => {
    const { env, releases } = await release(files)
    await expect(add(env)).rejects.toThrow(message)
    expect(readdirSync(releases)).toEqual([])
  })

  it('whose list of digests has no end is refused', async () => {
    const server = createServer((_, response) => {
      const send = () => {
        if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(send))
      }
      send()
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    closing.push(() => server.close())
    const { port } = server.address() as AddressInfo
    const mirror = { EXP_OLLAMA_RELEASES: `http://127.0.0.1:${port}` }
    await expect(add({ XDG_CACHE_HOME: temporaryFolder(), ...mirror })).rejects.toThrow(
      /sha256sum\.txt: it has more than 1000000 bytes/,
    )
  })

  it.each(['absolute', 'parent', 'link'])(
    'writes nothing outside its folder, and runs no program there: %s',
    async (kind) => {
      const outside = temporaryFolder()
      const place = join(outside, 'ollama')
      const file = `${asset}.tgz`
      const { env, releases } = await release({ [file]: escapingArchive(kind, place) })
      await expect(add(env)).rejects.toThrow(/contains no program|could not be unpacked/)
      expect(readdirSync(outside)).toEqual([])
      expect(readdirSync(releases)).toEqual([])
    },
  )

  it('that does not exist is named with its address', async () => {
    const { env } = await release({})
    await expect(add(env, '0.99.0')).rejects.toThrow(/v0\.99\.0\/sha256sum\.txt: not found/)
  })

  it('comes after the program that exp.local.yaml names', async () => {
    const { env } = await release({ [`${asset}.tgz`]: archiveOf(program(), '-czf') })
    await add(env)
    const own = { ollama: { binaries: { [version]: '/opt/own/ollama' } } }
    expect(withAddedOllamas(own, env).ollama.binaries[version]).toBe('/opt/own/ollama')
  })
})

describe('exp ollama', () => {
  it('adds a version and lists it', async () => {
    const name = process.platform === 'darwin' ? 'ollama-darwin.tgz' : `${asset}.tgz`
    const { env } = await release({ [name]: archiveOf(program(), '-czf') })
    const run = async (...args: readonly string[]) => {
      const io = { ...memoryIo(temporaryFolder()), env: { ...process.env, ...env, LANG: 'en' } }
      return { code: await runCommandLine(['ollama', ...args], io), out: io.out(), err: io.err() }
    }
    const added = await run('add', `v${version}`)
    expect(added.code, added.err).toBe(0)
    expect(added.out).toMatch(/^added Ollama 0\.11\.3: .*ollama-releases\/0\.11\.3\/bin\/ollama$/m)
    expect(added.err).toContain('100% of')
    expect((await run('list')).out).toMatch(/^0\.11\.3 {2}release {2}\S+$/m)
  })

  it.each(['latest', '../../etc', '0.11', '0.11.3/..'])(
    'refuses what is no version: %s',
    async (text) => {
      const io = memoryIo(temporaryFolder())
      expect(await runCommandLine(['ollama', 'add', text], io)).toBe(2)
      expect(io.err()).toContain('is not a version of Ollama')
    },
  )
})
