import type { CompletedCommand } from './command-tree.ts'

/** A completion script for bash, for the programs of these names. */
export function bashScript(
  programs: readonly string[],
  commands: readonly CompletedCommand[],
): string {
  const names = commands.map(({ name }) => name).join(' ')
  return `# Load it with: source <(${programs[0] ?? ''} completion bash)
_exp_ids() {
  local file
  for file in experiments/*.yaml experiments/*.yml; do
    if [ -e "$file" ]; then file=\${file##*/}; echo "\${file%.*}"; fi
  done
}
_exp() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} words=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${names} help --help --version'
  else
    case "\${COMP_WORDS[1]} $previous" in
${commands.flatMap(valueCases).join('\n')}
    *)
      case "\${COMP_WORDS[1]}" in
${commands.map(commandCase).join('\n')}
      esac
      ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _exp ${programs.join(' ')}
`
}

/** Cases for the values of options; files are the default. */
function valueCases({ name, options }: CompletedCommand): readonly string[] {
  return options
    .filter(({ takesValue }) => takesValue)
    .map((option) => `    '${name} ${option.name}') words='${option.choices.join(' ')}' ;;`)
}

function commandCase({ name, options, arguments: written }: CompletedCommand): string {
  const flags = options.map((option) => option.name).join(' ')
  const others =
    written === 'ids'
      ? '$(_exp_ids)'
      : written === 'files'
        ? '$(compgen -f -- "$current")'
        : written.join(' ')
  return `      ${name}) case $current in -*) words='${flags}' ;; *) words="${others}" ;; esac ;;`
}
