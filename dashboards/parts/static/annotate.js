// /annotate without a server: shapes drawn on an image, measured from its pixels.
brushlink.starts.annotate = (page, data) => {
  "use strict"
  const {element} = brushlink, {image, style} = data
  const TOOLS = {Rectangle: "drawrect", Ellipse: "drawcircle", Line: "drawline", Pen: "drawopenpath", Area: "drawclosedpath", Erase: "eraseshape", Zoom: "zoom", Move: "pan"}
  const AREA_TOOLS = ["drawrect", "drawcircle", "drawclosedpath"], LIT = "#ffe14da0"
  const picture = brushlink.picture(page, "image", image), plot = picture.plot
  const classes = Object.fromEntries(data.classes.map((one) => [one.id, one]))
  let shapes = data.shapes, selected = -1, chosen = data.classes[0]?.id ?? 1, width = 8, echo = 0
  const past = []

  // -- what is drawn ------------------------------------------------------------------------------------------------------

  // A shape carries its class and its width in image pixels in its name.
  const meaning = ({name = ""}) => {
    const [, id = "1", wide = "1"] = name.split(";")
    return {id: Number(id), width: Number(wide)}
  }
  const strokeOf = (shape) => pixels.strokeOf(shape, meaning(shape).width)
  const scale = () => plot._fullLayout.xaxis._length / Math.abs(plot._fullLayout.xaxis.range[1] - plot._fullLayout.xaxis.range[0])
  const translucent = (color) => color + Math.round(style.alpha * 255).toString(16).padStart(2, "0")

  function dressed(shape) {
    const one = strokeOf(shape)
    return one && !pixels.isArea(one) ? {...shape, line: {...shape.line, width: Math.max(one.width, 1) * scale()}} : shape
  }

  function brush() {
    const mode = plot._fullLayout.dragmode, area = AREA_TOOLS.includes(mode), color = classes[chosen]?.color ?? "#808080"
    return {newshape: {name: `0;${chosen};${area ? 1 : width}`, line: {color, width: area ? style.outline : width * scale()},
      fillcolor: area ? translucent(color) : "rgba(0,0,0,0)", opacity: style.opacity, layer: "above", drawdirection: "diagonal"}}
  }

  async function show() {
    echo += 1
    try { await Plotly.relayout(plot, {shapes: shapes.map(dressed), ...brush()}) } finally { echo -= 1 }
  }

  page.on("image", "relayout", (change) => {
    const keys = Object.keys(change)
    if (!echo && keys.some((key) => key.startsWith("shapes"))) {
      const before = shapes
      past.push(shapes)
      shapes = (plot.layout.shapes ?? []).filter((one) => one.type).map((one) => ({...one}))
      selected = shapes.length > before.length ? shapes.length - 1 : Math.min(selected, shapes.length - 1)
      follow()
    } else if (keys.some((key) => /^[xy]axis/.test(key) || key === "width")) { show() }
    else if ("dragmode" in change) { show() }
  })

  // -- controls -------------------------------------------------------------------------------------------------------------

  const select = (label, options, change) => {
    const made = element("select", {onchange: () => { change(Number(made.value)); show() }}, ...options.map(([value, text]) => {
      const one = element("option", {value})
      one.textContent = text
      return one
    }))
    const box = element("label", {class: "choice"}, element("span"), made)
    box.firstChild.textContent = label
    return [box, made]
  }
  const [class_box] = select("Class", data.classes.map(({id, name}) => [id, name]), (value) => { chosen = value })
  const [width_box, width_list] = select("Width", data.widths.map((one) => [one, `${one} px`]), (value) => { width = value })
  width_list.value = String(width)
  const button = (text, title, act) => {
    const made = element("button", {type: "button", class: "clear", title, onclick: act})
    made.textContent = text
    return made
  }
  const undo = button("Undo", "Take the last change back", () => { if (past.length) { shapes = past.pop(); selected = -1; follow() } })
  const save = button("GeoJSON", "Save the shapes as QuPath reads them", () => brushlink.save("shapes.geojson", JSON.stringify(geojson()), "application/geo+json"))
  const over = element("button", {type: "button", class: "over", title: "Back to how it was when it was saved",
    onclick: () => { past.push(shapes); shapes = data.shapes; selected = -1; follow() }})
  over.textContent = "Start over"
  page.above.append(element("div", {class: "selection"}, picture.tools(TOOLS), class_box, width_box, undo, save, over))

  // -- the table --------------------------------------------------------------------------------------------------------------

  const table = element("table", {class: "numbers rows"}), said = element("p", {class: "note", role: "status"})
  picture.card.after(element("section", {class: "card wide", "aria-label": "shapes"}, said, element("div", {class: "scroll"}, table)))

  const units = image.pixel ? [[`Area (${image.unit}²)`, "areaUnits"], [`Length (${image.unit})`, "lengthUnits"]] : []
  const columns = [["x (px)", "x"], ["y (px)", "y"], ["Width (px)", "width"], ["Height (px)", "height"], ["Area (px)", "area"], ["Length (px)", "length"], ...units]
  const means = image.channels.length > 1 ? image.names.map((name) => `Mean ${name}`) : ["Mean"]
  const measures = () => shapes.map(strokeOf).map((one) => ({kind: one.kind, ...pixels.measured(image, one)}))

  function list() {
    const line = (kind, texts, attributes = {}) => element("tr", attributes, ...texts.map((text) => {
      const cell = element(kind)
      cell.textContent = text
      return cell
    }))
    const number = (value) => Number.isFinite(value) ? picture.number(Math.round(value * 100) / 100) : "–"
    table.replaceChildren(line("th", ["#", "Type", "Class", ...columns.map(([label]) => label), ...means]), ...measures().map((row, i) =>
      line("td", [String(i + 1), data.types[row.kind], classes[meaning(shapes[i]).id]?.name ?? "(eraser)", ...columns.map(([, key]) => number(row[key])), ...row.means.map(number)],
        {tabindex: "0", "aria-selected": String(i === selected), onclick: () => pick(i), onkeydown: (event) => { if (event.key === "Enter") { pick(i) } }})))
    said.textContent = shapes.length ? `${shapes.length} shape${shapes.length > 1 ? "s" : ""}. Click a row and its shape lights up.` :
      "Choose a tool and draw on the image: each shape becomes a row with its measures."
    undo.disabled = !past.length
    save.disabled = !shapes.length
  }

  function pick(place) {
    selected = place === selected ? -1 : place
    light()
    list()
  }

  function light() {
    const one = selected >= 0 && shapes[selected] ? pixels.covered(strokeOf(shapes[selected]), image.rows, image.cols) : null
    picture.layer("selected", one ? picture.painted(one.mask, {1: LIT}, one.box) : null, one?.box)
  }

  // A click on a shape selects its row: the last drawn that covers the pixel.
  page.on("image", "click", ({points: [point]}) => {
    const row = Math.round(point.y), col = Math.round(point.x)
    const hit = shapes.findLastIndex((shape) => {
      const one = pixels.covered(strokeOf(shape), image.rows, image.cols)
      if (!one || row < one.box[0] || row >= one.box[2] || col < one.box[1] || col >= one.box[3]) { return false }
      return one.mask[(row - one.box[0]) * (one.box[3] - one.box[1]) + col - one.box[1]] === 1
    })
    if (hit >= 0) { pick(hit) }
  })

  // -- GeoJSON, as segmentation/geojson.py writes it: x = col + 0.5, y = row + 0.5 ----------------------------------------------

  const at = ([row, col]) => [col + 0.5, row + 0.5]
  function geometry(one) {
    if (!pixels.isArea(one)) {
      return one.vertices.length === 1 ? {type: "Point", coordinates: at(one.vertices[0])} : {type: "LineString", coordinates: one.vertices.map(at)}
    }
    const rings = [pixels.outline(one), ...one.holes].map((ring) => [...ring, ring[0]].map(at))
    return {type: "Polygon", coordinates: rings}
  }
  const geojson = () => ({type: "FeatureCollection", features: shapes.map((shape) => {
    const one = strokeOf(shape), owner = classes[meaning(shape).id], box = one.kind === "rect" || one.kind === "circle"
    const extra = {kind: box ? "polygon" : one.kind, ...(pixels.isArea(one) ? {} : {width: one.width}), ...(owner ? {} : {erase: true})}
    const named = owner ? {name: owner.name, color: [1, 3, 5].map((from) => parseInt(owner.color.slice(from, from + 2), 16))} : {name: "Ignore*", color: [128, 128, 128]}
    return {type: "Feature", geometry: geometry(one), properties: {objectType: "annotation", classification: named, brushlink: extra}}
  }), brushlink: {version: 1, shape: [image.rows, image.cols], classes: data.classes.map((one) => ({...one, locked: false}))}})

  function follow() {
    show()
    light()
    list()
  }
  follow()
  picture.choose("drawrect")
  return {shapes: () => shapes, measures, geojson, pick, selected: () => selected}
}
