// /segment without a server: the layers of an answer over its image, and the regions linked with their histogram.
brushlink.starts.segment = (page, data) => {
  "use strict"
  const {element} = brushlink, {image} = data, LIT = "#ffe14dd9", ROWS = 200
  const picture = brushlink.picture(page, "image", image), plot = picture.plot
  const names = Object.fromEntries(data.classes.map((one) => [one.id, one.name])), colors = Object.fromEntries(data.classes.map((one) => [one.id, one.color]))
  const at_first = {layer: data.layers.some(({key}) => key === data.overlay) ? data.overlay : data.layers[0]?.key ?? "", opacity: data.opacity,
    strokes: true, measured: data.measured, measure: data.measure, picked: data.picked}
  let state = {...at_first}, echo = false

  const option = (value, text) => {
    const one = element("option", {value})
    one.textContent = text
    return one
  }
  function chooser(label, options, change) {
    const select = element("select", {onchange: () => change(select.value)}, ...options.map(([value, text]) => option(value, text)))
    const box = element("label", {class: "choice"}, element("span"), select)
    box.firstChild.textContent = label
    return [box, select]
  }
  function set(changed) {
    state = {...state, ...changed}
    follow()
  }

  // -- over the image ---------------------------------------------------------------------------------------------------

  const [layers, layer] = chooser("Show", [...data.layers.map(({key, label}) => [key, label]), ["", "The image alone"]], (value) => set({layer: value}))
  const opacity = element("input", {type: "range", min: 0.05, max: 1, step: 0.05, "aria-label": "Opacity", title: "Opacity", oninput: () => set({opacity: Number(opacity.value)})})
  const strokes = element("button", {type: "button", class: "tool", onclick: () => set({strokes: !state.strokes})})
  strokes.textContent = "Strokes"
  const over = element("button", {type: "button", class: "over", title: "Back to how it was when it was saved", onclick: () => set({...at_first})})
  over.textContent = "Start over"
  const status = element("b", {role: "status"})
  page.above.append(element("div", {class: "selection"}, picture.tools({Zoom: "zoom", Move: "pan"}), strokes, layers, opacity, status, over))

  // A stroke is as wide as it is in the image, at every zoom.
  function drawn() {
    const {xaxis} = plot._fullLayout, scale = xaxis._length / Math.abs(xaxis.range[1] - xaxis.range[0])
    const shapes = data.shapes.map((shape, i) => data.areas[i] ? shape : {...shape, line: {...shape.line, width: Math.max(shape.line.width, 1) * scale}})
    Plotly.relayout(plot, {shapes: state.strokes ? shapes : []})
  }
  page.on("image", "relayout", (change) => {
    if (Object.keys(change).some((key) => /^[xy]axis/.test(key) || key === "width")) { drawn() }
  })

  // -- shares -------------------------------------------------------------------------------------------------------------

  const shares = element("div", {class: "shares"})
  for (const {id, share, pixels: count} of data.shares) {
    const name = element("span"), bar = element("i", {style: `width: ${(100 * share).toFixed(2)}%; background: ${colors[id]}`}), number = element("span", {class: "number"})
    name.textContent = names[id]
    number.textContent = `${(100 * share).toFixed(1)} %`
    shares.append(element("div", {class: "row", title: `${linking.grouped(String(count))} px`}, name, element("div", {class: "track"}, bar), number))
  }

  // -- regions --------------------------------------------------------------------------------------------------------------

  const columns = () => data.regions.find(({id}) => id === state.measured)?.columns ?? []
  const column = () => columns().find(({name}) => name === state.measure) ?? columns()[0]
  function inside(value) { return state.picked === null || (value >= state.picked[0] && value <= state.picked[1]) }
  const chosen = () => column() ? Array.from(column().values, (value, i) => inside(value) ? i : -1).filter((i) => i >= 0) : []

  function counted({values, edges}) {
    const found = new Float64Array(edges.length - 1)
    for (const value of values) {
      if (!Number.isFinite(value)) { continue }
      let bin = edges.findIndex((edge) => edge > value) - 1
      if (bin < -1 || bin === -2) { bin = found.length - 1 }
      found[Math.min(Math.max(bin, 0), found.length - 1)] += 1
    }
    return found
  }

  const table = element("table", {class: "numbers"}), said = element("p", {class: "note"})
  const [classes, of_class] = chooser("Regions of", data.regions.map(({id}) => [id, names[id]]), (value) => set({measured: Number(value), picked: null}))
  const [measures, measure] = chooser("by", [], (value) => set({measure: value, picked: null}))

  function light() {
    if (state.picked === null || !data.numbers) { return picture.layer("picked", null) }
    const lit = new Uint8Array((column()?.values.length ?? 0) + 1), mask = new Uint8Array(data.numbers.length)
    for (const i of chosen()) { lit[i + 1] = 1 }
    for (let i = 0; i < mask.length; i++) { if (data.labels[i] === state.measured) { mask[i] = lit[data.numbers[i]] ?? 0 } }
    picture.layer("picked", picture.painted(mask, {1: LIT}, [0, 0, image.rows, image.cols]))
  }

  function list() {
    const shown = chosen(), all = columns(), total = column()?.values.length ?? 0
    const cells = (kind, texts, attributes = {}) => element("tr", attributes, ...texts.map((text) => {
      const cell = element(kind)
      cell.textContent = text
      return cell
    }))
    const number = (value) => Number.isFinite(value) ? picture.number(Math.round(value * 100) / 100) : "–"
    table.replaceChildren(cells("th", ["#", ...all.map(({name}) => name)]), ...shown.slice(0, ROWS).map((i) =>
      cells("td", [String(i + 1), ...all.map(({values}) => number(values[i]))])))
    const part = state.picked === null ? "" : " brushed"
    said.textContent = `${linking.grouped(String(shown.length))} of ${linking.grouped(String(total))} regions${part}` +
      (shown.length > ROWS ? `; the first ${ROWS} are listed` : "") + (state.picked === null ? ". Brush the histogram: those regions light up in the image." : "")
    status.textContent = state.picked === null ? "" : shown.length === 1 ? "1 region lights up" : `${linking.grouped(String(shown.length))} regions light up`
  }

  function bars() {
    const one = column()
    if (!page.plots.regions || !one) { return }
    const {edges} = one, found = counted(one)
    page.patch("regions", {0: {
      x: Float64Array.from(found, (_, i) => (edges[i] + edges[i + 1]) / 2), y: found, width: Float64Array.from(found, (_, i) => edges[i + 1] - edges[i]),
      "marker.color": Array.from(found, (_, i) => state.picked !== null && edges[i + 1] > state.picked[0] && edges[i] < state.picked[1] ? data.bars.brushed : data.bars.plain),
    }}, {"title.text": `${linking.grouped(String(pixels.total(found)))} regions by ${linking.escape(one.name)}`, "xaxis.title.text": linking.escape(one.name)})
    const outline = state.picked === null ? [] : [{type: "rect", xref: "x", yref: "y domain", x0: state.picked[0], x1: state.picked[1], y0: 0, y1: 1}]
    echo = true
    Plotly.relayout(page.plots.regions, {selections: outline, "xaxis.autorange": true, "yaxis.autorange": true}).finally(() => { echo = false })
  }

  if (page.plots.regions) {
    page.on("regions", "selected", (event) => {
      const ends = event?.range?.x
      if (!echo && ends) { setTimeout(() => set({picked: [...ends].sort((a, b) => a - b)})) }
    })
    page.on("regions", "deselect", () => set({picked: null}))
    page.card("regions").prepend(element("div", {class: "selection"}, classes, measures))
    page.card("regions").append(shares)
    page.card("regions").after(element("section", {class: "card statistics", "aria-label": "regions"}, said, element("div", {class: "scroll"}, table)))
  }

  function follow() {
    layer.value = state.layer
    opacity.value = state.opacity
    strokes.setAttribute("aria-pressed", String(state.strokes))
    const shown = data.layers.find(({key}) => key === state.layer)
    picture.layer("result", shown ? shown.source : null, undefined, state.layer === "outlines" ? 1 : state.opacity)
    drawn()
    of_class.value = String(state.measured)
    measure.replaceChildren(...columns().map(({name}) => option(name, name)))
    measure.value = column()?.name ?? ""
    bars()
    light()
    list()
  }
  follow()
  return {setMode: bars, state: () => state, set, chosen, counted: () => column() ? Array.from(counted(column())) : []}
}
