// Tools, brush width and classes of a picture that is drawn on; what they mean is in dashboards/parts/drawing.py.
// Names of classes come from people: all text is set as text.
const ICONS = {
  move: "M13 6V3l-1-1-1 1v3H8l4-4 4 4h-3zM6 11H3l-1 1 1 1h3v3l-4-4 4-4zM18 13h3l1-1-1-1h-3V8l4 4-4 4zM11 18v3l1 1 1-1v-3h3l-4 4-4-4zM11 11h2v2h-2z",
  pen: "M3 17.2V21h3.8L17.8 9.9l-3.7-3.7L3 17.2zM20.7 7a1 1 0 0 0 0-1.4l-2.3-2.3a1 1 0 0 0-1.4 0l-1.8 1.8 3.7 3.7L20.7 7z",
  line: "M4.5 21 3 19.5 19.5 3 21 4.5z",
  rectangle: "M4 5h16v14H4V5zm2 2v10h12V7H6z",
  ellipse: "M12 5c5 0 9 3.1 9 7s-4 7-9 7-9-3.1-9-7 4-7 9-7zm0 2c-3.9 0-7 2.2-7 5s3.1 5 7 5 7-2.2 7-5-3.1-5-7-5z",
  area: "M7 4c3-2 6 1 9 1s5 2 5 5-3 3-3 5-1 5-5 5-4-2-7-2-4-3-3-6 1-6 4-8zm2 2c-2 1.5-2 4-3 6s0 4 2 4 4 2 6 2 2.5-1.5 2.5-3.5S19 12 19 10s-1.5-3-3.5-3S10.5 5 9 6z",
  polygon: "M12 2l9 7-3.5 12h-11L3 9l9-7zm0 2.6L5.3 9.8 8 19h8l2.7-9.2L12 4.6z",
  erase: "M16.2 3.6 3.6 16.2a2 2 0 0 0 0 2.8L5.6 21H13l7.8-7.8a2 2 0 0 0 0-2.8l-3.8-3.8-.8-3zM8 19l-2.4-2.4 4.8-4.8 5 5L13.2 19H8z",
  lock: "M17 9h-1V7a4 4 0 0 0-8 0v2H7a1 1 0 0 0-1 1v9h12v-9a1 1 0 0 0-1-1zm-7-2a2 2 0 0 1 4 0v2h-4V7z",
  open: "M17 9h-7V7a2 2 0 0 1 4 0h2a4 4 0 0 0-8 0v2H7a1 1 0 0 0-1 1v9h12v-9a1 1 0 0 0-1-1z",
  remove: "M6.4 5 5 6.4 10.6 12 5 17.6 6.4 19 12 13.4 17.6 19 19 17.6 13.4 12 19 6.4 17.6 5 12 10.6z",
}
const make = (tag, name, text) => {
  const made = document.createElement(tag)
  if (name) { made.className = name }
  if (text !== undefined) { made.textContent = text }
  return made
}
const button = (name, icon, label, act) => {
  const made = make("button", name)
  made.type = "button"
  made.title = label
  made.setAttribute("aria-label", label)
  if (icon) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
    svg.setAttribute("viewBox", "0 0 24 24")
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
    path.setAttribute("d", ICONS[icon])
    svg.append(path)
    made.append(svg)
  }
  made.addEventListener("click", (event) => { event.stopPropagation(); act(event) })
  return made
}

export function render({model}) {
  const send = (type, values) => model.send_msg({type, ...values})
  const root = make("div", "panel")
  const tools = make("div", "tools")
  tools.setAttribute("role", "radiogroup")
  tools.setAttribute("aria-label", "Tool")
  const brush = make("label", "brush")
  const slider = make("input")
  slider.type = "range"
  slider.min = 0
  slider.max = model.brushes.length - 1
  const said = make("output")
  brush.append(make("span", "", "Brush"), slider, said)
  const list = make("ul", "classes")
  list.setAttribute("aria-label", "Classes")
  const add = button("add", "", "Add a class", () => send("add", {}))
  add.textContent = "+ Add class"
  root.append(tools, brush, list, add)

  const nearest = (width) => model.brushes.reduce((best, one, at) =>
    Math.abs(one - width) < Math.abs(model.brushes[best] - width) ? at : best, 0)
  slider.addEventListener("input", () => {
    said.textContent = `${model.brushes[slider.value]} px`
    send("width", {width: model.brushes[slider.value]})
  })

  const show_tools = () => {
    tools.replaceChildren(...model.tools.map(([id, label, key]) => {
      const made = button("tool", id, `${label}  (${key.toUpperCase()})`, () => send("tool", {tool: id}))
      made.setAttribute("role", "radio")
      made.setAttribute("aria-checked", String(model.tool === id))
      made.dataset.tool = id
      return made
    }))
    brush.classList.toggle("off", !["pen", "line"].includes(model.tool))
  }
  const show_width = () => {
    slider.value = nearest(model.brush)
    said.textContent = `${model.brush} px`
  }
  const rename = (row, one, name) => {
    const field = make("input", "rename")
    field.value = one.name
    field.maxLength = 80
    field.setAttribute("aria-label", "Name of the class")
    name.replaceWith(field)
    field.focus()
    field.select()
    let over = false
    const end = (keep) => {
      if (over) { return }
      over = true
      if (keep && field.value.trim() && field.value.trim() !== one.name) { send("rename", {id: one.id, name: field.value.trim()}) }
      else { show_classes() }
    }
    field.addEventListener("blur", () => end(true))
    field.addEventListener("keydown", (event) => {
      event.stopPropagation()
      if (event.key === "Enter") { end(true) }
      if (event.key === "Escape") { end(false) }
    })
  }
  const show_classes = () => {
    list.replaceChildren(...model.classes.map((one, at) => {
      const row = make("li", one.id === model.class_id ? "chosen" : "")
      row.dataset.id = one.id
      const color = make("input")
      color.type = "color"
      color.value = one.color
      color.title = "Colour"
      color.setAttribute("aria-label", `Colour of ${one.name}`)
      color.addEventListener("change", () => send("recolor", {id: one.id, color: color.value}))
      color.addEventListener("click", (event) => event.stopPropagation())
      const name = make("button", "name", one.name)
      name.type = "button"
      name.title = "Draw with this class; double click to rename"
      name.setAttribute("aria-pressed", String(one.id === model.class_id))
      name.addEventListener("dblclick", () => rename(row, one, name))
      name.addEventListener("click", () => { if (one.id !== model.class_id) { send("class", {id: one.id}) } })
      const count = make("span", "count", one.strokes ? `${one.strokes} ${one.strokes === 1 ? "stroke" : "strokes"}` : "")
      const key = make("kbd", "", at < 9 ? String(at + 1) : "")
      const lock = button(one.locked ? "lock on" : "lock", one.locked ? "lock" : "open",
        one.locked ? `Unlock ${one.name}` : `Lock ${one.name}: later strokes leave its pixels alone`,
        () => send("lock", {id: one.id, locked: !one.locked}))
      const gone = button("gone", "remove", `Remove ${one.name} and its strokes`, () => send("remove", {id: one.id}))
      row.append(color, name, count, key, lock, gone)
      return row
    }))
  }
  show_tools(); show_width(); show_classes()
  model.on("tool", show_tools)
  model.on("brush", show_width)
  model.on("classes", show_classes)
  model.on("class_id", () => {
    for (const row of list.children) {
      const mine = Number(row.dataset.id) === model.class_id
      row.className = mine ? "chosen" : ""
      row.querySelector(".name")?.setAttribute("aria-pressed", String(mine))
    }
  })
  return root
}
