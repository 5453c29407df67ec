// The chart catalogue as a list to search in. Talks to dashboards/parts/chart_finder.py.

export function render({model}) {
  const make = (tag, cls, text) => {
    const made = document.createElement(tag)
    if (cls) { made.className = cls }
    if (text !== undefined) { made.textContent = text }
    return made
  }
  const root = make("div", "finder")
  const search = make("input")
  search.type = "search"
  search.placeholder = "Search charts: hierarchical, trend, map…"
  search.setAttribute("aria-label", "Search charts")
  const chips = make("div", "chips")
  const count = make("p", "count")
  count.setAttribute("role", "status")
  const list = make("ul")
  root.append(search, chips, count, list)
  let family = ""
  const opened = new Set(), calls = new Map()

  const words = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) || []
  // As find_charts in chart_catalogue.py: every word begins a word of the chart; what fits by its title comes first.
  const fits = (text, wanted) => { const all = words(text); return wanted.every((want) => all.some((word) => word.startsWith(want))) }

  function show() {
    const wanted = words(search.value)
    const found = model.charts.filter((chart) => (!family || chart.family === family) && fits(chart.search, wanted))
    const by_title = (chart) => Number(!fits(`${chart.title} ${chart.family}`, wanted))
    found.sort((a, b) => by_title(a) - by_title(b))
    count.textContent = found.length ? `${found.length} of ${model.charts.length} charts` : "No chart has all of these words."
    list.replaceChildren(...found.map((chart) => {
      const item = make("li", chart.slug === model.chosen ? "chosen" : "")
      item.dataset.slug = chart.slug
      const open = make("button", "open")
      open.type = "button"
      open.append(make("b", "", chart.title), make("span", "", `${chart.family} · ${chart.library}`))
      open.title = chart.sentence
      if (chart.slug === model.chosen) { open.setAttribute("aria-current", "true") }
      open.addEventListener("click", () => { opened.add(chart.slug); ask(chart.slug); model.send_msg({type: "choose", slug: chart.slug}) })
      const call = make("button", "call", "‹›")
      call.type = "button"
      call.setAttribute("aria-label", `Show the call of ${chart.title}`)
      call.title = "Show the call"
      call.setAttribute("aria-expanded", String(opened.has(chart.slug)))
      call.addEventListener("click", () => {
        if (opened.has(chart.slug)) { opened.delete(chart.slug) } else { opened.add(chart.slug); ask(chart.slug) }
        show()
      })
      item.append(open, call)
      if (opened.has(chart.slug)) {
        item.append(make("p", "sentence", chart.sentence))
        const code = make("pre")
        code.tabIndex = 0
        code.setAttribute("aria-label", `Call of ${chart.title}`)
        code.innerHTML = (calls.get(chart.slug) || []).join("\n")  // escaped by Python
        item.append(code)
      }
      return item
    }))
  }
  const ask = (slug) => { if (!calls.has(slug)) { model.send_msg({type: "call", slug}) } }
  const pick = (name) => {
    family = family === name ? "" : name
    for (const chip of chips.children) { chip.setAttribute("aria-pressed", String(chip.textContent === family)) }
    show()
  }
  for (const name of model.families) {
    const chip = make("button", "", name)
    chip.type = "button"
    chip.setAttribute("aria-pressed", "false")
    chip.addEventListener("click", () => pick(name))
    chips.append(chip)
  }
  search.addEventListener("input", show)
  model.on("chosen", show)
  model.on("msg:custom", (message) => {
    if (message.type === "call") { calls.set(message.slug, message.rows); show() }
  })
  show()
  return root
}
