/** Reads files of a project as they are in a commit of git. Runs `git` without a shell, and changes nothing. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { ExpError } from '../errors/exp-error.ts'
import { limits } from '../errors/limits.ts'

export interface Commit {
  /** As the user wrote it: a branch, a tag or a commit. */
  readonly ref: string
  /** The names in a folder of the project; empty if the commit has no such folder. */
  names(folder: string): Promise<readonly string[]>
  /** The bytes of a file of the project; undefined if the commit has no such file. */
  bytes(file: string): Promise<Buffer | undefined>
}

/**
 * Finds a commit. Throws `ExpError` if it does not exist, or if git cannot be used.
 * @param root the project's root, which may be a folder inside the git repository
 * @param ref a branch, a tag or a commit; never an option of git
 */
export async function openCommit(root: string, ref: string): Promise<Commit> {
  const id = await commitId(root, ref)
  const names = async (folder: string): Promise<readonly string[]> => {
    const paths = await git(root, ['ls-tree', '-z', '--name-only', id, '--', `./${folder}/`])
    return paths
      .toString('utf8')
      .split('\0')
      .filter((path) => path !== '')
      .map((path) => path.slice(path.lastIndexOf('/') + 1))
  }
  return {
    ref,
    names,
    bytes: async (file) => {
      const slash = file.lastIndexOf('/')
      const known = await names(file.slice(0, slash))
      if (!known.includes(file.slice(slash + 1))) return undefined
      return git(root, ['cat-file', 'blob', `${id}:./${file}`])
    },
  }
}

/**
 * The commits before and including HEAD that touched one of the files or folders, newest first.
 * @param paths relative to the project's root, with forward slashes
 * @param max how many commits are returned at most
 */
export async function commitsTouching(
  root: string,
  paths: readonly string[],
  max: number,
): Promise<readonly Commit[]> {
  const pathspecs = paths.map((path) => `./${path}`)
  const args = ['log', `--max-count=${max}`, '--format=%H', 'HEAD', '--', ...pathspecs]
  const ids = (await git(root, args)).toString('utf8').split('\n')
  return Promise.all(ids.filter((id) => id !== '').map((id) => openCommit(root, id)))
}

async function commitId(root: string, ref: string): Promise<string> {
  const isSafe = ref !== '' && !ref.startsWith('-') && !/\p{Cc}/u.test(ref)
  const found = isSafe ? await resolved(root, ref) : undefined
  if (found !== undefined && /^[0-9a-f]{40,64}$/.test(found)) return found
  throw new ExpError(
    'invalid-input',
    `git knows no branch, tag or commit \`${ref}\``,
    '`git branch --all` lists the branches; `git fetch origin BRANCH` gets one that is missing here',
  )
}

/** The commit that git resolves the ref to; undefined if git does not know it. */
async function resolved(root: string, ref: string): Promise<string | undefined> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]
  try {
    return (await git(root, args)).toString('utf8').trim()
  } catch (error) {
    // With `--quiet`, git prints nothing if there is no such commit.
    if (error instanceof GitFailure && error.reason === '') return undefined
    throw error
  }
}

/**
 * Throws `ExpError` if git tracks the file, or cannot tell whether it does. If git is not installed, or the project is
 * not in a repository, no branch can contain the file, so the file is accepted.
 */
export function refuseTracked(root: string, file: string): void {
  // The disks of many Macs ignore case, so a name in another case is the same file.
  const args = [...safeOptions(root), 'ls-files', '-z', '--cached', '--', `:(icase)${file}`]
  const { status, stdout, stderr } = spawnSync('git', args, {
    env: safeEnvironment(),
    encoding: 'utf8',
  })
  if (status === null || (status === 0 && stdout === '')) return
  if (status !== 0 && stderr.includes('not a git repository')) return
  throw new ExpError(
    'invalid-input',
    status === 0
      ? `${file}:1:1: git tracks this file, so somebody else may have written it, for another machine`
      : `${file}:1:1: git cannot say whether it tracks this file: ${stderr.trim().split('\n', 1)[0] ?? ''}`,
    `\`git rm --cached ${file}\` takes it out of git, and a line \`${file}\` in .gitignore keeps it out; read it before you use it`,
  )
}

/**
 * Options that keep git from running programs and hooks that a file of the project could name. A folder of the project
 * may look like a repository of its own, with a configuration that came with a stranger's branch.
 */
function safeOptions(root: string): readonly string[] {
  const settings = [
    'safe.bareRepository=explicit',
    'core.fsmonitor=false',
    'core.hooksPath=/dev/null',
  ]
  return ['-C', root, ...settings.flatMap((setting) => ['-c', setting])]
}

/** An environment in which git fetches nothing, writes no index, asks for no password and understands `:(icase)`. */
function safeEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    LC_ALL: 'C',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LITERAL_PATHSPECS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'none',
  }
}

/** Throws `GitFailure` if git fails. */
async function git(root: string, args: readonly string[]): Promise<Buffer> {
  try {
    const { stdout } = await execFileBytes('git', [...safeOptions(root), ...args], {
      encoding: 'buffer',
      maxBuffer: limits.file.max,
      env: safeEnvironment(),
    })
    return stdout
  } catch (error) {
    throw gitFailure(error)
  }
}

const execFileBytes = promisify(execFile)

class GitFailure extends ExpError {
  /** The first line that git wrote to stderr. */
  readonly reason: string

  constructor(reason: string) {
    super(
      'environment',
      `git cannot read the repository: ${reason === '' ? 'it gave no reason' : reason}`,
      'run the command inside a git repository that holds the project',
    )
    this.reason = reason
  }
}

function gitFailure(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  if ('code' in error && error.code === 'ENOENT')
    return new ExpError(
      'environment',
      '`git` is not installed',
      'install it, or compare two versions of the report: `exp diff ID V1 V2`',
    )
  const stderr = 'stderr' in error ? String(error.stderr) : ''
  return new GitFailure(stderr.trim().split('\n', 1)[0] ?? '')
}
