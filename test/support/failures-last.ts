/** A reporter that prints the failures at the end of the log, so that a truncated log still shows them. */
import type { Reporter, TestModule } from 'vitest/node'

const longest = 300

// eslint-disable-next-line no-restricted-exports -- vitest loads a reporter by its default export
export default class FailuresLast implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap((module) => [
      ...module.errors().map(({ message }) => line(module, '', message)),
      ...[...module.children.allTests('failed')].map((test) =>
        line(module, test.fullName, test.result().errors?.[0]?.message ?? ''),
      ),
    ])
    // The default reporter prints its own summary in the same event.
    if (lines.length > 0) setImmediate(() => process.stdout.write(`${lines.join('\n')}\n`))
  }
}

function line(module: TestModule, test: string, message: string): string {
  return `FAILED ${module.relativeModuleId} > ${test}: ${message.replace(/\s+/g, ' ').slice(0, longest)}`
}
