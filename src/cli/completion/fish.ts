import type { CompletedCommand, CompletedOption } from './command-tree.ts'

/** A completion script for fish, for the programs of these names. */
export function fishScript(
  programs: readonly string[],
  commands: readonly CompletedCommand[],
): string {
  const lines = programs.flatMap((program) => commands.flatMap((one) => linesOf(program, one)))
  return `# Load it with: ${programs[0] ?? ''} completion fish | source
function __exp_ids
    for file in experiments/*.yaml experiments/*.yml
        string replace -r '^experiments/(.*)\\.ya?ml$' '$1' $file
    end
end
${lines.join('\n')}
`
}

function linesOf(program: string, command: CompletedCommand): readonly string[] {
  const { name, description, options, arguments: written } = command
  const inside = `complete -c ${program} -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`
  const others =
    written === 'files'
      ? []
      : [`${inside} -f -a ${quoted(written === 'ids' ? '(__exp_ids)' : written.join(' '))}`]
  return [
    `complete -c ${program} -n __fish_use_subcommand -f -a ${name} -d ${quoted(description)}`,
    ...options.map((option) => `${inside} ${optionText(option)}`),
    ...others,
  ]
}

function optionText({ name, description, takesValue, choices }: CompletedOption): string {
  const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : takesValue ? ' -r' : ''
  return `-l ${name.replace(/^--/, '')}${value} -d ${quoted(description)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`
}
