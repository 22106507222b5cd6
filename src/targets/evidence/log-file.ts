/** The logs of servers: files and journals that grow, and the folder that keeps the logs of ended servers. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunCommand } from '../../host/command.ts'

/** Returns the complete lines since the last call, each with its line break; the first call returns all of them. */
export type Tail = () => Promise<string>

/**
 * If more than twice this many bytes were added since the last call, only the first and the last `maxReadBytes` are
 * read. The first ones are needed because they list the settings.
 */
const maxReadBytes = 8 * 1024 * 1024

/** Follows a file. If the file becomes shorter, it was replaced, and is read from its start. */
export function tailFile(path: string, maxBytes = maxReadBytes): Tail {
  let offset = 0
  return async () => {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      if (size < offset) offset = 0
      const isTooLong = size - offset > 2 * maxBytes
      const head = isTooLong ? await readLines(file, offset, offset + maxBytes) : ''
      const from = isTooLong ? size - maxBytes : offset
      const bytes = await readBytes(file, from, size)
      const end = bytes.lastIndexOf('\n') + 1
      offset = from + end
      // If the middle was skipped, the last part begins within a line, which is dropped.
      return head + bytes.toString('utf8', isTooLong ? bytes.indexOf('\n') + 1 : 0, end)
    } finally {
      await file.close()
    }
  }
}

/** The complete lines between two positions. A line must begin at `from`. */
async function readLines(file: FileHandle, from: number, to: number): Promise<string> {
  const bytes = await readBytes(file, from, to)
  return bytes.toString('utf8', 0, bytes.lastIndexOf('\n') + 1)
}

async function readBytes(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from)
  const { bytesRead } = await file.read(bytes, 0, bytes.length, from)
  return bytes.subarray(0, bytesRead)
}

/** Matches the lines that show how a server and its models were started. */
const startingLines =
  'server config|Listening on|inference compute|no compatible GPUs|msg="?(starting|load request|offload)|offloaded \\d+/\\d+ layers'

/**
 * Follows the journal of a systemd unit. The first call returns the end of the journal, after the last lines that match
 * `startingLines`, which may be older than that.
 */
export function tailJournal(unit: string, run: RunCommand): Tail {
  let cursor: string | undefined
  const read = (...args: readonly string[]) =>
    run('journalctl', [`--unit=${unit}`, '--output=cat', '--no-pager', '--quiet', ...args])
  return async () => {
    const isFirst = cursor === undefined
    // Fails if this journalctl cannot search.
    const head = isFirst ? await read(`--grep=${startingLines}`, '--lines=40').catch(() => '') : ''
    const from = isFirst ? '--lines=50000' : `--after-cursor=${cursor}`
    const text = await read('--show-cursor', from)
    const mark = /^-- cursor: (.+)\n?$/m.exec(text)
    cursor = mark?.[1] ?? cursor
    return head + (mark ? text.slice(0, mark.index) : text)
  }
}

const maxKeptLogs = 20

/**
 * The path of a new log file in the state folder; the oldest logs beyond the limit are removed. The name begins
 * with the time, so that names sort by age.
 */
export async function newLogFile(stateFolder: string): Promise<string> {
  const folder = join(stateFolder, 'logs')
  await mkdir(folder, { recursive: true })
  const names = (await readdir(folder)).sort()
  const old = names.slice(0, Math.max(0, names.length - maxKeptLogs + 1))
  await Promise.all(old.map((name) => rm(join(folder, name), { force: true })))
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  return join(folder, `${time}-${randomBytes(3).toString('hex')}.log`)
}
