// The script of every page: sorts tables, searches the index, unfolds what is printed or linked to. Pages work without it.

const language = document.documentElement.lang
const byText = new Intl.Collator(language, { numeric: true, sensitivity: 'base' })

for (const table of document.querySelectorAll('table[data-sortable]')) makeSortable(table)
for (const input of document.querySelectorAll('input[type=search]')) makeSearchable(input)
unfoldContents()
unfoldForPrint()
addEventListener('hashchange', unfoldTarget)
unfoldTarget()

function makeSortable(table) {
  const [body] = table.tBodies
  const original = [...body.rows]
  const headers = [...table.tHead.rows[0].cells]
  for (const [column, header] of headers.entries()) {
    if (header.textContent.trim() === '') continue
    const button = document.createElement('button')
    button.type = 'button'
    button.append(...header.childNodes)
    header.append(button)
    button.addEventListener('click', () => {
      const order = next[header.getAttribute('aria-sort') ?? '']
      for (const other of headers) other.removeAttribute('aria-sort')
      if (order !== undefined) header.setAttribute('aria-sort', order)
      body.append(...sorted(original, column, order))
    })
  }
}

const next = { '': 'ascending', ascending: 'descending' }

function sorted(rows, column, order) {
  if (order === undefined) return rows
  const sign = order === 'ascending' ? 1 : -1
  const cells = new Map(rows.map((row) => [row, row.cells[column]]))
  const isOfNumbers = [...cells.values()].some((cell) => cell?.dataset.value !== undefined)
  const compare = isOfNumbers ? compareNumbers : compareTexts
  return rows.toSorted((a, b) => compare(cells.get(a), cells.get(b), sign))
}

// Cells without a number come last in either order. Numbers of different units are not compared.
function compareNumbers(a, b, sign) {
  const [has, hasOther] = [a, b].map((cell) => cell?.dataset.value !== undefined)
  if (!has || !hasOther) return Number(hasOther) - Number(has)
  const unit = Number(a.dataset.unit ?? 0) - Number(b.dataset.unit ?? 0)
  return unit === 0 ? sign * (Number(a.dataset.value) - Number(b.dataset.value)) : unit
}

function compareTexts(a, b, sign) {
  return sign * byText.compare(a?.textContent.trim() ?? '', b?.textContent.trim() ?? '')
}

function makeSearchable(input) {
  const rows = [...document.querySelectorAll('.index tbody tr')]
  const texts = new Map(rows.map((row) => [row, folded(`${row.textContent} ${row.dataset.words ?? ''}`)]))
  const output = document.querySelector('.search output')
  const pattern = output.dataset.pattern
  const show = () => {
    const words = folded(input.value).split(/\s+/).filter((word) => word !== '')
    let count = 0
    for (const row of rows) {
      const isFound = words.every((word) => texts.get(row).includes(word))
      row.hidden = !isFound
      if (isFound) count += 1
    }
    output.textContent = pattern.replace('{shown}', count).replace('{all}', rows.length)
  }
  input.addEventListener('input', show)
  input.form.addEventListener('submit', (event) => event.preventDefault())
  input.form.hidden = false
  show()
}

function folded(text) {
  return text.normalize('NFKC').toLocaleLowerCase(language)
}

function unfoldContents() {
  const contents = document.querySelector('details.contents')
  if (contents === null) return
  const wide = matchMedia('(min-width: 80rem)')
  const follow = () => (contents.open = wide.matches)
  wide.addEventListener('change', follow)
  follow()
}

function unfoldForPrint() {
  let folded = []
  addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('details:not([open])')]
    for (const details of folded) details.open = true
  })
  addEventListener('afterprint', () => {
    for (const details of folded) details.open = false
  })
}

function unfoldTarget() {
  const target = document.getElementById(decoded(location.hash.slice(1)))
  if (target === null) return
  let inFold = false
  for (let fold = target.closest('details'); fold !== null; fold = fold.parentElement.closest('details')) {
    inFold ||= !fold.open
    fold.open = true
  }
  if (inFold) target.scrollIntoView()
}

function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
