// Runs after every build: makes the bin executable and lets `npx exp` find it without asking a registry.
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'

chmodSync('dist/cli/main.js', 0o755)
mkdirSync('node_modules/.bin', { recursive: true })
rmSync('node_modules/.bin/exp', { force: true })
symlinkSync('../../dist/cli/main.js', 'node_modules/.bin/exp')
