import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { addEngine } from '../../src/embedded/add-engine.ts'
import {
  binding,
  buildPackage,
  engineFolder,
  installedBinding,
  notInstalled,
} from '../../src/embedded/engine-package.ts'

const root = mkdtempSync(path.join(tmpdir(), 'exp-engine-'))
afterAll(() => rmSync(root, { recursive: true }))

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))

describe('the version of the binding', () => {
  it('is the one that this repository installs', () => {
    const manifest = path.join(import.meta.dirname, '../../package.json')
    expect(readJson(manifest)).toMatchObject({
      devDependencies: { [binding.name]: binding.version },
    })
    expect(installedBinding(import.meta.url)).toContain('node_modules/node-llama-cpp/dist/index.js')
  })

  it('must be exact: a project may have another version for itself', () => {
    const folder = path.join(root, 'other', 'node_modules', binding.name)
    mkdirSync(path.join(folder, 'dist'), { recursive: true })
    writeFileSync(path.join(folder, 'dist/index.js'), '')
    const install = (version: string) =>
      writeFileSync(
        path.join(folder, 'package.json'),
        JSON.stringify({ name: binding.name, version, main: 'dist/index.js' }),
      )
    const from = path.join(root, 'other', 'main.js')
    install('3.0.0')
    expect(installedBinding(from)).toBeUndefined()
    install(binding.version)
    expect(installedBinding(from)).toBe(path.join(folder, 'dist/index.js'))
    expect(installedBinding(path.join(root, 'main.js'))).toBeUndefined()
  })
})

describe('notInstalled', () => {
  it('names the command that adds the engine where there is a build, and otherwise what works instead', () => {
    for (const platform of ['linux', 'darwin'] as const)
      for (const architecture of ['x64', 'arm64']) {
        expect(buildPackage(platform, architecture)).toMatch(/^@node-llama-cpp\/(linux|mac)-/)
        expect(notInstalled(platform, architecture).fix).toContain('`exp engine add`')
      }
    expect(notInstalled('win32', 'x64').why).toBe(
      'the embedded engine is not available for win32 on x64',
    )
    expect(notInstalled('win32', 'x64').fix).toContain('target: {url:')
  })
})

describe('addEngine', () => {
  const env = { XDG_CACHE_HOME: path.join(root, 'cache') }

  it('has npm install the binding and one build, without scripts, and moves the complete folder into place', async () => {
    let places: readonly string[] = []
    const folder = await addEngine(env, (cwd, file, args) => {
      expect(file).toBe('npm')
      expect(args).toEqual(
        expect.arrayContaining(['install', '--omit=optional', '--ignore-scripts']),
      )
      expect(readJson(path.join(cwd, 'package.json'))).toEqual({
        private: true,
        dependencies: {
          [binding.name]: binding.version,
          [buildPackage(process.platform, process.arch)!]: binding.version,
        },
      })
      expect(cwd).not.toBe(engineFolder(env))
      writeFileSync(path.join(cwd, 'installed'), '')
      places = readdirSync(path.dirname(cwd))
      return Promise.resolve()
    })
    expect(folder).toBe(engineFolder(env))
    expect(places).toHaveLength(1)
    expect(readdirSync(folder)).toContain('installed')
    expect(readdirSync(path.dirname(folder))).toEqual([path.basename(folder)])
  })

  it('keeps the installed engine, and gives the reason, if npm fails', async () => {
    const failing = addEngine(env, () => Promise.reject(new Error('E404 no such package')))
    await expect(failing).rejects.toThrow(
      'npm could not install the embedded engine: E404 no such package',
    )
    expect(readdirSync(engineFolder(env))).toContain('installed')
    expect(readdirSync(path.dirname(engineFolder(env)))).toHaveLength(1)
  })

  it('uses the npm that started exp', async () => {
    const npm = '/opt/node/lib/node_modules/npm/bin/npm-cli.js'
    await addEngine({ ...env, npm_execpath: npm }, (_, file, args) => {
      expect([file, args[0]]).toEqual([process.execPath, npm])
      return Promise.resolve()
    })
  })
})
