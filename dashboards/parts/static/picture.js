// An image in a saved file: its tools, the pixel under the mouse, its scale bar, and layers painted over it.
brushlink.picture = (page, name, image) => {
  "use strict"
  const {element} = brushlink, plot = page.plots[name], card = page.card(name)
  const SCALE_BAR = 2, BAR_SHARE = 0.25, BAR_ASIDE = 0.04
  const layers = new Map()
  let waiting = false

  // As high as the image at its width, within the window.
  plot.style.height = "auto"
  plot.style.aspectRatio = String(Math.min(Math.max(image.cols / image.rows, 0.6), 2.4))
  plot.style.maxHeight = "max(320px, min(700px, 78vh))"
  page.resize()

  // -- tools --------------------------------------------------------------------------------------------------------

  const drag = new Map()
  function follow() { for (const [mode, button] of drag) { button.setAttribute("aria-pressed", String(plot._fullLayout.dragmode === mode)) } }
  function choose(mode, more = {}) { Plotly.relayout(plot, {dragmode: mode, ...more}) }
  function tools(modes, before = () => ({})) {
    const row = element("span", {class: "tools", role: "group", "aria-label": "Tools"})
    for (const [label, mode] of Object.entries(modes)) {
      const button = element("button", {type: "button", class: "tool", onclick: () => choose(mode, before(mode))})
      button.textContent = label
      drag.set(mode, button)
      row.append(button)
    }
    follow()
    return row
  }

  // -- under the mouse ------------------------------------------------------------------------------------------------

  const number = (value) => Number.isNaN(value) ? "–" : Number.isInteger(value) ? linking.grouped(String(value)) :
    Math.abs(value) >= 1 ? value.toLocaleString("en-US", {minimumFractionDigits: 2, maximumFractionDigits: 2}) : linking.general(value, 4)
  const readout = element("p", {class: "note readout"})
  function read(row, col) {
    const values = image.channels.map((one, i) => `${image.names[i]} ${number(Number(one[row * image.cols + col]))}`)
    const units = image.pixel ? ` (${linking.general(col * image.pixel[1], 4)}, ${linking.general(row * image.pixel[0], 4)} ${image.unit})` : ""
    return `x ${col}, y ${row}${units} · ${values.join(", ")}`
  }
  const HINT = "Move over the image to read the values of a pixel."
  readout.textContent = HINT
  card.prepend(readout)
  plot.addEventListener("mousemove", (event) => {
    const {xaxis, yaxis} = plot._fullLayout, box = plot.getBoundingClientRect()
    const col = Math.floor(xaxis.p2d(event.clientX - box.left - xaxis._offset) + 0.5), row = Math.floor(yaxis.p2d(event.clientY - box.top - yaxis._offset) + 0.5)
    const inside = row >= 0 && row < image.rows && col >= 0 && col < image.cols
    readout.textContent = inside ? read(row, col) : HINT
  })
  plot.addEventListener("mouseleave", () => { readout.textContent = HINT })

  // -- the scale bar --------------------------------------------------------------------------------------------------

  function bar() {
    if (!image.pixel) { return }
    const {xaxis, yaxis} = plot._fullLayout
    const [left, right] = [Math.max(xaxis.range[0], -0.5), Math.min(xaxis.range[1], image.cols - 0.5)]
    const low = Math.min(Math.max(...yaxis.range), image.rows - 0.5), high = Math.max(Math.min(...yaxis.range), -0.5)
    const most = BAR_SHARE * (right - left) * image.pixel[1], power = 10 ** Math.floor(Math.log10(most))
    const length = Math.max(...[1, 2, 5].map((step) => step * power).filter((one) => one <= most * (1 + 1e-9)))
    const start = left + BAR_ASIDE * (right - left), wide = length / image.pixel[1], y = low - BAR_ASIDE * (low - high)
    Plotly.restyle(plot, {x: [[start, start + wide / 2, start + wide]], y: [[y, y, y]], text: [["", `${linking.general(length, 6)} ${linking.escape(image.unit)}`, ""]]}, [SCALE_BAR])
  }

  // -- layers -----------------------------------------------------------------------------------------------------------

  function channelsOf(color) { return [1, 3, 5, 7].map((at) => at < color.length ? parseInt(color.slice(at, at + 2), 16) : 255) }

  // Paint numbers 0 … 255 of a box of the image; `colors` are {number: "#rrggbbaa"}, others stay clear.
  function painted(indexed, colors, [row0, col0, row1, col1]) {
    const canvas = element("canvas", {width: col1 - col0, height: row1 - row0}), context = canvas.getContext("2d")
    const made = context.createImageData(col1 - col0, row1 - row0)
    const table = Object.fromEntries(Object.entries(colors).map(([key, color]) => [key, channelsOf(color)]))
    for (let i = 0; i < indexed.length; i++) { if (table[indexed[i]]) { made.data.set(table[indexed[i]], 4 * i) } }
    context.putImageData(made, 0, 0)
    return canvas.toDataURL("image/png")
  }

  // Show a layer: a picture as an address, or null to take it away.
  function layer(key, source, box = [0, 0, image.rows, image.cols], opacity = 1) {
    if (source === null) { layers.delete(key) } else {
      layers.set(key, {source, xref: "x", yref: "y", x: box[1] - 0.5, y: box[0] - 0.5, sizex: box[3] - box[1], sizey: box[2] - box[0],
        sizing: "stretch", layer: "above", opacity})
    }
    // Several layers of one answer are one change.
    if (!waiting) {
      waiting = true
      queueMicrotask(() => {
        waiting = false
        // plotly.js tells layout images apart by where they lie: a second one in the same place is not drawn.
        page.patch(name, {}, {images: [...layers.values()].map((one, i) => ({...one, x: one.x + i * 1e-4}))})
      })
    }
  }

  page.on(name, "relayout", (change) => {
    if ("dragmode" in change) { follow() }
    if (Object.keys(change).some((key) => /^[xy]axis/.test(key))) { bar() }
  })
  bar()
  return {plot, card, tools, choose, painted, layer, number, readout}
}
