import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { terminalLocale } from '../../src/cli/language.ts'
import { memoryIo } from '../support/memory-io.ts'

const root = mkdtempSync(join(tmpdir(), 'exp-language-'))
afterAll(() => rmSync(root, { recursive: true }))

async function exp(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const io = memoryIo(root, { env: { PATH: '', ...env } })
  return { code: await runCommandLine(args, io), out: io.out(), err: io.err() }
}

const empty = {
  en: 'no experiment yet: `exp init NAME` creates one\n',
  'zh-CN': '还没有实验：用 `exp init NAME` 新建一个\n',
}

describe('the language of the terminal', () => {
  it.each([
    [{ LANG: 'zh_CN.UTF-8' }, 'zh-CN'],
    [{ LANG: 'zh_TW' }, 'zh-CN'],
    [{ LANG: 'zh' }, 'zh-CN'],
    [{ LANG: 'en_GB.UTF-8@euro' }, 'en'],
    [{ LC_ALL: 'C', LANG: 'zh_CN.UTF-8' }, 'en'],
    [{ LC_ALL: '', LC_MESSAGES: 'zh_CN', LANG: 'en_US' }, 'zh-CN'],
    [{ LC_MESSAGES: 'POSIX', LANG: 'zh_CN' }, 'en'],
    [{ LC_CTYPE: 'zh_CN', LANGUAGE: 'zh' }, 'en'],
    [{ LANG: 'C.UTF-8' }, 'en'],
    [{ LANG: 'fr_FR' }, 'en'],
    [{}, 'en'],
  ] as const)('follows from %o', (env, locale) => {
    expect(terminalLocale({ env })).toBe(locale)
  })

  it('is that of `--lang`, before or after the command, or of the environment', async () => {
    const inChinese = { LANG: 'zh_CN.UTF-8' }
    expect((await exp(['list'], inChinese)).err).toBe(empty['zh-CN'])
    expect((await exp(['--lang', 'en', 'list'], inChinese)).err).toBe(empty.en)
    expect((await exp(['list', '--lang=zh-CN'])).err).toBe(empty['zh-CN'])
    expect((await exp(['list', '--lang', 'zh'])).err).toBe(empty['zh-CN'])
    expect((await exp(['list'])).err).toBe(empty.en)
  })

  it.each([
    ['zh-TW', 'did you mean `zh-CN`?'],
    ['zh_CN', 'did you mean `zh-CN`?'],
    ['english', 'write `zh-CN` or `en`'],
  ])('cannot be %s', async (lang, hint) => {
    const { code, out, err } = await exp(['--lang', lang, 'list'])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(`error: \`${lang}\` is not a language of exp\n`)
    expect(err).toContain(hint)
  })

  it('becomes the language of a new experiment', async () => {
    const write = async (name: string, ...args: readonly string[]) => {
      const { code, err } = await exp(['init', name, ...args])
      expect(code, err).toBe(0)
      return readFileSync(join(root, `experiments/${name}.yaml`), 'utf8')
    }
    expect(await write('in-chinese', '--lang', 'zh-CN')).toMatch(/^locale: zh-CN$/m)
    expect(await write('in-english')).toMatch(/^locale: en$/m)
  })
})
