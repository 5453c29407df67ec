// The event streams of a figure in a saved file: each event as Plotly tells it, on the panels of the live dashboard.
brushlink.starts.events = (page, data) => {
  const {element} = brushlink, view = data.view, plot = page.plots[view], encoder = new TextEncoder()
  const SCALARS = ["x", "y", "z", "lat", "lon", "location", "label", "value", "id", "parent", "text", "hovertext", "curveNumber",
    "pointNumber", "customdata"]
  const kept = new Map(data.streams.map((stream) => [stream.slug, {count: 0, total: 0, leaves: new Map()}]))
  const codes = new Map(data.codes.map(([slug, linked, code]) => [`${slug} ${linked}`, code]))
  let paused = false, events = 0

  // -- payloads as lines (streams.py) ---------------------------------------------------------------------------

  function text(value) {
    if (typeof value === "string") { return `'${value.length <= data.limits.text ? value : value.slice(0, data.limits.text - 1) + "…"}'` }
    if (typeof value === "number") { return linking.general(value, 6) }
    if (Array.isArray(value)) {
      const more = value.length - data.limits.members, shown = value.slice(0, data.limits.members).map(text).join(", ")
      return more > 0 ? `[${shown}, … ${more} more]` : `[${shown}]`
    }
    return value && typeof value === "object" ? "{}" : String(value)
  }
  function walk(value, path = "", depth = 0, name = "") {
    const head = name ? [[path, depth, name, null]] : [], inner = depth + (name ? 1 : 0)
    if (Array.isArray(value) && value.some(linking.isObject)) {
      const rows = value.slice(0, data.limits.members).flatMap((one, i) => walk(one, `${path}[${i}]`, inner, `[${i}]`))
      const more = value.length - data.limits.members
      return [...head, ...rows, ...(more > 0 ? [[`${path}[…]`, inner, "", `… ${more} more`]] : [])]
    }
    if (linking.isObject(value) && Object.keys(value).length) {
      return [...head, ...Object.entries(value).flatMap(([key, one]) => walk(one, `${path}.${key}`, inner, key))]
    }
    return [[path, depth, name, text(value)]]
  }
  function lines_of(payload, before) {
    if (payload === null || !Object.keys(payload).length) { return [[0, "null: it carries nothing", false]] }
    const lines = walk(payload).map(([path, depth, name, value]) =>
      [depth, value === null ? name : name ? `${name}: ${value}` : value, before.size > 0 && value !== null && before.get(path) !== value])
    return lines.length > data.limits.lines ? [...lines.slice(0, data.limits.lines - 1), [0, "…", false]] : lines
  }

  // -- the panels -----------------------------------------------------------------------------------------------

  const said = () => {
    const weight = [...kept.values()].reduce((sum, one) => sum + one.total, 0)
    return `${linking.grouped(String(events))} event${events === 1 ? "" : "s"}, ${(weight / 1000).toFixed(1)} kB`
  }
  const rows = (slugs = [...kept.keys()]) => slugs.map((slug) => {
    const {count, total, bytes = 0, time = "", lines = []} = kept.get(slug)
    return {slug, count, total, bytes, time, lines, how: data.streams.find((stream) => stream.slug === slug).how}
  })
  const panels = brushlink.component("streams", {streams: data.streams, paused}, (message, set, tell) => {
    if (message.type === "ready") { tell({type: "streams", rows: rows(), said: said()}) }
    if (message.type === "pause") {
      paused = Boolean(message.on)
      set({paused})
      if (!paused) { tell({type: "streams", rows: rows(), said: said()}) }
    }
    if (message.type === "clear") {
      events = 0
      for (const slug of kept.keys()) { kept.set(slug, {count: 0, total: 0, leaves: new Map()}) }
      tell({type: "streams", rows: rows(), said: said()})
    }
    if (message.type === "code") { tell({...message, code: codes.get(`${message.stream} ${message.linked}`) ?? ""}) }
  })

  function note(slug, payload) {
    const one = kept.get(slug)
    if (!one) { return }
    const plain = payload === null ? null : JSON.parse(JSON.stringify(payload, (_, value) => ArrayBuffer.isView(value) ? Array.from(value) : value))
    events += 1
    one.count += 1
    one.bytes = encoder.encode(JSON.stringify(plain)).length
    one.total += one.bytes
    one.time = new Date().toTimeString().slice(0, 8)
    one.lines = lines_of(plain, one.leaves)
    const leaves = walk(plain ?? {}).filter(([,,, value]) => value !== null).map(([path,,, value]) => [path, value])
    if (leaves.length > 1 || !one.leaves.size) { one.leaves = new Map(leaves) }
    if (!paused) { panels.tell({type: "streams", rows: rows([slug]), said: said()}) }
  }

  // -- what Plotly tells ------------------------------------------------------------------------------------------

  const point = (one) => Object.fromEntries([
    ...SCALARS.filter((key) => one[key] !== undefined && one[key] !== null && (typeof one[key] !== "object" || key === "customdata"))
      .map((key) => [key, one[key]]),
    ["trace", plot._fullData[one.curveNumber]?.name ?? ""]])
  const points = (event) => (event?.points ?? []).map(point)
  page.on(view, "hover", (event) => note("hover", {points: points(event)}))
  page.on(view, "unhover", () => note("hover", {points: []}))
  page.on(view, "click", (event) => note("click", {points: points(event)}))
  page.on(view, "doubleclick", () => note("doubleclick", null))
  page.on(view, "selected", (event) => {
    if (event) { note("selected", {points: points(event), ...(event.range ? {range: event.range} : event.lassoPoints ? {lasso: event.lassoPoints} : {})}) }
  })
  page.on(view, "deselect", () => note("selected", null))
  page.on(view, "clickannotation", ({index, annotation}) => note("annotation", {index, text: annotation.text}))
  page.on(view, "relayout", (change) => {
    if (Object.keys(change).every((key) => ["width", "height", "autosize", "template"].includes(key))) { return }
    note(Object.keys(change).some((key) => key.startsWith("shapes")) ? "shapes" : "relayout", change)
    const ends = Object.entries(plot._fullLayout).filter(([key, axis]) => /^[xy]axis\d*$/.test(key) && axis?.range)
    if (Object.keys(change).some((key) => /axis\d*\.(range|autorange)/.test(key))) {
      note("viewport", Object.fromEntries(ends.map(([key, axis]) => [key, axis.range])))
    }
  })
  page.on(view, "restyle", ([change, places]) => { if ("visible" in change) { note("restyle", {visible: change.visible, traces: places}) } })
  for (const kind of ["sunburst", "treemap", "icicle"]) {
    page.on(view, `${kind}click`, (event) => { if (event.nextLevel !== undefined) { note("level", {level: event.nextLevel}) } })
  }
  document.getElementById("pictures").after(panels)
  return {kept}
}
