// /region without a server: regions of the image, bands of its values and lines, and what answers them.
brushlink.starts.region = (page, data) => {
  "use strict"
  const {element} = brushlink, {image, edges, rows} = data
  const HIGHLIGHT = "#00e5ffb4", DIM = "#9AA0A6", LINE = "#ffd400"
  const picture = brushlink.picture(page, "image", image)
  const plots = {image: page.plots.image, histogram: page.plots.histogram}
  const at_first = {regions: data.regions, bands: data.bands, lines: data.lines}
  let state = {...at_first}, echo = 0

  // What the page itself sets comes back as an event too.
  async function quietly(act) {
    echo += 1
    try { await act() } finally { echo -= 1 }
  }

  // -- what is drawn becomes the state ----------------------------------------------------------------------------------

  const decimals = (value, places) => Number(value.toFixed(places))
  function regionsOf(outlines) {
    return outlines.map((one) => {
      if (one.type === "rect") {
        const [row0, row1] = [one.y0, one.y1].sort((a, b) => a - b), [col0, col1] = [one.x0, one.x1].sort((a, b) => a - b)
        return ["box", ...[row0, col0, row1, col1].map((value) => decimals(value, 2))]
      }
      const pairs = one.path.replace(/[MZ]/g, (char) => char === "M" ? "L" : "").split("L").filter(Boolean).map((pair) => pair.split(",").map(Number))
      return ["lasso", ...pairs.flatMap(([x, y]) => [decimals(y, 1), decimals(x, 1)])]
    })
  }
  const YELLOW = {color: LINE, width: 2, dash: "solid"}
  const outlinesOf = (regions) => regions.map(([kind, ...numbers]) => ({xref: "x", yref: "y", line: YELLOW, ...(kind === "box" ?
    {type: "rect", y0: numbers[0], x0: numbers[1], y1: numbers[2], x1: numbers[3]} :
    {type: "path", path: "M" + Array.from({length: numbers.length / 2}, (_, i) => `${numbers[2 * i + 1]},${numbers[2 * i]}`).join("L") + "Z"})}))
  const linesOf = (shapes) => shapes.filter((one) => one.type === "line").map((one) => [one.y0, one.x0, one.y1, one.x1].map((value) => decimals(value, 2)))
  const shapesOf = (lines) => lines.map(([y0, x0, y1, x1]) => ({type: "line", xref: "x", yref: "y", editable: true, x0, y0, x1, y1, line: {color: LINE, width: 2}}))

  function set(changed) {
    state = {...state, ...changed}
    follow()
  }

  page.on("image", "relayout", (change) => {
    if (echo) { return }
    const keys = Object.keys(change)
    if (keys.some((key) => key.startsWith("selections"))) { set({regions: regionsOf(plots.image.layout.selections ?? [])}) }
    if (keys.some((key) => key.startsWith("shapes"))) { set({lines: linesOf(plots.image.layout.shapes ?? [])}) }
  })
  page.on("histogram", "selected", (event) => {
    const axis = event?.range && Object.keys(event.range).find((key) => key.startsWith("x"))
    if (echo || !axis) { return }
    const channel = rows[Number(axis.slice(1) || 1) - 1], others = state.bands.filter(([one]) => one !== channel)
    const [low, high] = [...event.range[axis]].sort((a, b) => a - b), ends = pixels.toEdges(low, high, edges)
    // Plotly is still at work on its own outline.
    setTimeout(() => set({bands: ends === null ? others : [...others, [channel, ...ends]]}))
  })
  page.on("histogram", "relayout", (change) => {
    if (!echo && Object.keys(change).some((key) => key.startsWith("selections")) && !(plots.histogram.layout.selections ?? []).length) { set({bands: []}) }
  })

  // -- the state becomes pictures -----------------------------------------------------------------------------------------

  let words = {}
  function answers() {
    const inside = pixels.regionMask(state.regions, image), mask = pixels.within(inside, image, state.bands)
    const counted = rows.map((channel) => pixels.counts(image.channels[channel], pixels.within(inside, image, state.bands, channel), edges))
    return {mask, counts: counted, statistics: image.channels.map((values) => pixels.statistics(values, mask))}
  }

  function follow() {
    const found = answers()
    words = found
    paintHistogram(found.counts)
    paintProfile()
    picture.layer("band", state.bands.length ? picture.painted(found.mask, {1: HIGHLIGHT}, [0, 0, image.rows, image.cols]) : null)
    quietly(() => Promise.all([
      Plotly.relayout(plots.image, {selections: outlinesOf(state.regions), shapes: shapesOf(state.lines)}),
      Plotly.relayout(plots.histogram, {selections: state.bands.filter(([channel]) => rows.includes(channel)).map(([channel, x0, x1]) => {
        const axis = rows.indexOf(channel) ? String(rows.indexOf(channel) + 1) : ""
        return {type: "rect", xref: `x${axis}`, yref: `y${axis} domain`, x0, x1, y0: 0, y1: 1}
      })}),
    ]))
    say(found)
  }

  function paintHistogram(counted) {
    const traces = {}
    counted.forEach((found, row) => {
      const band = state.bands.find(([channel]) => channel === rows[row]), all = pixels.total(found)
      traces[2 * row] = {"marker.color": data.context[page.mode]}
      traces[2 * row + 1] = {
        y: found.map((count) => all ? count * (100 / all) : 0), customdata: found,
        "marker.color": Array.from(found, (_, i) => {
          const middle = (edges[i] + edges[i + 1]) / 2
          return !band || (middle >= band[1] && middle < band[2]) ? data.inks[page.mode][row] : DIM
        }),
      }
    })
    page.patch("histogram", traces)
  }

  function paintProfile() {
    const specs = data.profiles[page.mode], line = state.lines.at(-1)
    if (!line) { return page.show("profile", specs.none) }
    const {along, curves} = pixels.profile(image, line), square = image.pixel && image.pixel[0] === image.pixel[1]
    const scale = square ? image.pixel[1] : 1, unit = square ? image.unit : "px", far = along.at(-1) * scale
    page.show("profile", {
      data: specs.line.data.map((trace, row) => ({...trace, x: along.map((value) => value * scale), y: curves[rows[row]]})),
      layout: {...specs.line.layout, title: {text: `Along the line, ${linking.general(far, 4, true)} ${linking.escape(unit)}`},
        xaxis: {...specs.line.layout.xaxis, range: [0, far || 1]}},
    })
  }

  // -- in words -----------------------------------------------------------------------------------------------------------

  const headline = element("b", {role: "status"}), hint = element("span", {class: "hint"})
  const clear = element("button", {type: "button", class: "clear", onclick: () => set({regions: [], bands: [], lines: []})})
  clear.textContent = "Clear"
  const over = element("button", {type: "button", class: "over", title: "Back to how it was when it was saved", onclick: () => set({...at_first})})
  over.textContent = "Start over"
  const geojson = element("button", {type: "button", class: "clear", title: "The selected regions, as QuPath reads them",
    onclick: () => brushlink.save("regions.geojson", JSON.stringify(asGeojson()), "application/geo+json")})
  geojson.textContent = "Regions as GeoJSON"
  page.above.append(element("div", {class: "selection"}, picture.tools({Box: "select", Lasso: "lasso", Line: "drawline", Move: "pan", Zoom: "zoom"}), clear, headline, hint, geojson, over))

  const table = element("table", {class: "numbers"}), box = element("section", {class: "card statistics", "aria-label": "statistics"}, element("div", {class: "scroll"}, table))
  page.card("histogram").after(box)
  const bandWords = ([, low, high]) => {
    if (!data.whole) { return `${picture.number(low)} to ${picture.number(high)}` }
    const first = Math.ceil(low), last = Math.ceil(high) - 1
    return first === last ? linking.grouped(String(first)) : `${linking.grouped(String(first))} to ${linking.grouped(String(last))}`
  }

  function say({mask, statistics}) {
    const all = image.rows * image.cols, part = pixels.total(mask), grouped = (value) => linking.grouped(String(value))
    const any = state.regions.length || state.bands.length
    headline.textContent = any ? `${grouped(part)} of ${grouped(all)} pixels (${linking.general(100 * part / all, 3)} %)` : `All ${grouped(all)} pixels`
    const parts = [...(state.regions.length ? [`${state.regions.length} region${state.regions.length > 1 ? "s" : ""}`] : []),
      ...state.bands.map((band) => `${image.names[band[0]]} ${bandWords(band)}`)]
    hint.textContent = parts.length ? parts.join(" · ") : "Drag over the image to select; with Shift add a region."
    clear.hidden = !(any || state.lines.length)
    geojson.hidden = !state.regions.length
    const line = (kind, cells) => element("tr", {}, ...cells.map((text, i) => {
      const cell = element(i && kind === "td" ? "td" : "th", {scope: kind === "th" ? "col" : "row"})
      cell.textContent = text
      return cell
    }))
    table.replaceChildren(line("th", [any ? "Selected pixels" : "All pixels", ...image.names]),
      ...data.statistics.map(([key, label]) => line("td", [label, ...statistics.map((one) => picture.number(one[key]))])))
  }

  const around = (points) => [...points, points[0]].map(([row, col]) => [col + 0.5, row + 0.5])
  const asGeojson = () => ({type: "FeatureCollection", features: state.regions.map(([kind, ...numbers], i) => {
    const corners = kind === "box" ? pixels.outline({kind: "rect", vertices: [[numbers[0], numbers[1]], [numbers[2], numbers[3]]]}) :
      Array.from({length: numbers.length / 2}, (_, at) => [numbers[2 * at], numbers[2 * at + 1]])
    return {type: "Feature", geometry: {type: "Polygon", coordinates: [around(corners)]},
      properties: {objectType: "annotation", name: `Region ${i + 1}`}}
  })})

  if (data.kept.length) {
    const list = element("p", {class: "note"})
    for (const one of data.kept) {
      const sign = element("span", {style: `color: ${one.color}`}), text = element("span")
      sign.textContent = "■ "
      text.textContent = `${one.name} – ${linking.grouped(String(one.pixels))} pixels   `
      list.append(sign, text)
    }
    picture.card.append(list)
    picture.layer("kept", data.kept_layer.source)
  }
  follow()
  return {setMode: follow, state: () => state, set, answers}
}
