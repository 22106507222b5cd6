import { mkdtempSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { MachineTools } from '../../../src/host/machine-tools.ts'
import { localServerLog } from '../../../src/targets/evidence/local-server-log.ts'

const log = join(mkdtempSync(join(tmpdir(), 'exp-log-')), 'server.log')
writeFileSync(log, 'msg="Listening on [::]:11434 (version 0.12.3)"\n')
const tools = { platform: 'darwin' } as MachineTools

describe('the log of a server at a URL', () => {
  it.each([
    '127.0.0.1',
    'localhost',
    'ollama.localhost',
    '0.0.0.0',
    '[::1]',
    hostname(),
    `${hostname()}.local`,
  ])('is looked for on this machine: %s', async (name) =>
    expect(await localServerLog(tools, [log])(`http://${name}:11434`)).toMatchObject({
      found: true,
    }),
  )

  it.each([
    ['http://gpu.example:11434', 'not one of this machine'],
    ['http://192.0.2.7:11434', 'not one of this machine'],
    ['http://127.0.0.1:11435', 'no log of a server on port 11435'],
  ])('is not found at %s', async (url, why) => {
    const found = await localServerLog(tools, [log])(url)
    expect(found).toMatchObject({ found: false, why: expect.stringContaining(why) as string })
  })
})
