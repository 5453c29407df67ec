// The images of a project as a list; what they mean is in dashboards/parts/image_list.py. Names are set as text.
export function render({model}) {
  const make = (tag, cls, text) => {
    const made = document.createElement(tag)
    if (cls) { made.className = cls }
    if (text !== undefined) { made.textContent = text }
    return made
  }
  const list = make("ul", "images")
  list.setAttribute("aria-label", "Images of the project")
  const show = () => {
    const had = list.scrollTop
    list.replaceChildren(...model.rows.map((one) => {
      const row = make("li", one.current ? "chosen" : "")
      const open = make("button", "open")
      open.type = "button"
      open.disabled = !one.at_hand
      open.title = one.at_hand ? `Show ${one.name}` : one.note
      if (one.current) { open.setAttribute("aria-current", "true") }
      open.append(make("span", "name", one.name), make("span", "about", one.about))
      open.addEventListener("click", () => model.send_msg({type: "open", key: one.key}))
      const bar = make("span", "shares")
      for (const [color, share, name] of one.shares) {
        const part = make("i")
        part.style.background = color
        part.style.width = `${100 * share}%`
        part.title = `${name}: ${(100 * share).toFixed(1)} %`
        bar.append(part)
      }
      bar.hidden = !one.shares.length
      const note = make("span", `note ${one.kind}`, one.note)
      note.title = one.note
      const gone = make("button", "gone", "×")
      gone.type = "button"
      gone.title = one.strokes ? `Take ${one.name} and its strokes out of the project` : `Take ${one.name} out of the list`
      gone.setAttribute("aria-label", gone.title)
      gone.hidden = !one.removable
      gone.addEventListener("click", () => model.send_msg({type: "remove", key: one.key}))
      row.append(open, bar, note, gone)
      return row
    }))
    list.scrollTop = had
  }
  show()
  model.on("rows", show)
  return list
}
