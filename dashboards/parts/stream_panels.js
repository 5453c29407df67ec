// One panel a stream of events; rows come from dashboards/parts/stream_panels.py, and all text is set as text.

const WINDOW_S = 5   // over which the rate is taken
const size = (bytes) => bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
const element = (tag, kind, text) => {
  const made = document.createElement(tag)
  if (kind) { made.className = kind }
  if (text !== undefined) { made.textContent = text }
  return made
}
const button = (text, act) => {
  const made = element("button", "", text)
  made.type = "button"
  made.addEventListener("click", act)
  return made
}

export function render({model}) {
  const root = element("div", "streams")
  const head = element("div", "head")
  const total = element("span", "total")
  total.setAttribute("role", "status")
  const hold = button("Pause", () => model.send_msg({type: "pause", on: !model.paused}))
  const clear = button("Clear", () => model.send_msg({type: "clear"}))
  head.append(total, hold, clear)
  const grid = element("div", "grid")
  root.append(head, grid)

  const panels = new Map()
  for (const stream of model.streams) {
    const panel = element("section")
    panel.dataset.stream = stream.slug
    panel.setAttribute("aria-label", stream.title)
    const top = element("header")
    const count = element("b", "count", "0")
    count.title = "Events so far"
    top.append(element("h3", "", stream.title), count)
    const facts = element("p", "facts")
    const rate = element("span", "rate", "0.0 / s")
    rate.title = `Events a second, over the last ${WINDOW_S} seconds`
    const last = element("span", "last")
    const all = element("span", "all")
    facts.append(rate, last, all)
    const names = element("p", "names")
    names.append(element("code", "", stream.plotly), " → ", element("code", "", stream.panel || "not forwarded by Panel"),
      " → ", element("code", "", `view.${stream.linked}`))
    const payload = element("pre", "payload")
    payload.tabIndex = 0
    payload.setAttribute("aria-label", `Last payload of ${stream.title}`)
    payload.append(element("span", "how", stream.how))
    const truth = element("details", "truth")
    truth.append(element("summary", "", "Where the documentation is wrong or silent"), element("p", "", stream.truth))
    const code = element("div", "code")
    const foot = element("footer")
    const ask = (linked) => () => model.send_msg({type: "code", stream: stream.slug, linked})
    if (stream.panel) { foot.append(button("Copy as Panel", ask(false))) }
    foot.append(button("Copy as Brushlink", ask(true)))
    panel.append(top, facts, payload, foot, code, truth, names)
    grid.append(panel)
    panels.set(stream.slug, {panel, count, rate, last, all, payload, code, seen: [[performance.now(), 0]]})
  }

  const rates = () => {
    const now = performance.now()
    for (const one of panels.values()) {
      while (one.seen.length > 1 && now - one.seen[0][0] > WINDOW_S * 1000) { one.base = one.seen.shift()[1] }
      const [, newest] = one.seen[one.seen.length - 1]
      const idle = now - one.seen[one.seen.length - 1][0] > WINDOW_S * 1000
      one.rate.textContent = `${(idle ? 0 : (newest - (one.base ?? 0)) / WINDOW_S).toFixed(1)} / s`
    }
  }
  const ticking = setInterval(rates, 500)
  const lit = (one) => {
    one.panel.classList.remove("lit")
    void one.panel.offsetWidth
    one.panel.classList.add("lit")
  }
  const show = (row) => {
    const one = panels.get(row.slug)
    if (Number(one.count.textContent) < row.count) { lit(one) }
    if (row.count === 0) { one.base = 0; one.seen = [[performance.now() - WINDOW_S * 1000, 0]] }
    else { one.seen.push([performance.now(), row.count]) }
    one.count.textContent = String(row.count)
    one.last.textContent = row.lines.length ? `last ${size(row.bytes)} at ${row.time}` : ""
    one.all.textContent = row.count ? `${size(row.total)} in all` : ""
    if (!row.lines.length) { return void one.payload.replaceChildren(element("span", "how", row.how)) }
    one.payload.replaceChildren(...row.lines.map(([depth, text, changed]) => {
      const line = element("span", changed ? "line changed" : "line", text)
      line.style.paddingInlineStart = `${depth * 1.1 + 0.6}em`
      return line
    }))
  }
  const name_hold = () => {
    hold.textContent = model.paused ? "Go on" : "Pause"
    hold.setAttribute("aria-pressed", String(model.paused))
    root.classList.toggle("paused", model.paused)
  }
  model.on("change:paused", name_hold)
  name_hold()

  const copied = ({stream, code, linked}) => {
    const {code: place} = panels.get(stream)
    const listing = element("pre", "", code)
    listing.tabIndex = 0
    const say = element("span", "said", "")
    say.setAttribute("role", "status")
    const bar = element("div", "bar")
    bar.append(say, button("Close", () => place.replaceChildren()))
    place.replaceChildren(bar, listing)
    const done = () => { say.textContent = `Copied: a file for panel serve${linked ? ", with Brushlink" : ""}` }
    const failed = () => {
      say.textContent = "The browser does not let this page copy: select the text"
      const range = document.createRange()
      range.selectNodeContents(listing)
      getSelection()?.removeAllRanges()
      getSelection()?.addRange(range)
    }
    if (navigator.clipboard) { navigator.clipboard.writeText(code).then(done, failed) } else { failed() }
  }
  model.on("msg:custom", (message) => {
    if (message.type === "streams") {
      message.rows.forEach(show)
      total.textContent = message.said
      rates()
    } else if (message.type === "code") { copied(message) }
  })
  model.on("remove", () => clearInterval(ticking))
  model.send_msg({type: "ready"})
  return root
}
