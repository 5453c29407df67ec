// The tree of a figure. Talks to dashboards/parts/figure_tree.py. All text is set as text, never as markup.

const INSPECT_KEY = "brushlink-inspect"

export function render({model, view}) {
  const aborter = new AbortController()
  const listen = (target, type, handler, options = {}) =>
    target.addEventListener(type, handler, {...options, signal: aborter.signal})
  const make = (tag, cls, text) => {
    const made = document.createElement(tag)
    if (cls) { made.className = cls }
    if (text !== undefined) { made.textContent = text }
    return made
  }
  const root = make("div", "figure")
  const say = (message) => model.send_msg(message)
  const plot = () => plot_near(root, model.view)

  // -- the tree

  const search = make("input", "search")
  search.type = "search"
  search.placeholder = "Search what is set: a name, a value"
  search.setAttribute("aria-label", "Search the figure")
  const tree = make("ul", "tree")
  tree.setAttribute("role", "tree")
  tree.setAttribute("aria-label", "Figure")
  const none = make("p", "none", "Nothing that is set has this name or value.")
  const open = new Set(["data", "layout", "data[0]", "data[1]", "layout.title"])
  let rows = []

  const matches = (node, want) => `${node.path} ${node.text}`.toLowerCase().includes(want)
  function draw() {
    const focused = root.getRootNode().activeElement === tree || tree.contains(root.getRootNode().activeElement)
    const want = search.value.trim().toLowerCase()
    rows = []
    const list = (nodes, depth, parent) => {
      for (const node of nodes) {
        const found = !want || matches(node, want)
        const at = rows.length
        const shown = want ? true : open.has(node.path)
        rows.push({node, depth, parent})
        if (node.members.length && shown) { list(node.members, depth + 1, node.path) }
        if (!found && rows.length === at + 1) { rows.pop() }
      }
    }
    list(model.nodes, 0, "")
    none.hidden = rows.length > 0
    const items = rows.map(({node, depth}) => {
      const item = make("li", `${node.kind} ${node.mark}`)
      item.setAttribute("role", "treeitem")
      item.setAttribute("aria-level", depth + 1)
      item.setAttribute("aria-selected", String(node.path === model.selected))
      item.dataset.path = node.path
      item.style.paddingLeft = `${depth * 14 + 6}px`
      const twist = make("span", "twist", node.members.length ? (want || open.has(node.path) ? "▾" : "▸") : "")
      if (node.members.length) { item.setAttribute("aria-expanded", String(Boolean(want) || open.has(node.path))) }
      const number = /^\d+$/.test(node.key)
      item.append(twist, make("span", "key", number ? `[${node.key}]` : node.key))
      if (node.text) { item.append(make("span", "text", node.kind === "list" ? `${node.text} in a list` : node.text)) }
      if (node.mark === "new" || node.mark === "changed" || node.mark === "gone") {
        item.append(make("span", "mark", {new: "new", changed: "changed", gone: "removed"}[node.mark]))
      }
      item.tabIndex = -1
      return item
    })
    tree.replaceChildren(...items)
    const current = items.find((item) => item.getAttribute("aria-selected") === "true") || items[0]
    if (current) { current.tabIndex = 0 }
    if (focused && current) { current.focus({preventScroll: true}) }
  }
  const reveal = () => {
    const parts = model.selected.split(/(?=[.[])/)
    for (let n = 1; n < parts.length; n++) { open.add(parts.slice(0, n).join("")) }
  }
  function show_selected() {
    reveal()
    if (search.value && !rows.some((row) => row.node.path === model.selected)) { search.value = "" }
    draw()
    const item = [...tree.children].find((element) => element.dataset.path === model.selected)
    if (item) {
      // Only the list scrolls, never the page.
      const top = item.offsetTop - tree.offsetTop
      if (top < tree.scrollTop || top > tree.scrollTop + tree.clientHeight - 28) { tree.scrollTop = top - tree.clientHeight / 2 }
    }
    light(model.selected)
  }
  const select = (path) => { if (path !== model.selected) { say({type: "select", path}) } else { light(path) } }
  const toggle = (path, wish) => {
    if (wish ?? !open.has(path)) { open.add(path) } else { open.delete(path) }
    draw()
  }
  listen(tree, "click", (event) => {
    const item = event.target.closest("li")
    if (!item) { return }
    if (event.target.classList.contains("twist")) { toggle(item.dataset.path) } else { item.focus(); select(item.dataset.path) }
  })
  listen(tree, "dblclick", (event) => {
    const item = event.target.closest("li")
    if (item && item.hasAttribute("aria-expanded")) { toggle(item.dataset.path) } else if (item) { field.focus() }
  })
  listen(tree, "keydown", (event) => {
    const item = event.target.closest("li")
    if (!item) { return }
    const items = [...tree.children], at = items.indexOf(item), row = rows[at]
    const go = (next) => { if (next) { next.focus(); select(next.dataset.path) } }
    const act = {
      ArrowDown: () => go(items[at + 1]),
      ArrowUp: () => go(items[at - 1]),
      Home: () => go(items[0]),
      End: () => go(items[items.length - 1]),
      ArrowRight: () => !row.node.members.length ? null : open.has(row.node.path) ? go(items[at + 1]) : refocus(row.node.path, true),
      ArrowLeft: () => open.has(row.node.path) && row.node.members.length ? refocus(row.node.path, false)
        : go(items.find((one) => one.dataset.path === row.parent)),
      Enter: () => { select(row.node.path); (field.hidden ? add : field).focus() },
      Delete: () => say({type: "remove", path: row.node.path}),
    }[event.key]
    if (!act) { return }
    event.preventDefault()
    act()
  })
  const refocus = (path, wish) => {
    toggle(path, wish)
    const item = [...tree.children].find((element) => element.dataset.path === path)
    if (item) { item.focus() }
  }
  listen(search, "input", draw)
  listen(search, "keydown", (event) => {
    if (event.key === "ArrowDown" && tree.children.length) { event.preventDefault(); tree.children[0].focus() }
  })

  // -- the selected place

  const place = make("section", "place")
  place.setAttribute("aria-label", "Selected attribute")
  const heading = make("h3")
  const words = make("p", "words")
  const facts = make("dl")
  const form = make("form")
  const field = make("input")
  field.type = "text"
  field.autocomplete = "off"
  field.spellcheck = false
  field.setAttribute("aria-label", "Value")
  field.setAttribute("list", "choices")
  const choices = make("datalist")
  choices.id = "choices"
  const color = make("input", "color")
  color.type = "color"
  color.setAttribute("aria-label", "Pick a colour")
  const set = make("button", "set", "Set")
  set.type = "submit"
  const remove = make("button", "remove", "Remove")
  remove.type = "button"
  form.append(field, choices, color, set, remove)
  const wrong = make("p", "wrong")
  wrong.setAttribute("role", "alert")
  const add = make("input", "add")
  add.type = "search"
  add.setAttribute("aria-label", "Add an attribute")
  const addable = make("ul", "addable")
  addable.setAttribute("aria-label", "Attributes to add")
  const may = make("p", "may")
  place.append(heading, words, facts, form, wrong, may, add, addable)

  function show_detail() {
    const {path = "", kind = "", words: text = "", may: allowed = "", choices: list = [], text: value = "",
      long = false, is_set = false, is_color = false, attributes = []} = model.detail
    heading.textContent = path || "Click an element of the picture, or a node"
    words.textContent = text
    may.textContent = allowed
    may.hidden = !allowed
    const gd = plot()
    facts.replaceChildren()
    const fact = (name, what) => { if (what) { facts.append(make("dt", "", name), make("dd", "", what)) } }
    if (kind === "value" && gd && path) {
      fact("Default", default_of(gd, path))
      fact(is_set ? "In force" : "Not set; in force", in_force(gd, path))
    }
    form.hidden = !path || kind === "traces"
    field.hidden = color.hidden = set.hidden = kind !== "value"
    color.hidden = color.hidden || !is_color
    remove.hidden = !is_set || path === "layout" || path === "data" || /^data\[\d+\]\.type$/.test(path)
    field.value = value
    field.placeholder = long ? "Long: write a new value" : is_set ? "" : "Not set: write a value"
    if (/^#[0-9a-f]{6}$/i.test(value.replace(/['"]/g, ""))) { color.value = value.replace(/['"]/g, "") }
    choices.replaceChildren(...list.map((choice) => { const made = make("option"); made.value = choice; return made }))
    add.hidden = addable.hidden = !attributes.length
    add.value = ""
    add.placeholder = kind === "traces" ? "Add a trace of type…" : `Add one of ${attributes.length} attributes…`
    list_addable()
  }
  function list_addable() {
    const {attributes = [], path = ""} = model.detail
    const want = add.value.trim().toLowerCase()
    const fits = attributes.filter(([name, , text]) => name.toLowerCase().includes(want) || (want.length > 2 && text.toLowerCase().includes(want)))
    fits.sort((a, b) => Number(!a[0].toLowerCase().startsWith(want)) - Number(!b[0].toLowerCase().startsWith(want)))
    addable.replaceChildren(...fits.map(([name, kind, text, target]) => {
      const item = make("li")
      const made = make("button", kind)
      made.type = "button"
      made.append(make("b", "", name), make("span", "", text))
      listen(made, "click", () => { pending_focus = true; say({type: "select", path: target || `${path}.${name}`}) })
      item.append(made)
      return item
    }))
  }
  let pending_focus = false
  listen(add, "input", list_addable)
  listen(add, "keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); addable.querySelector("button")?.click() }
  })
  // In JupyterLab, Enter does not submit a form by itself.
  listen(field, "keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); form.requestSubmit() }
  })
  listen(form, "submit", (event) => {
    event.preventDefault()
    say({type: "edit", path: model.detail.path, text: field.value})
  })
  listen(color, "change", () => { field.value = color.value; form.requestSubmit() })
  listen(remove, "click", () => say({type: "remove", path: model.detail.path}))

  // -- the picture

  const halo = make("div", "halo")
  function light(path) {
    const gd = plot()
    for (const old of [...document.querySelectorAll(".brushlink-halo")]) { old.remove() }
    if (!gd || !path) { return }
    const frame = gd.getBoundingClientRect()
    const boxes = elements_of(gd, path).map((element) => element.getBoundingClientRect()).filter((box) => box.width + box.height > 0)
    halo.hidden = !boxes.length
    if (!boxes.length) { return }
    const left = Math.min(...boxes.map((b) => b.left)), top = Math.min(...boxes.map((b) => b.top))
    const right = Math.max(...boxes.map((b) => b.right)), bottom = Math.max(...boxes.map((b) => b.bottom))
    Object.assign(halo.style, {position: "absolute", pointerEvents: "none", zIndex: 5, boxSizing: "border-box",
      border: "2px solid var(--brushlink-accent)", borderRadius: "4px", transition: "opacity .6s",
      left: `${left - frame.left - 4}px`, top: `${top - frame.top - 4}px`,
      width: `${right - left + 8}px`, height: `${bottom - top + 8}px`, opacity: 1})
    if (getComputedStyle(gd).position === "static") { gd.style.position = "relative" }
    if (halo.parentNode !== gd) { gd.append(halo) }
    clearTimeout(fading)
    fading = setTimeout(() => { halo.style.opacity = 0.35 }, 900)
  }
  let fading = null

  // Plotly tells of points; of titles, axes and the like only where they are drawn tells.
  let wired = null, down = null, clicked = null
  function wire() {
    const gd = plot()
    if (!gd || gd === wired || !gd.on) { return }
    wired = gd
    gd.on("plotly_click", (data) => {
      const point = (data.points || [])[0]
      if (point) { clicked = `data[${point.curveNumber}]` }
    })
    gd.on("plotly_afterplot", () => { if (model.selected) { light(model.selected); refresh() } })
  }
  listen(window, "pointerdown", (event) => {
    wire()  // the picture may have come a moment ago
    down = wired && event.composedPath().includes(wired) ? [event.clientX, event.clientY] : null
    clicked = null
  }, {capture: true})
  listen(window, "pointerup", (event) => {
    if (!down || !wired || !wired.isConnected) { return }
    const moved = Math.hypot(event.clientX - down[0], event.clientY - down[1]) > 4
    down = null
    if (moved) { return }
    const {clientX: x, clientY: y} = event
    // By then Plotly has said which point it was.
    setTimeout(() => {
      const path = path_at(wired, x, y)
      if (path === null) { return }
      const target = path || clicked || area_at(x, y)
      if (target) { select(target) }
    }, 60)
  }, {capture: true})
  const area_at = (x, y) => {
    const grid = [...wired.querySelectorAll(".nsewdrag")].some((element) => {
      const box = element.getBoundingClientRect()
      return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom
    })
    return grid ? "layout.plot_bgcolor" : "layout"
  }
  const refresh = () => {
    const gd = plot()
    if (!gd || model.detail.kind !== "value") { return }
    const shown = [...facts.querySelectorAll("dd")].at(-1)
    if (shown) { shown.textContent = in_force(gd, model.detail.path) }
  }
  const watch = setInterval(wire, 300)
  wire()

  // -- what Python says

  const head = make("div", "head")
  head.append(search)
  root.append(head, tree, none, place)
  const watched = [
    [["nodes"], draw],
    [["selected"], show_selected],
    [["detail"], () => { show_detail(); if (pending_focus) { pending_focus = false; (field.hidden ? add : field).focus() } }],
    [["message"], () => { wrong.textContent = model.message; wrong.hidden = !model.message }],
  ]
  for (const [names, show] of watched) {
    for (const name of names) { model.on(name, show) }
    show()
  }
  model.on("remove", () => { aborter.abort(); clearInterval(watch); halo.remove() })

  // Another figure is shown now: a link to this page, and a reload, are about that one.
  model.on("brought", () => {
    if (!model.brought && location.hash === "#inspect") { history.replaceState(null, "", location.pathname + location.search) }
  })

  // A figure that another page put down for us in this tab (see page_bridge.js).
  if (location.hash === "#inspect") {
    let brought = null
    try { brought = JSON.parse(sessionStorage.getItem(INSPECT_KEY)) } catch { brought = null }
    say(brought ? {type: "figure", text: String(brought.figure), title: String(brought.title)} : {type: "figure", text: "", title: ""})
  }
  return root
}
