/** Logs that grow: each call hands over what came since the last one. */
import { open } from 'node:fs/promises'
import type { RunCommand } from '../../host/command.ts'

/** Whole lines that came since the last call, each with its line break; at first, those that are there. */
export type Tail = () => Promise<string>

/** Of a log that is longer, the beginning is not read. */
const longestRead = 16 * 1024 * 1024

/** Follows a file. One that was cut or replaced by a shorter one is read from its start. */
export function tailFile(path: string): Tail {
  let offset = 0
  return async () => {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      if (size < offset) offset = 0
      const from = Math.max(offset, size - longestRead)
      const bytes = Buffer.alloc(size - from)
      const { bytesRead } = await file.read(bytes, 0, bytes.length, from)
      const end = bytes.lastIndexOf('\n', bytesRead) + 1
      offset = from + end
      return bytes.toString('utf8', 0, end)
    } finally {
      await file.close()
    }
  }
}

/** Follows the journal of a systemd unit. */
export function tailJournal(unit: string, run: RunCommand): Tail {
  let cursor: string | undefined
  return async () => {
    const from = cursor === undefined ? '--lines=50000' : `--after-cursor=${cursor}`
    const args = [`--unit=${unit}`, '--output=cat', '--no-pager', '--quiet', '--show-cursor', from]
    const text = await run('journalctl', args)
    const mark = /^-- cursor: (.+)\n?$/m.exec(text)
    cursor = mark?.[1] ?? cursor
    return mark ? text.slice(0, mark.index) : text
  }
}
