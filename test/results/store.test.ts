import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Redactor } from '../../src/results/redact.ts'
import { ResultStore } from '../../src/results/store.ts'
import { endOf, headerOf, requestOf } from './sample-trial.ts'

let folder: string
let store: ResultStore
const files = () => readdirSync(join(folder, 'results')).sort()

const imports = `
  import { ResultStore } from ${JSON.stringify(join(import.meta.dirname, '../../src/results/store.ts'))}
  import { headerOf, requestOf } from ${JSON.stringify(join(import.meta.dirname, 'sample-trial.ts'))}`

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exp-store-'))
  store = new ResultStore(folder)
})
afterEach(() => rm(folder, { recursive: true }))

async function writeTrial(requests: number, changes: Parameters<typeof headerOf>[0] = {}) {
  const writer = await store.create(headerOf(changes))
  for (let index = 0; index < requests; index++) writer.append(requestOf(index))
  writer.append(endOf())
  return writer.close()
}

describe('a stored trial', () => {
  it('is listed by its first and last record, and read whole with the digest of its bytes', async () => {
    const path = await writeTrial(5)
    const [listing] = await store.list()
    expect(listing).toEqual({
      file: '20250808T142103Z-3f9a-native-r1.jsonl',
      header: headerOf(),
      end: endOf(),
    })
    const trial = await store.read(listing!.file)
    expect(trial.requests.length).toBe(5)
    expect(trial).toMatchObject({ file: listing!.file, truncated: false, end: endOf() })
    expect(trial.digest).toBe(
      `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`,
    )
  })

  it('gets a new file each time it is measured, also for each side of an A/A run', async () => {
    await Promise.all([writeTrial(1), writeTrial(2), writeTrial(3)])
    await writeTrial(1, { side: 'a', round: 3 })
    expect(files()).toEqual([
      '20250808T142103Z-3f9a-native-a-r3.jsonl',
      '20250808T142103Z-3f9a-native-r1-2.jsonl',
      '20250808T142103Z-3f9a-native-r1-3.jsonl',
      '20250808T142103Z-3f9a-native-r1.jsonl',
    ])
    const lengths = await Promise.all(
      (await store.list()).map(async ({ file }) => (await store.read(file)).requests.length),
    )
    expect(lengths.toSorted()).toEqual([1, 1, 2, 3])
  })

  it.each([
    ['as written', (text: string) => text, true],
    ['without its last line feed', (text: string) => text.slice(0, -1), true],
    ['with an empty line behind its end', (text: string) => `${text}\n`, false],
    ['with a part of a record behind its end', (text: string) => `${text}{"type":"re`, false],
    ['without its end', (text: string) => text.replace(/\{"type":"end".*\n/, ''), false],
    [
      'with an end record of 8 kB',
      (text: string) =>
        text.replace('"outcome":"ended"', `"outcome":"ended","reason":"${'x'.repeat(8000)}"`),
      true,
    ],
  ])('%s has ended for `list` exactly if it has ended for `read`', async (_, change, hasEnded) => {
    const path = await writeTrial(2)
    const [head = '', ...lines] = readFileSync(path, 'utf8').split(/(?<=\n)/)
    const end = lines.pop() ?? ''
    writeFileSync(path, head + lines.join('') + change(end))
    const [listing] = await store.list()
    const trial = await store.read(listing!.file)
    expect([listing?.end !== undefined, trial.end !== undefined]).toEqual([hasEnded, hasEnded])
  })

  it('is compressed above 1 MB, and still listed and read as before', async () => {
    const path = await writeTrial(4000)
    expect(path).toMatch(/\.jsonl\.gz$/)
    expect(files()).toHaveLength(1)
    expect(gunzipSync(readFileSync(path)).toString().split('\n')).toHaveLength(4003)
    const [listing] = await store.list()
    expect(listing?.end).toEqual(endOf())
    const trial = await store.read(listing!.file)
    expect(trial.requests.length).toBe(4000)
    expect(trial.requests.row(3999)).toEqual(requestOf(3999))
    await writeTrial(1)
    expect(files()).toEqual([
      '20250808T142103Z-3f9a-native-r1-2.jsonl',
      '20250808T142103Z-3f9a-native-r1.jsonl.gz',
    ])
  })

  it('is read if somebody compressed it as one gzip member', async () => {
    const path = await writeTrial(3)
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)))
    expect(await store.list()).toMatchObject([
      { file: '20250808T142103Z-3f9a-native-r1.jsonl.gz', end: endOf() },
    ])
  })

  it('is an error that names the file if its compressed bytes are damaged', async () => {
    const path = await writeTrial(4000)
    writeFileSync(path, readFileSync(path).subarray(0, 9000))
    await expect(store.read('20250808T142103Z-3f9a-native-r1.jsonl.gz')).rejects.toMatchObject({
      code: 'result-file',
      message: expect.stringContaining('native-r1.jsonl.gz`: it cannot be decompressed') as string,
    })
  })

  it('is not listed if its header is incomplete', async () => {
    await writeTrial(1)
    writeFileSync(join(folder, 'results', 'x-y-r1.jsonl'), '{"type":"trial","formatVer')
    writeFileSync(join(folder, 'results', 'x-z-r1.jsonl'), '')
    expect(await store.list()).toHaveLength(1)
  })

  it('keeps the records that were appended before its process was killed', async () => {
    const script = `
      ${imports}
      const writer = await new ResultStore(${JSON.stringify(folder)}).create(headerOf())
      for (let index = 0; ; index++) {
        writer.append(requestOf(index))
        await new Promise((resolve) => setTimeout(resolve, 1))
        if (index === 40) process.stdout.write('forty')
      }`
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    await new Promise((resolve) => child.stdout.once('data', resolve))
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    const [listing] = await store.list()
    expect(listing?.end).toBeUndefined()
    expect((await store.read(listing!.file)).requests.length).toBeGreaterThanOrEqual(40)
  })
})

