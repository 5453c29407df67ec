// Which element of a Plotly picture is which path of its figure, both ways. Stands before figure_tree.js.

const inside = (root, selector) => {
  const found = [], queue = [root]
  while (queue.length) {
    const node = queue.shift()
    if (!node.querySelectorAll) { continue }
    found.push(...node.querySelectorAll(selector))
    for (const element of node.querySelectorAll("*")) {
      if (element.shadowRoot) { queue.push(element.shadowRoot) }
    }
  }
  return found
}

// The picture of our own dashboard: two of them may stand in one notebook.
function plot_near(element, view) {
  for (let node = element; node; node = node.parentNode || node.host) {
    const root = node.shadowRoot || node
    const host = inside(root, `.view-${CSS.escape(view)}`)[0]
    const plot = host && [...inside(host, ".js-plotly-plot"), ...(host.shadowRoot ? inside(host.shadowRoot, ".js-plotly-plot") : [])][0]
    if (plot) { return plot }
  }
  return null
}

// Path → elements. Names of axes as in the layout; "$" is the number in a list.
const AXIS = /^layout\.([xyz]axis\d*)$/
function elements_of(plot, path) {
  const all = (selector) => [...plot.querySelectorAll(selector)]
  const at = (list, i) => list[i] ? [list[i]] : []
  let m
  if (/^layout\.title\.subtitle/.test(path)) { return all(".gtitle-subtitle") }
  if (/^layout\.title/.test(path)) { return all(".gtitle") }
  if (/^layout\.legend\d*\.title/.test(path)) { return all(".legendtitletext") }
  if (/^layout\.legend/.test(path)) { return all(".legend") }
  if ((m = /^layout\.(x|y)axis(\d*)\.title/.exec(path))) { return all(`.${m[1]}${m[2]}title`) }
  if ((m = /^layout\.(x|y)axis(\d*)/.exec(path))) { return all(`.${m[1]}${m[2]}tick, .${m[1]}${m[2]}axislayer-above > path`) }
  if ((m = /^layout\.annotations\[(\d+)\]/.exec(path))) { return all(`.annotation[data-index="${m[1]}"]`) }
  if ((m = /^layout\.shapes\[(\d+)\]/.exec(path))) { return all(`.shapelayer path[data-index="${m[1]}"]`) }
  if ((m = /^layout\.images\[(\d+)\]/.exec(path))) { return at(all(".imagelayer image"), +m[1]) }
  if (/^layout\.(coloraxis\d*\.colorbar|coloraxis)/.test(path)) { return all(".colorbar") }
  if (/\.(marker\.)?colorbar/.test(path)) { return all(".colorbar") }
  if (/^layout\.updatemenus/.test(path)) { return all(".updatemenu-container") }
  if (/^layout\.sliders/.test(path)) { return all(".slider-container") }
  if (/^layout\.plot_bgcolor/.test(path)) { return all(".bglayer .bg, .gridlayer") }
  if ((m = /^data\[(\d+)\]/.exec(path))) { return trace_elements(plot, +m[1]) }
  return []
}
function trace_elements(plot, number) {
  const found = []
  for (const group of plot.querySelectorAll("g.trace, g.boxes, g.hm, g.contour, g.im, g.violins")) {
    const data = group.__data__, first = Array.isArray(data) ? data[0] : data
    const trace = first && (first.trace || (first[0] && first[0].trace))
    if (trace && trace.index === number && !group.closest(".legend")) { found.push(group) }
  }
  return found
}

// What is hit at a place of the page, by what is drawn there: most of it lets the mouse through.
function path_at(plot, x, y) {
  const full = plot._fullLayout || {}
  const hit = (element) => {
    const box = element.getBoundingClientRect()
    return box.width > 0 && x >= box.left - 2 && x <= box.right + 2 && y >= box.top - 2 && y <= box.bottom + 2
  }
  const first = (selector) => [...plot.querySelectorAll(selector)].find(hit)
  let element
  if (first(".modebar-group")) { return null }
  if ((element = first(".annotation"))) { return `layout.annotations[${element.dataset.index}]` }
  if (first(".gtitle-subtitle")) { return "layout.title.subtitle.text" }
  if (first(".gtitle")) { return "layout.title.text" }
  if (first(".legend .legendtitletext")) { return "layout.legend.title.text" }
  if ((element = first(".legend .traces"))) {
    const item = [].concat(element.__data__ || [])[0], entry = Array.isArray(item) ? item[0] : item
    return entry && entry.trace ? `data[${entry.trace.index}].name` : "layout.legend"
  }
  if (first(".legend")) { return "layout.legend" }
  if ((element = first(".colorbar"))) {
    const shared = Object.keys(full).find((name) => /^coloraxis\d*$/.test(name) && full[name].showscale !== false
      && full[name].colorbar && full[name]._colorAxisGroup !== null && plot._fullData.some((t) => usesAxis(t, name)))
    const owner = plot._fullData.findIndex((t) => t.showscale || (t.marker || {}).showscale)
    if (shared) { return `layout.${shared}.colorbar` }
    return owner < 0 ? null : plot._fullData[owner].showscale ? `data[${owner}].colorbar` : `data[${owner}].marker.colorbar`
  }
  for (const name of Object.keys(full)) {
    const m = /^([xy])axis(\d*)$/.exec(name)
    if (m && first(`.${m[1]}${m[2]}title`)) { return `layout.${name}.title.text` }
    if (m && first(`.${m[1]}${m[2]}tick`)) { return `layout.${name}` }
  }
  if (first(".updatemenu-container")) { return "layout.updatemenus[0]" }
  if (first(".slider-container")) { return "layout.sliders[0]" }
  for (const path of plot.querySelectorAll(".shapelayer path")) {
    if (hit(path)) { return `layout.shapes[${path.dataset.index}]` }
  }
  return undefined
}
const usesAxis = (trace, name) => trace.coloraxis === name || (trace.marker || {}).coloraxis === name

// What the browser uses where nothing is set.
function in_force(plot, path) {
  const keys = [...path.matchAll(/[A-Za-z_]\w*|\d+/g)].map((m) => m[0])
  let value = keys[0] === "data" ? plot._fullData : plot._fullLayout
  for (const key of keys.slice(1)) { value = value == null ? undefined : value[key] }
  if (value === undefined || typeof value === "function") { return "" }
  if (ArrayBuffer.isView(value)) { value = [...value.slice(0, 7)] }
  const text = JSON.stringify(value, (k, v) => k.startsWith("_") ? undefined : v) || ""
  return text.length > 90 ? text.slice(0, 89) + "…" : text
}

// Plotly's own default, from the schema that the browser has.
function default_of(plot, path) {
  try {
    const schema = schema_of(), keys = [...path.matchAll(/[A-Za-z_]\w*|\d+/g)].map((m) => m[0])
    let at
    if (keys[0] === "layout") {
      at = schema.layout.layoutAttributes
      keys.shift()
      if (keys[0] && /\d$/.test(keys[0])) { keys[0] = keys[0].replace(/\d+$/, "") }
    } else {
      const trace = plot._fullData[+keys[1]]
      at = schema.traces[trace ? trace.type : "scatter"].attributes
      keys.splice(0, 2)
    }
    for (const key of keys) { at = /^\d+$/.test(key) ? Object.values(at.items)[0] : at[key] }
    return at.dflt === undefined ? "" : JSON.stringify(at.dflt).slice(0, 90)
  } catch {
    return ""  // traces add attributes to the layout that the schema keeps elsewhere
  }
}
let schema = null
const schema_of = () => schema || (schema = window.Plotly.PlotSchema.get())
