/** The GitHub Actions workflows that `exp init --ci` writes. They need no secrets. */

/** `reports` checks and publishes reports; `fleet` also measures on several machines. */
export type Ci = 'reports' | 'fleet'

const install = `      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm ci
`

const workflow = `# Checks in each pull request that the reports match their results. It needs no Ollama.
# This project's package.json must have exp-notebook among its devDependencies.
name: reports
on: [push, pull_request]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
${install}      - run: npx exp check
`

/** Pages can be public even if their repository is not, so nothing is published unless somebody asks for it. */
const siteWorkflow = `# Publishes the reports as a site on GitHub Pages, which can be public even if the repository is private. So it runs only
# when somebody starts it: Actions, "notebook site", "Run workflow". To publish after each change of main, add below \`on:\`
#   push: {branches: [main], paths: ['reports/**']}
# Before the first time, choose "GitHub Actions" as the source in Settings, Pages.
# This project's package.json must have exp-notebook among its devDependencies.
name: notebook site
on:
  workflow_dispatch:
permissions:
  contents: read
  pages: write
  id-token: write
concurrency:
  group: pages
jobs:
  site:
    runs-on: ubuntu-latest
    environment:
      name: github-pages
      url: \${{ steps.pages.outputs.page_url }}
    steps:
${install}      - run: npx exp site --out site --source "$SOURCE"
        env:
          SOURCE: \${{ github.server_url }}/\${{ github.repository }}/blob/\${{ github.sha }}
      - uses: actions/upload-pages-artifact@v3
        with:
          path: site
      - id: pages
        uses: actions/deploy-pages@v4
`

/**
 * Measures with one job per host. Scripts get names and inputs as variables only, so that no shell runs them as code.
 */
const fleetWorkflow = `# Measures an experiment on several machines and opens a pull request with the report: Actions, "exp fleet",
# "Run workflow". Each machine is a self-hosted runner; its label is the \`host\` of the configs that it measures.
# This project's package.json must have exp-notebook among its devDependencies. For the pull request, allow GitHub Actions
# to create pull requests: Settings, Actions, General.
name: exp fleet
on:
  workflow_dispatch:
    inputs:
      experiment:
        description: The name of the experiment, as in experiments/NAME.yaml
        required: true
permissions:
  contents: read
env:
  EXPERIMENT: \${{ inputs.experiment }}
jobs:
  hosts:
    runs-on: ubuntu-latest
    outputs:
      hosts: \${{ steps.hosts.outputs.hosts }}
    steps:
${install}      - id: hosts
        run: |
          hosts=$(npx exp validate "experiments/$EXPERIMENT.yaml" --hosts)
          echo "hosts=$hosts" >> "$GITHUB_OUTPUT"

  measure:
    needs: hosts
    strategy:
      fail-fast: false
      matrix:
        host: \${{ fromJSON(needs.hosts.outputs.hosts) }}
    runs-on: [self-hosted, "\${{ matrix.host }}"]
    timeout-minutes: 360
    steps:
      - uses: actions/checkout@v4
      - run: npm ci
      - run: npx exp run "experiments/$EXPERIMENT.yaml" --host "$HOST" --here --yes
        env:
          HOST: \${{ matrix.host }}
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: results-\${{ strategy.job-index }}
          path: reports/\${{ inputs.experiment }}/results
          if-no-files-found: ignore

  report:
    needs: measure
    if: always() && needs.measure.result != 'skipped'
    runs-on: ubuntu-latest
    permissions:
      contents: write
      pull-requests: write
    steps:
${install}      - uses: actions/download-artifact@v4
        with:
          pattern: results-*
          merge-multiple: true
          path: reports/\${{ inputs.experiment }}/results
      - run: |
          npx exp report "$EXPERIMENT"
          npx exp check "$EXPERIMENT"
      - run: |
          git config user.name 'github-actions[bot]'
          git config user.email '41898282+github-actions[bot]@users.noreply.github.com'
          git switch --create "exp/$EXPERIMENT-$GITHUB_RUN_ID"
          git add reports
          git commit --message "reports: measure $EXPERIMENT on all hosts"
          git push origin HEAD
      - run: npx exp show "$EXPERIMENT" --md | gh pr create --title "Measure $EXPERIMENT on all hosts" --body-file -
        env:
          GH_TOKEN: \${{ github.token }}
`

type Workflow = readonly [file: string, text: string]

/** Each file with its text. */
export function workflowsOf(ci: Ci): readonly Workflow[] {
  const reports: readonly Workflow[] = [
    ['.github/workflows/exp.yaml', workflow],
    ['.github/workflows/exp-site.yaml', siteWorkflow],
  ]
  return ci === 'reports'
    ? reports
    : [...reports, ['.github/workflows/exp-fleet.yaml', fleetWorkflow]]
}
