import { describe, expect, it } from 'vitest'
import { systemTools } from '../../../src/host/machine-tools.ts'
import { Container, parseMemoryUsage } from '../../../src/targets/docker/container.ts'
import { Docker } from '../../../src/targets/docker/docker-cli.ts'

/** A container whose log is what `text` returns, on standard error as Ollama writes it. */
function containerWithLog(text: () => string): Container {
  const tools = {
    ...systemTools(),
    run: (_file: string, _args: readonly string[], { stream }: { stream?: string } = {}) =>
      Promise.resolve(stream === 'stderr' ? text() : ''),
  }
  return new Container(new Docker(tools), 'name')
}

describe('Container.newLog', () => {
  it('returns the last line, which says that the model is loaded, without waiting for the next', async () => {
    const container = containerWithLog(() => 'starting\nllama runner started in 0.28 seconds\n')
    expect(await container.newLog()).toBe('starting\nllama runner started in 0.28 seconds\n')
    expect(await container.newLog()).toBe('')
  })

  it('leaves a line that is still being written for the next call', async () => {
    let log = 'one\nhal'
    const container = containerWithLog(() => log)
    expect(await container.newLog()).toBe('one\n')
    log = 'one\nhalf\n'
    expect(await container.newLog()).toBe('half\n')
  })
})

describe('parseMemoryUsage', () => {
  it.each([
    ['512MiB / 1GiB', 512 * 2 ** 20],
    ['1.234GiB / 7.653GiB', Math.round(1.234 * 2 ** 30)],
    ['0B / 0B', 0],
    ['12.5kB / 1GB', undefined],
    ['-- / --', undefined],
  ])('reads the used memory of %s', (text, bytes) => {
    if (bytes === undefined) expect(() => parseMemoryUsage(text)).toThrow('`docker stats` printed')
    else expect(parseMemoryUsage(text)).toBe(bytes)
  })
})
