/** A folder that this user cannot write. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync } from 'node:fs'
import { onTestFinished } from 'vitest'

/**
 * Creates the folder, and returns why it cannot be written, as `exp` says it. Root may write any folder of a writable
 * disk, so for root (on Linux) it is a read-only file system, which is removed when the test ends.
 */
export function makeReadOnlyFolder(path: string): string {
  mkdirSync(path)
  if (process.getuid?.() !== 0) {
    chmodSync(path, 0o555)
    return 'permission is denied'
  }
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=4k', 'tmpfs', path])
  onTestFinished(() => void execFileSync('umount', [path]))
  return 'the file system is read-only'
}
