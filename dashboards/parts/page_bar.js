// The bar of a page: buttons and what they open, address, Back and Forward, keys, theme.
// Talks to dashboards/parts/page_bar.py; stands behind page_bridge.js. All text is set as text, never as markup.

const ICONS = {
  undo: '<path d="M9 14 4 9l5-5"/><path d="M4 9h10.5a5.5 5.5 0 0 1 0 11H11"/>',
  redo: '<path d="m15 14 5-5-5-5"/><path d="M20 9H9.5a5.5 5.5 0 0 0 0 11H13"/>',
  reset: '<path d="M3.5 12a8.5 8.5 0 1 0 2.7-6.2L3.5 8.3"/><path d="M3.5 3.5v4.8h4.8"/>',
  link: '<path d="M10 13.5a4.5 4.5 0 0 0 6.6.4l2.7-2.7a4.5 4.5 0 0 0-6.4-6.4l-1.5 1.5"/>' +
    '<path d="M14 10.5a4.5 4.5 0 0 0-6.6-.4l-2.7 2.7a4.5 4.5 0 0 0 6.4 6.4l1.5-1.5"/>',
  download: '<path d="M12 4v11"/><path d="m7 10.5 5 5 5-5"/><path d="M4.5 20h15"/>',
  file: '<path d="M13.5 3.5H7a1.5 1.5 0 0 0-1.5 1.5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8.5Z"/>' +
    '<path d="M13.5 3.5v5h5"/><path d="M12 11.5v5.5"/><path d="m9.5 14.8 2.5 2.5 2.5-2.5"/>',
  inspect: '<rect x="9" y="3" width="6" height="4.5" rx="1"/><rect x="3" y="16.5" width="6" height="4.5" rx="1"/>' +
    '<rect x="15" y="16.5" width="6" height="4.5" rx="1"/><path d="M12 7.5V12M6 16.5V12h12v4.5"/>',
  source: '<path d="m8 7-5 5 5 5"/><path d="m16 7 5 5-5 5"/>',
  hood: '<path d="M3 12h4l3-8 4 16 3-8h4"/>',
  dark: '<path d="M20.5 14.2A8.5 8.5 0 1 1 9.8 3.5a6.7 6.7 0 0 0 10.7 10.7Z"/>',
  light: '<circle cx="12" cy="12" r="4"/><path d="M12 2.5v2M12 19.5v2M4.6 4.6 6 6M18 18l1.4 1.4M2.5 12h2' +
    'M19.5 12h2M4.6 19.4 6 18M18 6l1.4-1.4"/>',
  more: '<circle cx="12" cy="5" r=".6"/><circle cx="12" cy="12" r=".6"/><circle cx="12" cy="19" r=".6"/>',
  mark: '<rect x="3" y="3" width="11" height="11" rx="2.5"/><circle cx="15.5" cy="15.5" r="5.5"/>',
}

const icon = (name) =>
  `<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.7"
   stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${ICONS[name]}</svg>`

const MAC = /Mac|iPhone|iPad/.test(navigator.platform)

