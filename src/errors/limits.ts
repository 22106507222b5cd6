/**
 * All limits on input that may come from a stranger. The time and the memory that such input needs grow in
 * proportion to its size, and these numbers bound the size. They are far above what people need.
 */

export interface Limit {
  readonly max: number
  /** What `max` counts. */
  readonly unit: string
  /** What to do about input beyond the limit. */
  readonly remedy: string
}

/** A limit on a number that means nothing to people. */
interface InternalLimit extends Omit<Limit, 'unit'> {
  /** What a message says instead of the number: `has too many marks`. */
  readonly problem: string
}

const shorter = 'shorten it, or split it'
const rightFile = 'is this the right file?'
const checkAddress = 'check whether this is the address of Ollama'
const restore = 'restore the file from git, or remove it'

export const limits = {
  /** A file of the project, unless it has a limit of its own. */
  file: { max: 8_000_000, unit: 'bytes', remedy: shorter },
  experiment: { max: 256 * 1024, unit: 'characters', remedy: rightFile },
  /** The file of a dataset, and those of all datasets of one experiment together. */
  dataset: { max: 4 * 1024 * 1024, unit: 'characters', remedy: rightFile },
  /**
   * The samples of a dataset, and those of all datasets of one experiment together: each needs about 4 kB of memory.
   */
  samples: { max: 50_000, unit: 'samples', remedy: 'take a part of them, or split the experiment' },
  /** The columns of a CSV. */
  columns: { max: 1000, unit: 'columns', remedy: 'keep those that the prompt and the checks use' },
  serverLog: {
    max: 1024 * 1024,
    unit: 'characters',
    remedy: 'keep the lines from the start of the server to the first requests',
  },
  /** The server logs of all configs together. Searching them takes up to half a second per megabyte. */
  serverLogs: {
    max: 4 * 1024 * 1024,
    unit: 'characters',
    remedy: 'keep the lines from the start of each server to the first requests',
  },
  localSettings: { max: 64 * 1024, unit: 'bytes', remedy: rightFile },

  /** Levels of lists and mappings in YAML, and in JSON. */
  depth: { max: 50, unit: 'levels', remedy: rightFile },
  /**
   * Mistakes of a YAML file, and documents and directives beyond the first. More are not counted: each needs memory.
   */
  yamlMistakes: { max: 1000, unit: 'mistakes', remedy: rightFile },
  /** Aliases `*name` of a YAML file: the library looks through all anchors for each of them. */
  yamlAliases: { max: 1000, unit: 'aliases', remedy: 'write the values in full' },
  /** Keys, values, spaces and marks of a YAML file: each needs about 500 bytes of memory. */
  yamlParts: {
    max: 600_000,
    unit: 'keys, values and marks',
    remedy: 'split it, or use JSON lines',
  },
  /** The lines of a YAML file, or of a file of samples. */
  lines: { max: 250_000, unit: 'lines', remedy: 'split it, or use JSON lines' },
  /** Problems of a file: the search stops after this many. */
  problems: { max: 200, unit: 'problems', remedy: 'fix the first ones' },
  /** A title, a label, a name: text that a report shows on one line. */
  line: { max: 2000, unit: 'characters', remedy: 'write at most 2000 characters' },
  configs: { max: 200, unit: 'configs', remedy: 'split the experiment' },
  hypotheses: { max: 200, unit: 'hypotheses', remedy: 'split the experiment' },
  /** Variables, options, tags, facts: entries of a list or a mapping of the experiment file. */
  entries: { max: 200, unit: 'entries', remedy: 'write at most 200 entries' },
  /** Turns of a conversation: each request repeats all earlier turns. */
  turns: { max: 100, unit: 'turns', remedy: 'split the conversation' },
  /** Tags `{{…}}` of a prompt. */
  promptTags: { max: 200, unit: 'tags', remedy: 'use fewer fields and conditions' },

  template: { max: 200_000, unit: 'bytes', remedy: shorter },
  /** Tags `{{…}}` of one template. */
  templateTags: { max: 1000, unit: 'tags', remedy: 'use fewer blocks and values' },
  /** The parts of `report.hbs` with all templates that it includes, each as often as it is included. */
  templateParts: { max: 20_000, unit: 'parts', remedy: 'include fewer templates' },
  /** The characters of text in `report.hbs` and all templates that it includes, each as often as it is included. */
  templateText: { max: 2_000_000, unit: 'characters', remedy: 'include fewer templates' },
  /** The entries of all `{{#each}}` in one report. */
  templateEntries: { max: 100_000, unit: 'entries', remedy: 'nest fewer lists' },
  /** The characters that all `{{#each}}` of one report write. */
  templateOutput: { max: 16_000_000, unit: 'characters', remedy: 'nest fewer lists' },

  /** `analysis`, or the text of one keep block. GitHub shows no more than 512,000 bytes of a report. */
  prose: {
    max: 200_000,
    unit: 'bytes',
    remedy:
      'GitHub shows no more than 512,000 bytes of a report: keep long texts in a file of their own, and link to it',
  },
  /**
   * The lines of `analysis` or of one keep block. The parser needs up to a third of a millisecond for each, several
   * times in one command.
   */
  proseLines: { max: 2000, unit: 'lines', remedy: shorter },
  /** Quotes, lists and footnotes that are nested in each other. */
  markdownDepth: { max: 50, unit: 'levels', remedy: 'nest fewer quotes, lists and footnotes' },
  /** Backticks and comments of a paragraph times its length, added up over all paragraphs. */
  paragraphMarkup: {
    max: 20_000_000,
    problem: 'has too many backticks and comments for its length',
    remedy: 'split the paragraph with an empty line',
  },
  /** The lines of a report. The parser needs up to a third of a millisecond for each. */
  reportLines: { max: 20_000, unit: 'lines', remedy: shorter },
  /** The cells of all tables of a report, counting those that a row leaves out: each becomes a cell of a page. */
  tableCells: {
    max: 100_000,
    unit: 'cells in tables',
    remedy: 'split the table, or keep it in a file of its own',
  },
  /** Headings of a report that are underlined; for each, the parser looks at all of the report before it. */
  underlinedHeadings: {
    max: 200,
    unit: 'headings underlined with `=` or `-`',
    remedy: 'write headings with `#`',
  },
  /** A picture that a report shows. A larger one is not put into its page. */
  picture: { max: 2_000_000, unit: 'bytes', remedy: 'store a smaller picture' },
  /** All pictures of one page, each as often as the report shows it. Further ones are not put into the page. */
  pagePictures: { max: 8_000_000, unit: 'bytes', remedy: 'store smaller pictures' },
  /**
   * Tags and character references of a chart's file. A page shows a file with more as a picture without tooltips.
   */
  chartTags: { max: 20_000, unit: 'tags', remedy: restore },
  /** The same of all charts of one page. Further ones are pictures too. */
  pageChartTags: { max: 100_000, unit: 'tags', remedy: restore },
  /** The characters of the addresses of all links `[text][name]` of one page, each of which repeats its address. */
  linkAddresses: {
    max: 4_000_000,
    unit: 'characters in the addresses of its links',
    remedy: 'write fewer links, or shorter addresses',
  },

  /** The number of marks such as `*` and `[` in a paragraph, squared, and added up over all paragraphs of a report. */
  inlineMarkup: {
    max: 5_000_000,
    problem: 'has too many marks such as `*` and `[`',
    remedy: 'split the paragraph with an empty line',
  },
  /** A picture of a sample, and all of a dataset together, which are kept in memory. */
  image: { max: 4_000_000, unit: 'bytes', remedy: 'store a smaller picture' },
  images: { max: 64_000_000, unit: 'bytes', remedy: 'use fewer or smaller pictures' },
  /** An answer of a server about itself and its models. */
  serverAnswer: { max: 8_000_000, unit: 'bytes', remedy: checkAddress },
  /** The models that a server lists, or the capabilities of one. */
  serverEntries: { max: 10_000, unit: 'entries', remedy: checkAddress },
  /** A name, a digest or a version in an answer of a server. */
  serverName: { max: 2000, unit: 'characters', remedy: checkAddress },
  /** Responses with a status below 200 that precede an answer; real servers send none or one. */
  interimResponses: { max: 20, unit: 'interim responses', remedy: checkAddress },
  /** A line of a streamed answer. The longest of Ollama is the final line with the `context` of a long prompt. */
  streamLine: { max: 16 * 1024 * 1024, unit: 'bytes', remedy: checkAddress },
  /** All lines of a streamed answer: each token has a line of about 150 bytes. */
  stream: { max: 64 * 1024 * 1024, unit: 'bytes', remedy: checkAddress },
  /** The text of an answer, which is kept in memory until its end. */
  answer: { max: 4 * 1024 * 1024, unit: 'characters', remedy: checkAddress },

  /** The list of digests that is published with a release of Ollama. */
  releaseDigests: { max: 1_000_000, unit: 'bytes', remedy: checkAddress },
  /** A release of Ollama. */
  release: { max: 16_000_000_000, unit: 'bytes', remedy: checkAddress },

  /** A line of a server's log; the rest of a longer line is not read. */
  logLine: { max: 8000, unit: 'characters', remedy: shorter },

  /** A file that `exp pack` wrote, and its size after decompression. */
  pack: { max: 128_000_000, unit: 'bytes', remedy: 'prune old results: `exp prune ID`' },
  unpacked: { max: 128_000_000, unit: 'bytes', remedy: 'prune old results: `exp prune ID`' },
  packFiles: { max: 20_000, unit: 'files', remedy: 'prune old results: `exp prune ID`' },
  /**
   * A small pack may always have this many bytes after decompression; a larger one has at most `compressionRatio` times
   * its size.
   */
  alwaysAllowedPack: { max: 16_000_000, unit: 'bytes', remedy: restore },

  /** A stored result, as it is on the disk. */
  result: { max: 512_000_000, unit: 'bytes', remedy: restore },
  /** A stored result after decompression. */
  unpackedResult: { max: 512_000_000, unit: 'bytes', remedy: restore },
  /** A fact, a name or a reason in a stored result; this program stores at most 4,000 characters. */
  storedShortText: { max: 8000, unit: 'characters', remedy: restore },
  /** A prompt or an answer in a stored result; this program stores at most 1,000,000 characters. */
  storedLongText: { max: 4 * 1024 * 1024, unit: 'characters', remedy: restore },
  /** The scores, variables or options of one record. */
  storedEntries: { max: 1000, unit: 'entries', remedy: restore },
  /** The different checks of one result, each of which has a column in memory. */
  resultChecks: { max: 50, unit: 'checks', remedy: restore },
  /** The largest ratio of the decompressed to the compressed size of a result or a pack; real ones have 5 to 30. */
  compressionRatio: { max: 100, unit: 'times its size', remedy: restore },
  /** A compressed result may always have this many bytes after decompression, whatever its own size. */
  alwaysAllowedResult: { max: 256 * 1024, unit: 'bytes', remedy: restore },
  /** The first line of a result, which is kept in memory for every result of an experiment. */
  resultHeader: { max: 2_000_000, unit: 'bytes', remedy: restore },
  resultLine: { max: 16_000_000, unit: 'bytes', remedy: restore },

  /**
   * A text in a lock: a title, an answer, a fact. The longest that this program writes are sentences with several
   * labels.
   */
  lockText: { max: 64_000, unit: 'characters', remedy: restore },
  /** The reports, locks and charts of all versions of one experiment, which are kept in memory together. */
  reportFolder: {
    max: 256_000_000,
    unit: 'bytes of reports, locks and charts',
    remedy: 'continue with a copy of the experiment under another name',
  },
  /** The versions of a report. */
  versions: {
    max: 1000,
    unit: 'locks',
    remedy: 'continue with a copy of the experiment under another name',
  },
  /** The lines that differ between two texts; a longer difference is not shown line by line. */
  differingLines: { max: 2000, unit: 'lines', remedy: 'compare the files with another program' },
} as const satisfies Readonly<Record<string, Limit | InternalLimit>>

/** A shorter chunk of a server's answer counts as this many bytes, because each chunk costs time and memory. */
export const minChunkBytes = 64

/** What is wrong with input beyond the limit: `262152 characters; the maximum is 262144`. */
export function beyond({ max, unit }: Limit, found: number): string {
  return `${found} ${unit}; the maximum is ${max}`
}
