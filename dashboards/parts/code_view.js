// Tabs of code, after clipboard.js. Talks to dashboards/parts/code_view.py, which escapes each row.

export function render({model}) {
  const make = (tag, cls, text) => {
    const made = document.createElement(tag)
    if (cls) { made.className = cls }
    if (text !== undefined) { made.textContent = text }
    return made
  }
  const root = make("div", "code")
  const bar = make("div", "bar")
  const list = make("div", "tabs")
  list.setAttribute("role", "tablist")
  const button = make("button", "copy", "Copy")
  button.type = "button"
  const note = make("p", "note")
  const body = make("pre")
  body.tabIndex = 0
  body.setAttribute("role", "tabpanel")
  bar.append(list, button)
  root.append(bar, note, body)
  let chosen = "", wish = ""

  function show() {
    const tabs = model.tabs
    chosen = tabs.some((tab) => tab.name === wish) ? wish : tabs.length ? tabs[0].name : ""
    list.replaceChildren(...tabs.map(({name}) => {
      const made = make("button", "", name)
      made.type = "button"
      made.setAttribute("role", "tab")
      made.setAttribute("aria-selected", String(name === chosen))
      made.tabIndex = name === chosen ? 0 : -1
      made.addEventListener("click", () => { wish = name; show() })
      return made
    }))
    const tab = tabs.find(({name}) => name === chosen)
    if (!tab) { body.replaceChildren(); return }
    note.textContent = tab.note
    note.hidden = !tab.note
    button.setAttribute("aria-label", `Copy as ${tab.name}`)
    body.setAttribute("aria-label", tab.name)
    body.replaceChildren(...tab.rows.map(([mark, html]) => {
      const row = make("span", {"+": "line new", "-": "line gone", "": "line"}[mark])
      row.innerHTML = html
      return row
    }))
  }
  list.addEventListener("keydown", (event) => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key]
    if (!step) { return }
    const names = model.tabs.map((tab) => tab.name)
    wish = names[(names.indexOf(chosen) + step + names.length) % names.length]
    show()
    list.querySelector("[aria-selected=true]").focus()
  })
  button.addEventListener("click", () => model.send_msg({type: "copy", name: chosen}))
  model.on("msg:custom", async (message) => {
    if (message.type !== "text") { return }
    const done = await copy(message.text)
    button.textContent = done ? "Copied" : "Not allowed here"
    setTimeout(() => { button.textContent = "Copy" }, 1600)
  })
  model.on("tabs", show)
  show()
  return root
}
