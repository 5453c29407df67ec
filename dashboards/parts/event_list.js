// The live list of events: rows come from dashboards/parts/under_the_hood.py; all text is set as text.

const size = (bytes) => bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
const span = (kind, text) => {
  const made = document.createElement("span")
  made.className = kind
  made.textContent = text
  return made
}

export function render({model}) {
  const root = document.createElement("div")
  root.className = "events"
  const head = document.createElement("div")
  head.className = "head"
  const hover = document.createElement("label")
  const box = document.createElement("input")
  box.type = "checkbox"
  hover.append(box, document.createTextNode("Hovering too"))
  const hold = document.createElement("button")
  hold.type = "button"
  const clear = document.createElement("button")
  clear.type = "button"
  clear.textContent = "Clear"
  head.append(hover, hold, clear)
  const list = document.createElement("ol")
  list.setAttribute("aria-label", "Events, newest first")
  const empty = document.createElement("p")
  empty.textContent = "Brush, click or drag in a picture: each event appears here with what it carried, what it made run, and how long that took."
  root.append(head, empty, list)

  const rows = new Map()
  let held = false
  let waiting = []

  const row_of = ({number, time, view, stream, payload, bytes, effects}) => {
    const row = document.createElement("li")
    row.dataset.stream = stream
    const first = document.createElement("div")
    first.className = "what"
    first.append(span("view", view), span("stream", stream), span("time", time))
    if (bytes) { first.append(span("bytes", size(bytes))) }
    row.append(first, span("payload", payload))
    if (effects.length) {
      const made = document.createElement("div")
      made.className = "effects"
      for (const [name, ms] of effects) {
        const chip = span("effect", name)
        chip.append(span("ms", `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`))
        made.append(chip)
      }
      row.append(made)
    }
    row.dataset.number = number
    return row
  }
  const say_empty = () => {
    empty.hidden = [...list.children].some((row) => box.checked || row.dataset.stream !== "hover")
  }
  const show = (news) => {
    for (const news_row of news) {
      const row = row_of(news_row)
      const old = rows.get(news_row.number)
      if (old) { old.replaceWith(row) } else { list.prepend(row) }
      rows.set(news_row.number, row)
    }
    while (rows.size > model.limit) {
      const oldest = rows.keys().next().value
      rows.get(oldest).remove()
      rows.delete(oldest)
    }
    say_empty()
  }
  const name_hold = () => {
    hold.textContent = held ? `Go on${waiting.length ? ` (${waiting.length})` : ""}` : "Pause"
    hold.setAttribute("aria-pressed", String(held))
  }
  hold.addEventListener("click", () => {
    held = !held
    if (!held) { show(waiting); waiting = [] }
    name_hold()
  })
  clear.addEventListener("click", () => model.send_msg({type: "clear"}))
  const filter = () => { root.classList.toggle("hovering", box.checked); say_empty() }
  box.addEventListener("change", filter)
  name_hold()

  model.on("msg:custom", (message) => {
    if (message.type === "rows") {
      if (held) { waiting.push(...message.rows); name_hold() } else { show(message.rows) }
    } else if (message.type === "clear") {
      rows.clear(); waiting = []; list.replaceChildren(); say_empty(); name_hold()
    }
  })
  model.send_msg({type: "ready"})
  return root
}
