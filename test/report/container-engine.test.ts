import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Locale } from '../../src/format/locales.generated.ts'
import { renderReport } from '../../src/report/report.ts'
import { dockerInfo } from '../../src/targets/docker/inspection.ts'
import { analysisOf, experimentOf, inputOf, measuredConfig } from './support/analysis.ts'

const config = measuredConfig('docker')
/** As `docker info` prints it with Docker Desktop; the folder says where it was recorded. */
const recorded = dockerInfo.parse(
  JSON.parse(readFileSync('test/fixtures/mac/docker-info.desktop.json', 'utf8')),
)
const engine = {
  engineVersion: '20.10.13',
  engineHost: recorded.OperatingSystem,
  engineCpus: recorded.NCPU,
  engineMemoryBytes: recorded.MemTotal,
}
const mac = { cpuModel: 'Apple M1 Pro', cpuCount: 8, memoryBytes: 2 ** 35 }

type Facts = NonNullable<Parameters<typeof analysisOf>[1][number]['facts']>

function report(facts: Facts, locale: Locale = 'en') {
  const experiment = experimentOf([config], { locales: [locale] })
  return renderReport(inputOf(experiment, analysisOf(experiment, [{ config, facts }]), { locale }))
}

describe('the environment of a container', () => {
  it('names what the virtual machine of the engine has', () => {
    const facts = { ...mac, ...engine }
    expect(report(facts)).toContain(
      '- **Container engine**: Docker Desktop 20.10.13, 4 CPUs, 3.8 GiB memory\n',
    )
    expect(report(facts, 'zh-CN')).toContain(
      '- **容器引擎**: Docker Desktop 20.10.13，CPU 4 个，内存 3.8 GiB\n',
    )
  })

  it('says nothing of an engine that has all of the machine, or of which this is not known', () => {
    const whole = { engineCpus: 8, engineMemoryBytes: 2 ** 35 - 2 ** 20 }
    expect(report({ ...mac, ...engine, ...whole })).not.toContain('Container engine')
    expect(report(mac)).not.toContain('Container engine')
  })

  it('names low-power mode beside the device', () => {
    expect(report({ ...mac, powerMode: 'low', powerSource: 'battery' })).toMatch(
      /\*\*Device\*\*: Apple M1 Pro, .*, on battery, low-power mode\n/,
    )
  })
})
