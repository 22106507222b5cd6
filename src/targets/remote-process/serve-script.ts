/**
 * The script that runs `ollama serve` on another machine, over `ssh`. It is a fixed text: everything that an experiment
 * file says goes through standard input, where no shell reads it as code.
 *
 * The server ends with the connection: when the input ends, or when exp's heartbeats stop. So nothing keeps running on
 * that machine, whatever happens to the network or to exp.
 */
import { inheritedVariables } from '../owned-server/server-environment.ts'

/** How often exp sends a heartbeat. */
export const heartbeatMs = 5_000
/** After this time without a heartbeat, the script ends the server. */
const silenceSeconds = 30
/** How long the server may take to exit after SIGTERM. It ends its runners first. */
const graceSeconds = 5

/** What the script prints instead of the log of a server. */
export const noProgram = 'exp-no-program'
export const noModels = 'exp-no-models'
/** The start of the script's last line, before the exit code of the server. */
export const serverEnded = 'exp-server-ended '

/** True for a line that the script printed, and not the server. */
export function isScriptLine(line: string): boolean {
  return line.startsWith('exp-')
}

/** Adds the folders of Ollama's own installers, which are not on the path of every login. */
export const findProgram = `PATH=$PATH:/usr/local/bin:/opt/homebrew/bin:/Applications/Ollama.app/Contents/Resources
program=$(command -v ollama)`

/**
 * The script. Standard input: see `serveInput`. Standard output: the log of the server.
 *
 * A server that finds no key would write one into `~/.ollama`, so it then gets another `HOME`. The last line kills the
 * process group, which `sshd` made for this session: the processes that compute outlive a server that crashed.
 */
export const serveScript = `exec 2>&1 3<&0
${findProgram} || { echo ${noProgram}; exit 127; }
store=$OLLAMA_MODELS
for folder in "$HOME/.ollama/models" /usr/share/ollama/.ollama/models /var/lib/ollama/models; do
  if [ -z "$store" ] && [ -d "$folder/manifests" ]; then store=$folder; fi
done
IFS= read -r mode
while IFS= read -r line && [ -n "$line" ]; do
  case $line in OLLAMA_MODELS=*) store=\${line#*=} ;; *) set -- "$@" "$line" ;; esac
done
store=\${store:-$HOME/.ollama/models}
[ "$mode" = pull ] || [ -d "$store/manifests" ] || { echo ${noModels}; exit 1; }
state=$(mktemp -d) || exit 1
[ -e "$HOME/.ollama/id_ed25519" ] || { HOME=$state/home; mkdir "$HOME"; }
${inheritedVariables.map((name) => `set -- \${${name}+"${name}=$${name}"} "$@"`).join('\n')}
env -i "$@" OLLAMA_MODELS="$store" "$program" serve </dev/null 3<&- &
server=$!
trap "" HUP PIPE
finish() {
  kill $server
  for second in ${seconds(graceSeconds)}; do kill -0 $server || break; sleep 1; done
  kill -9 $server
}
: >"$state/beats"
beats=0
{ while read -r beat; do beats=$((beats + 1)); echo $beats >"$state/beats"; done; finish; } <&3 >/dev/null 2>&1 &
{
  silent=0 last=
  while kill -0 $server; do
    sleep ${heartbeatMs / 1000}
    read -r now <"$state/beats"
    if [ "$now" = "$last" ]; then silent=$((silent + ${heartbeatMs / 1000})); else silent=0; fi
    last=$now
    [ $silent -lt ${silenceSeconds} ] || finish
  done
} </dev/null >/dev/null 2>&1 3<&- &
wait $server
code=$?
rm -rf "$state"
echo "${serverEnded}$code"
[ "$(ps -o pgid= -p $$ | tr -d " ")" != $$ ] || kill -s KILL 0`

function seconds(count: number): string {
  return Array.from({ length: count }, (_, index) => index + 1).join(' ')
}

/**
 * What the script reads before the heartbeats: whether the folder of models may be missing, and the variables of the
 * server, which must not contain line breaks.
 */
export function serveInput(env: Readonly<Record<string, string>>, pull: boolean): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}\n`)
  return `${pull ? 'pull' : 'keep'}\n${variables.join('')}\n`
}

export const heartbeat = 'alive\n'