describe('writing a trial', () => {
  it('stores no secret, control code, path or private name', async () => {
    store = new ResultStore(folder, new Redactor(['wang']))
    const writer = await store.create(
      headerOf({ settings: { env: { HF_TOKEN: 'hf_abc' }, options: {} } }),
    )
    writer.append(
      requestOf(0, { outcome: 'refused', error: '\u001b[31mno\u001b[0m /home/wang/x from wang' }),
    )
    const stored = readFileSync(await writer.close(), 'utf8')
    expect(stored).toContain('"HF_TOKEN":"[redacted]"')
    expect(stored).toContain('"error":"no …/x from [redacted]"')
  })

  it('signals a clear error when the file cannot grow any further', async () => {
    const script = `${imports}
      const writer = await new ResultStore(${JSON.stringify(folder)}).create(headerOf())
      writer.failed.addEventListener('abort', () => console.log(writer.failed.reason.message))
      for (let index = 0; !writer.failed.aborted; index++) {
        writer.append(requestOf(index))
        await new Promise((resolve) => setImmediate(resolve))
      }
      await writer.close().catch((error) => console.log(error.code))`
    const limited = spawn('bash', [
      '-c',
      `ulimit -f 16; trap '' XFSZ; exec "$0" --import tsx --input-type=module -e "$1"`,
      process.execPath,
      script,
    ])
    let output = ''
    for await (const chunk of limited.stdout) output += String(chunk)
    expect(output).toMatch(
      /^cannot write `.*r1\.jsonl`: the file has reached the size limit\nenvironment\n$/,
    )
    const trial = await store.read((await store.list())[0]!.file)
    expect(trial.requests.length).toBeGreaterThan(10)
    expect(trial.end).toBeUndefined()
  })

  it('fails before anything is measured if its folder is a file', async () => {
    writeFileSync(join(folder, 'results'), '')
    await expect(store.create(headerOf())).rejects.toMatchObject({ code: 'environment' })
  })
})

describe('dropped runs', () => {
  it('are listed in the order in which they were dropped', async () => {
    expect(store.dropped()).toEqual([])
    const drops = ['r1', 'r2'].map((run) => ({
      run,
      why: 'on battery',
      droppedAt: '2025-08-08T22:00:00+08:00',
    }))
    for (const drop of drops) await store.drop(drop)
    expect(store.dropped()).toEqual(drops)
  })

  it('are an error that names file and line if one cannot be read', () => {
    writeFileSync(join(folder, 'dropped.jsonl'), '{"run":1}\n')
    expect(() => store.dropped()).toThrow('dropped.jsonl:1')
  })
})

it('lists no trials if the folder does not exist', async () => {
  expect(await new ResultStore(join(folder, 'nowhere')).list()).toEqual([])
})
