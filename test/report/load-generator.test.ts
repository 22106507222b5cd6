import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import type { TrialHeader } from '../../src/results/record.ts'
import { analysisOf, roundsOf } from '../analysis/simulated-analysis.ts'
import { evidenceCodes, resultOf, slower } from '../diagnosis/support/pairs.ts'
import { experimentOf, inputOf, measuredConfig } from './support/analysis.ts'

const box = { id: '0123456789ab', name: 'gpu-box', via: 'ssh' } as const

/** The report of a config here and one whose server was on another machine. */
function report(locale: 'en' | 'zh-CN', serverHost: TrialHeader['serverHost']): string {
  const configs = [
    measuredConfig('here'),
    measuredConfig('there', {
      from: 'here',
      target: { kind: 'docker', image: 'ollama/ollama:0.11.3', context: 'gpu-box', pull: false },
      env: { OLLAMA_NUM_PARALLEL: '2' },
    }),
  ]
  const experiment = experimentOf(configs, { hypotheses: [], baseline: 'here' })
  const trials = {
    here: roundsOf('here', 3, () => ({})),
    there: roundsOf('there', 3, (round) => ({
      header: serverHost === undefined ? {} : { serverHost },
      evidence: [
        {
          type: 'evidence',
          atMs: 0,
          when: 'before',
          source: '/api/version',
          facts: serverHost === undefined ? {} : { roundTripMs: 0.4 + round / 10 },
        },
      ],
    })),
  }
  return renderReport(inputOf(experiment, analysisOf(experiment, trials), { locale }))
}

describe('a server on another machine', () => {
  it.each([
    [
      'en',
      '- **Load generator**: not on the machine of the server. there ran on gpu-box, and requests went there through a connection of ssh; the round trip of the network took 0.50 to 0.70 ms (medians of 21 requests before each of 3 trials), and is part of every latency\n',
      'there vs here**: measured on different machines',
      'on the engine of the Docker context gpu-box: docker --context gpu-box compose up -d',
    ],
    [
      'zh-CN',
      '- **压测客户端**: 与服务器不在同一台机器。there 在 gpu-box 上运行，请求经 ssh 连接到达；立即应答的请求往返 0.50 到 0.70 ms (3 次试验前各 21 个请求的中位数)，延迟包含这段时间\n',
      '在不同的机器上测得',
      '在 Docker 上下文 gpu-box 的引擎上运行：docker --context gpu-box compose up -d',
    ],
  ] as const)('is named with the way to it: %s', (locale, line, machines, command) => {
    const text = report(locale, box)
    expect(text).toContain(line)
    expect(text).toContain(machines)
    expect(text).toContain(command)
    expect(text).toContain('gpu-box')
  })

  it('is named with the network in place of ssh', () => {
    expect(report('en', { ...box, via: 'tcp' })).toContain('requests went there over the network;')
  })

  it('is not named for a server on this machine', () => {
    expect(report('en', undefined)).not.toContain('Load generator**')
  })

  it('has all its CPUs for inference', () => {
    const found = resultOf('threads', {
      slow: { server: { ...slower, header: { serverHost: box } }, facts: { threads: 16 } },
      fast: {},
    })
    expect(evidenceCodes(found)).toContain('threads.above-elsewhere')
  })
})
