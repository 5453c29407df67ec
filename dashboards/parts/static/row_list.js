// The selected rows of an explorer in a saved file: a list to page through, and the CSV of them that the live page gives.
brushlink.rowList = (data, table) => {
  "use strict"
  const {element} = brushlink, ROWS_A_PAGE = 10
  const full = (column) => ({...column, ...table.columns[column.name], shown: shown(column.format)})
  const columns = data.listed.map(full), more = data.unlisted.map(full)
  // In the order of the table, not of the list.
  const in_file = data.columns.map(({name}) => [...columns, ...more].find((column) => column.name === name))
  let rows = [], first = 0

  // "0,0.00" of numeral.js: thousands in groups, two digits behind the point.
  function shown(format) {
    if (!format) { return (value) => value === null ? "" : String(value) }
    const digits = (format.split(".")[1] ?? "").length
    const number = new Intl.NumberFormat("en-US", {useGrouping: format.includes(","), minimumFractionDigits: digits, maximumFractionDigits: digits})
    return (value) => value === null || Number.isNaN(value) ? "" : number.format(value)
  }

  const value_of = ({numbers, codes, keys}, row) => numbers ? numbers[row] : codes[row] < 0 ? null : keys[codes[row]]

  // -- the file: as pandas writes it --------------------------------------------------------------------------------

  const quoted = (text) => /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

  function floating(value) {
    if (!Number.isFinite(value)) { return Number.isNaN(value) ? "" : value > 0 ? "inf" : "-inf" }
    const size = Math.abs(value)
    if (size !== 0 && (size < 1e-4 || size >= 1e16)) { return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2") }
    return Number.isInteger(value) ? `${Object.is(value, -0) ? "-0" : value}.0` : String(value)
  }

  function written(column, row) {
    const {codes, keys, numbers, whole} = column
    if (column.written) { return codes[row] < 0 ? "" : column.written[codes[row]] }
    if (codes) { return codes[row] < 0 ? "" : quoted(String(keys[codes[row]])) }
    return whole ? String(numbers[row]) : floating(numbers[row])
  }

  function csv() {
    const lines = [in_file.map(({name}) => quoted(name)), ...Array.from(rows, (row) => in_file.map((column) => written(column, row)))]
    return "\ufeff" + lines.map((line) => line.join(",") + "\n").join("")
  }

  // -- the list ---------------------------------------------------------------------------------------------------

  const body = element("tbody"), place = element("span", {class: "hint"})
  const numeric = ({format}) => format ? {class: "number"} : {}
  const turn = (by, label, sign) => {
    const button = element("button", {type: "button", class: "tool", "aria-label": label, title: label, onclick: () => {
      first += by * ROWS_A_PAGE
      list()
    }})
    button.textContent = sign
    return button
  }
  const back = turn(-1, "Rows before", "‹"), on = turn(1, "Rows behind", "›")
  const save = element("button", {type: "button", class: "tool", title: "Save the selected rows as a table",
    onclick: () => brushlink.save(data.file, csv(), "text/csv;charset=utf-8")}, "Download CSV")

  function list() {
    const last = Math.min(first + ROWS_A_PAGE, rows.length), some = linking.grouped
    body.replaceChildren(...Array.from(rows.slice(first, last), (row) => element("tr", {}, ...columns.map((column) =>
      element("td", numeric(column), column.shown(value_of(column, row)))))))
    place.textContent = rows.length ? `${some(String(first + 1))}–${some(String(last))} of ${some(String(rows.length))}` : "none"
    back.disabled = first === 0
    on.disabled = last >= rows.length
    save.disabled = rows.length === 0
  }

  const head = element("tr", {}, ...columns.map((column) => element("th", {scope: "col", ...numeric(column)}, column.title)))
  const card = element("section", {class: "card wide listed", "aria-label": "Selected rows"},
    element("div", {class: "bar"}, element("h2", {}, "Selected rows"), place, back, on, save),
    element("div", {class: "scroll"}, element("table", {}, element("thead", {}, head), body)))

  function show(scene) {
    const chosen = scene.chosen(null)
    rows = chosen === null ? scene.rows : chosen.map((i) => scene.rows[i])
    first = 0
    list()
  }
  return {card, show}
}
