import type { CompletedCommand, CompletedOption } from './command-tree.ts'

/** A completion script for zsh, for the programs of these names. */
export function zshScript(
  programs: readonly string[],
  commands: readonly CompletedCommand[],
): string {
  const described = commands.map(({ name, description }) =>
    quoted(`${name}:${description.replaceAll(':', '\\:')}`),
  )
  return `#compdef ${programs.join(' ')}
# Load it with: source <(${programs[0] ?? ''} completion zsh)
_exp_ids() {
  local -a ids
  ids=(experiments/*.(yaml|yml)(N:t:r))
  compadd -a ids
}
_exp() {
  local -a commands
  commands=(
    ${described.join('\n    ')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(commandCase).join('\n')}
  esac
}
compdef _exp ${programs.join(' ')}
`
}

function commandCase({ name, options, arguments: written }: CompletedCommand): string {
  const rest =
    written === 'ids'
      ? "'*:id:_exp_ids'"
      : written === 'files'
        ? "'*:file:_files'"
        : written.length > 0
          ? quoted(`1:${name}:(${written.join(' ')})`)
          : ''
  return `    ${name}) _arguments ${[...options.map(optionSpec), rest].join(' ').trim()} ;;`
}

function optionSpec({ name, description, takesValue, choices }: CompletedOption): string {
  const text = description.replaceAll(/[[\]:]/g, String.raw`\$&`)
  const value = takesValue
    ? `:value:${choices.length > 0 ? `(${choices.join(' ')})` : '_files'}`
    : ''
  return quoted(`${name}[${text}]${value}`)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