export function render({model, view}) {
  keep_known(view.model.document)
  // A layout that is rendered anew renders its children anew: what the old bar listened to must end.
  const aborter = new AbortController()
  window.brushlinkBar?.abort()
  window.brushlinkBar = aborter
  const listen = (target, type, handler, options = {}) =>
    target.addEventListener(type, handler, {...options, signal: aborter.signal})

  const bar = document.createElement("div")
  bar.className = "bar"

  const home = document.createElement("a")
  home.className = "home"
  home.href = model.home
  home.setAttribute("aria-label", "All dashboards")
  home.dataset.tip = "All dashboards"
  home.innerHTML = icon("mark")
  const title = document.createElement("h1")
  title.textContent = model.title

  const saving = document.createElement("button")
  saving.type = "button"
  saving.className = "saving"
  saving.setAttribute("role", "status")
  listen(saving, "click", () => { if (model.saving.state === "failed") { say({type: "save"}) } })
  // Who leaves while something is not saved is asked first.
  listen(window, "beforeunload", (event) => {
    if (model.saving.state === "failed" && model.can_undo) { event.preventDefault() }
  })

  const tools = document.createElement("div")
  tools.className = "tools"
  tools.setAttribute("role", "toolbar")
  tools.setAttribute("aria-label", "Page")
  const more = document.createElement("div")
  more.className = "more"
  more.id = "more"

  const buttons = {}
  const button = (name, label, keys, act, into) => {
    const made = document.createElement("button")
    made.type = "button"
    made.className = name
    made.innerHTML = icon(name)
    const word = document.createElement("span")
    word.className = "word"
    made.append(word)
    listen(made, "click", act)
    buttons[name] = made
    name_button(made, label, keys)
    into.append(made)
    return made
  }
  const name_button = (made, label, keys) => {
    made.setAttribute("aria-label", label)
    made.dataset.tip = keys ? `${label}  ${keys}` : label
    made.querySelector(".word").textContent = label
  }
  const rule = (into) => {
    const line = document.createElement("i")
    line.setAttribute("aria-hidden", "true")
    into.append(line)
  }
  const say = (message) => model.send_msg(message)

  button("undo", "Undo", MAC ? "⌘Z" : "Ctrl+Z", () => say({type: "undo"}), tools)
  button("redo", "Redo", MAC ? "⇧⌘Z" : "Ctrl+Shift+Z", () => say({type: "redo"}), tools)
  button("reset", "Start over", "", () => { close(); say({type: "reset"}) }, more)
  rule(more)
  button("link", "Copy link", "", async () => { close(); say({type: "copied", done: await copy(shared_address())}) }, more)
  const download = button("download", "Download", "", () => toggle_files(), more)
  download.setAttribute("aria-haspopup", "true")
  download.setAttribute("aria-expanded", "false")
  button("file", "Save as file", "", () => { close(); say({type: "save_file"}) }, more)
  const inspect = button("inspect", "Inspect a figure", "", () => toggle_figures(), more)
  inspect.setAttribute("aria-haspopup", "true")
  inspect.setAttribute("aria-expanded", "false")
  rule(more)
  button("source", "Source", "", () => { close(); say({type: "inspect", tab: "source"}) }, more)
  button("hood", "Under the hood", "", () => { close(); say({type: "inspect", tab: "hood"}) }, more)
  button("dark", "Dark", "", () => { close(); set_theme(!model.dark, true) }, more)
  tools.append(more)
  const opener = button("more", "More", "", () => toggle_more(), tools)
  opener.className = "opener"
  opener.setAttribute("aria-haspopup", "true")
  opener.setAttribute("aria-expanded", "false")

  const files = document.createElement("div")
  files.className = "files"
  files.setAttribute("role", "dialog")
  files.setAttribute("aria-label", "Download")
  files.hidden = true
  const figures = document.createElement("div")
  figures.className = "files"
  figures.setAttribute("role", "dialog")
  figures.setAttribute("aria-label", "Inspect a figure")
  figures.hidden = true
  bar.append(home, title, saving, tools, files, figures)

  // -- popovers

  let opened_by = null
  function close(refocus = false) {
    const was_open = !files.hidden || !figures.hidden || more.classList.contains("open")
    files.hidden = true
    figures.hidden = true
    inspect.setAttribute("aria-expanded", "false")
    more.classList.remove("open")
    download.setAttribute("aria-expanded", "false")
    opener.setAttribute("aria-expanded", "false")
    if (was_open && refocus) { opened_by?.focus() }
  }
  function toggle_more() {
    const open = !more.classList.contains("open")
    close()
    if (!open) { return }
    more.classList.add("open")
    opener.setAttribute("aria-expanded", "true")
    opened_by = opener
    more.querySelector("button:not(:disabled)")?.focus()
  }
  function toggle_files() {
    const open = files.hidden
    opened_by = more.classList.contains("open") ? opener : download
    close()
    if (!open) { return }
    files.hidden = false
    download.setAttribute("aria-expanded", "true")
    files.querySelector("button")?.focus()
  }
  listen(document, "pointerdown", (event) => {
    const path = event.composedPath()
    if (!path.includes(files) && !path.includes(figures) && !path.includes(tools)) { close() }
  })

  function toggle_figures() {
    const open = figures.hidden
    opened_by = more.classList.contains("open") ? opener : inspect
    close()
    if (!open) { return }
    figures.hidden = false
    inspect.setAttribute("aria-expanded", "true")
    figures.querySelector("button")?.focus()
    anatomy_served().then((served) => { if (!served) { tell_no_anatomy() } })
  }
  function tell_no_anatomy() {
    const words = document.createElement("p")
    words.setAttribute("role", "status")
    words.textContent = "The page that takes figures apart is not served here. Serve anatomy.py beside this page; " +
      "in Python, FigureAnatomy(figure) does the same."
    figures.replaceChildren(figures.firstChild, words)
  }
  function list_figures() {
    inspect.hidden = !model.figures.length
    const head = document.createElement("h2")
    head.textContent = "Open a figure in its anatomy"
    figures.replaceChildren(head, ...model.figures.map(({name, label}) => {
      const row = document.createElement("div")
      row.className = "row"
      const text = document.createElement("span")
      text.textContent = label
      const made = document.createElement("button")
      made.type = "button"
      made.textContent = "Inspect"
      made.setAttribute("aria-label", `Inspect ${label}`)
      listen(made, "click", () => {
        close(true)
        const length = take_figure(name, `${label} of ${model.title}`, model.inspect_limit)
        if (length === null) { say({type: "no_figure", label}) }
        if (length) { say({type: "long_figure", label, length}) }
      })
      row.append(text, made)
      return row
    }))
  }

  function list_files() {
    files.replaceChildren()
    for (const [heading, rows] of model.files) {
      if (!rows.length) { continue }
      const head = document.createElement("h2")
      head.textContent = heading
      files.append(head)
      for (const {kind, name, label, formats} of rows) {
        const row = document.createElement("div")
        row.className = "row"
        const text = document.createElement("span")
        text.textContent = label
        row.append(text)
        for (const format of formats) {
          const made = document.createElement("button")
          made.type = "button"
          made.textContent = format.toUpperCase()
          made.setAttribute("aria-label", `${label} as ${format.toUpperCase()}`)
          listen(made, "click", async () => {
            close(true)
            if (kind === "figure" && format !== "json") {
              const done = await save_figure(name, format, `${model.slug}-${name}`).catch(() => false)
              if (!done) { say({type: "no_figure", label}) }
            } else {
              say({type: "download", kind, name, format})
            }
          })
          row.append(made)
        }
        files.append(row)
      }
    }
    if (!files.children.length) {
      const nothing = document.createElement("p")
      nothing.textContent = "Nothing to download on this page."
      files.append(nothing)
    }
  }

  // -- address

  function shared_address() {
    const address = new URL(location.href)
    if (model.share) { address.search += `${address.search ? "&" : "?"}copy=${model.share}` }
    return address.href
  }
  function go(address) {
    if (!address) { return }
    const {query, push} = address
    const search = query ? `?${query}` : ""
    const next = new URL(location.href)
    next.search = search
    if (next.href === location.href) { return }
    history[push ? "pushState" : "replaceState"](null, "", next.href)
  }
  listen(window, "popstate", () => say({type: "pop", query: location.search}))

  // -- keys

  listen(document, "keydown", (event) => {
    if (event.key === "Escape") { close(true); return }
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.repeat || is_typing(event)) { return }
    const key = event.key.toLowerCase()
    const act = key === "z" ? (event.shiftKey ? "redo" : "undo") : key === "y" && !event.shiftKey ? "redo" : null
    if (!act) { return }
    event.preventDefault()
    say({type: act})
  })

  // -- theme

  // At first page.html sees to it; here the system changes while the page is open.
  const system = window.matchMedia("(prefers-color-scheme: dark)")
  function set_theme(dark, chosen) {
    if (chosen) { remember("brushlink-theme", dark ? "dark" : "light") }
    if (dark !== model.dark) { say({type: "theme", dark}) }
  }
  function follow_system() {
    remember("brushlink-system", system.matches ? "dark" : "light")
    if (!/(^|; )brushlink-theme=/.test(document.cookie) && !/[?&]theme=/.test(location.search)) {
      set_theme(system.matches, false)
    }
  }
  listen(system, "change", follow_system)

  // -- what Python says

  function show_state() {
    buttons.undo.disabled = !model.can_undo
    buttons.redo.disabled = !model.can_redo
    buttons.reset.disabled = !model.can_reset
    buttons.source.setAttribute("aria-pressed", String(model.inspecting === "source"))
    buttons.hood.setAttribute("aria-pressed", String(model.inspecting === "hood"))
  }
  function show_saving() {
    const {state, words} = model.saving
    saving.hidden = !state
    saving.dataset.state = state ?? ""
    saving.textContent = {saved: "Saved", failed: "Not saved"}[state] ?? ""
    saving.dataset.tip = state === "failed" ? `Not saved: ${words}.\nClick to try again.` : words ?? ""
    saving.setAttribute("aria-label", state === "failed" ? `Not saved: ${words}. Try again` : "Saved")
  }
  function show_theme() {
    const other = model.dark ? "light" : "dark"
    bar.classList.toggle("dark", model.dark)
    document.documentElement.classList.toggle("brushlink-dark", model.dark)
    buttons.dark.querySelector("svg").outerHTML = icon(other)
    name_button(buttons.dark, other === "dark" ? "Dark mode" : "Light mode", "")
  }
  const watched = [
    [["can_undo", "can_redo", "can_reset", "inspecting"], show_state],
    [["dark"], show_theme],
    [["files"], list_files],
    [["figures"], list_figures],
    [["address"], () => go(model.address)],
    [["saving"], show_saving],
    [["work"], () => tab_work(model.slug, model.work)],
  ]
  for (const [names, show] of watched) {
    for (const name of names) { model.on(name, show) }
    show()
  }
  model.on("msg:custom", (message) => {
    if (message.type === "file") { save(message.name, new Blob([message.data], {type: message.mime})) }
  })
  model.on("remove", () => aborter.abort())
  say(model.keeps ? {type: "ready", key: private_key(), work: tab_work(model.slug)} : {type: "ready"})
  return bar
}
