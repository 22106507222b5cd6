import { describe, expect, it } from 'vitest'
import { printError } from '../../src/cli/print-error.ts'
import { memoryIo } from '../support/memory-io.ts'

describe('an error', () => {
  it('about a module that Node does not find is not an internal error: too many files may be open', () => {
    const io = memoryIo('/')
    const error = Object.assign(new Error('Cannot find module x'), { code: 'ERR_MODULE_NOT_FOUND' })
    expect(printError(error, io)).toBe(3)
    expect(io.err()).toContain('ulimit -n')
  })
})
