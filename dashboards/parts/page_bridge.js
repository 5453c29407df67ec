// What the bar of a page does with the browser, beside clipboard.js: files, cookies, what a tab and a browser remember,
// figures for the page that takes them apart. Stands before page_bar.js in one module (see page_bar.py).

const YEAR = 31536000

// Where a hand types; sliders, boxes and buttons let our keys through.
const TYPING = new Set(["text", "search", "url", "email", "password", "number", "tel", "date", "time", "datetime-local",
  "month", "week"])

function is_typing(event) {
  const target = event.composedPath()[0]
  if (!(target instanceof Element)) { return false }
  if (target.isContentEditable || target.closest("textarea, select, [role=textbox]")) { return true }
  return target.tagName === "INPUT" && TYPING.has(target.type)
}

function deep(selector) {
  const found = []
  const queue = [document]
  while (queue.length) {
    const root = queue.shift()
    found.push(...root.querySelectorAll(selector))
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) { queue.push(element.shadowRoot) }
    }
  }
  return found
}

function plot_of(view) {
  const host = deep(`.view-${CSS.escape(view)}`)[0]
  for (const root of host ? [host.shadowRoot, host] : []) {
    if (!root) { continue }
    const queue = [root]
    while (queue.length) {
      const node = queue.shift()
      const plot = node.querySelector(".js-plotly-plot")
      if (plot) { return plot }
      for (const element of node.querySelectorAll("*")) {
        if (element.shadowRoot) { queue.push(element.shadowRoot) }
      }
    }
  }
  return null
}

function cookie_path() {
  return location.pathname.replace(/[^/]*$/, "")
}

function remember(name, value) {
  document.cookie = `${name}=${value}; path=${cookie_path()}; max-age=${YEAR}; SameSite=Lax`
}

function save(name, blob) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(blob)
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(link.href), 10000)
}

async function save_figure(view, format, stem) {
  const plot = plot_of(view)
  if (!plot || !window.Plotly || !plot._fullLayout) { return false }
  const {width, height} = plot._fullLayout
  // Pictures are transparent on the page; a file has to bring its ground along.
  const ground = getComputedStyle(document.documentElement).getPropertyValue("--brushlink-ground").trim() || "#ffffff"
  const figure = {
    data: plot.data,
    layout: {...plot.layout, width, height, autosize: false, paper_bgcolor: ground, plot_bgcolor: ground},
    config: {...plot._context, responsive: false},
  }
  const uri = await window.Plotly.toImage(figure, {format, width, height, scale: format === "png" ? 2 : 1})
  save(`${stem}.${format}`, await (await fetch(uri)).blob())
  return true
}

// Bokeh 3.9 takes models that came from the server for new ones of its own: the next event sends them back whole,
// and the server warns "reference already known". Can go when finalize() in _apply_json_patch no longer adds them.
function keep_known(document) {
  const apply = document?.apply_json_patch
  if (!apply || document.brushlink_known) { return }
  document.brushlink_known = true
  document.apply_json_patch = function (...patch) {
    const own = new Set(this._new_models)
    apply.apply(this, patch)
    for (const model of [...this._new_models]) {
      if (!own.has(model)) { this._new_models.delete(model) }
    }
  }
}

// A figure goes to the page that takes figures apart through this tab alone: no server and no address carries it.
// A window that is opened from here begins with a copy of what is stored for this tab.
const INSPECT_KEY = "brushlink-inspect"

// Whether that page is served here at all: a server need not serve every file.
let asked = null
function anatomy_served() {
  asked ??= fetch(new URL("./anatomy/metadata", location.href)).then((answer) => answer.status !== 404, () => true)
  return asked
}

function take_figure(view, title, limit) {
  const plot = plot_of(view)
  if (!plot || !plot.data) { return null }
  const {template, width, height, autosize, uirevision, ...layout} = plot.layout
  const figure = JSON.stringify({data: plot.data, layout}, (key, value) =>
    key.startsWith("_") ? undefined : ArrayBuffer.isView(value) ? Array.from(value) : value)
  if (figure.length > limit) { return figure.length }
  sessionStorage.setItem(INSPECT_KEY, JSON.stringify({title, figure}))
  window.open(new URL("./anatomy#inspect", location.href), "_blank")
  setTimeout(() => sessionStorage.removeItem(INSPECT_KEY), 5000)
  return 0
}

// What is drawn is kept under a key that only this browser has, and each tab remembers which work it shows.
// Both may be forbidden to a page: then there is no key, and Python says that nothing is kept.
const KEY = "brushlink-key"

function private_key() {
  try {
    const known = localStorage.getItem(KEY)
    if (/^[0-9a-f]{64}$/.test(known ?? "")) { return known }
    const made = Array.from(crypto.getRandomValues(new Uint8Array(32)), (n) => n.toString(16).padStart(2, "0")).join("")
    localStorage.setItem(KEY, made)
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

function tab_work(slug, work) {
  try {
    if (work) { sessionStorage.setItem(`brushlink-work-${slug}`, work) }
    return sessionStorage.getItem(`brushlink-work-${slug}`)
  } catch {
    return null
  }
}
