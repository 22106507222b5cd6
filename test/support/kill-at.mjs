/**
 * Kills the process in the middle of a write: `node --import ./kill-at.mjs`. The write that `EXP_TEST_KILL_AT` counts, from
 * 1, among those whose path matches `EXP_TEST_KILL_IN`, writes half of its bytes, or none for a rename or a link.
 */
import fs from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const at = Number(process.env.EXP_TEST_KILL_AT)
const files = new RegExp(process.env.EXP_TEST_KILL_IN)
const paths = new Map()
let writes = 0

const isDue = (path) => files.test(String(path)) && ++writes === at
const die = () => {
  process.kill(process.pid, 'SIGKILL')
  for (;;);
}

const { open, rename, link } = promises
promises.open = async (path, ...rest) => {
  const handle = await open(path, ...rest)
  const { writeFile } = handle
  handle.writeFile = async (data, ...options) => {
    if (!isDue(path)) return writeFile.call(handle, data, ...options)
    fs.writeSync(handle.fd, data.subarray(0, data.length / 2))
    die()
  }
  return handle
}
promises.rename = async (from, to) => {
  if (isDue(to)) die()
  return rename(from, to)
}
promises.link = async (from, to) => {
  if (isDue(to)) die()
  return link(from, to)
}

const { openSync, writeSync } = fs
fs.openSync = (path, ...rest) => {
  const descriptor = openSync(path, ...rest)
  paths.set(descriptor, path)
  return descriptor
}
fs.writeSync = (descriptor, data, ...rest) => {
  if (!isDue(paths.get(descriptor))) return writeSync(descriptor, data, ...rest)
  writeSync(descriptor, data.subarray(0, data.length / 2))
  die()
}
syncBuiltinESMExports()
