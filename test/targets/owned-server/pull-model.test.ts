import { afterEach, describe, expect, it } from 'vitest'
import { pullModel } from '../../../src/targets/owned-server/pull-model.ts'
import type { PullProgress } from '../../../src/targets/owned-server/pull-model.ts'
import { cannedServer } from '../canned-server.ts'
import type { CannedServer } from '../canned-server.ts'

const { signal } = new AbortController()
const open: CannedServer[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

async function pull(body: string, status = 200): Promise<readonly PullProgress[]> {
  const server = await cannedServer({
    'POST /api/pull': { status, body, type: 'application/x-ndjson' },
  })
  open.push(server)
  const seen: PullProgress[] = []
  await pullModel(server.url, 'qwen3:0.6b', (progress) => seen.push(progress), signal)
  return seen
}

describe('pullModel', () => {
  it('reports each step, and returns when the server has the model', async () => {
    expect(
      await pull(
        '{"status":"pulling manifest"}\n{"status":"pulling 7f4","digest":"sha256:7f4","total":100,"completed":40}\n{"status":"success"}\n',
      ),
    ).toEqual([
      { model: 'qwen3:0.6b', status: 'pulling manifest' },
      { model: 'qwen3:0.6b', status: 'pulling 7f4', totalBytes: 100, completedBytes: 40 },
      { model: 'qwen3:0.6b', status: 'success' },
    ])
  })

  it.each([
    [
      '{"status":"pulling manifest"}\n{"error":"pull model manifest: file does not exist"}\n',
      'file does not exist',
    ],
    ['{"status":"pulling 7f4"}\n', 'it stopped at `pulling 7f4`'],
    ['', 'it stopped at ``'],
  ])('throws for %j', async (body, why) => {
    await expect(pull(body)).rejects.toThrow(why)
  })

  it('throws if the server refuses', async () => {
    await expect(pull('{"error":"invalid model name"}', 400)).rejects.toThrow('invalid model name')
  })
})
