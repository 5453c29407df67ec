// An explorer in a saved file: the drawings of explorer_pictures.py, as far as a brush, a click or a time changes them.
// What each row counts in was worked out by explorer_links.py; here rows are added up and figures coloured. The pictures are
// drawn from the figures that Python made for each time with nothing selected. Tests compare all of them with Python's.
const explorer = (() => {
  "use strict"
  const {places, sums, upwards, ratio, general, grouped, nearest, percent, escape, decimal} = linking

  // -- parts of figures ---------------------------------------------------------------------------------------

  const copied = (base) => ({data: base.data.map((trace) => ({...trace})), layout: {...base.layout}})
  const at = (values, chosen) => Array.from(chosen, (i) => values[i])
  const power = (n) => Number(`1e${n}`)

  // _drawn of explorer_pictures.py: seven digits.
  function drawn(value, digits = 7) {
    const size = Math.abs(value), scale = power(digits - 1 - Math.floor(Math.log10(Number.isFinite(size) && size > 0 ? size : 1)))
    return Number.isFinite(value) ? nearest(value * scale) / scale : value
  }

  function numberFormat(...lists) {
    let largest = 0
    for (const list of lists) { for (const value of list) { if (Number.isFinite(value)) { largest = Math.max(largest, Math.abs(value)) } } }
    return largest >= 10_000 ? ",.0f" : ",.5~g"
  }

  const traceId = (part, key) => `${part}-` + String(key).replace(/[^A-Za-z0-9]/gu, (char) => `_${char.codePointAt(0).toString(16)}_`)

  // sequential_hex of theme.py.
  function shade(value, [low, high], {stops, missing}) {
    if (Number.isNaN(value)) { return missing }
    const part = high > low ? Math.min(Math.max((value - low) / (high - low), 0), 1) : 0.5
    const place = part * (stops.length - 1), below = Math.min(Math.floor(place), stops.length - 2), rest = place - below
    const mixed = Array.from(stops[below], (one, i) => nearest(one * (1 - rest) + stops[below + 1][i] * rest))
    return "#" + mixed.map((one) => one.toString(16).padStart(2, "0")).join("")
  }

  // A title with how many rows are selected: it stands between two parts.
  const titled = (layout, [before, after], scene) =>
    ({...layout, title: {...layout.title, text: before + escape(scene.counted()) + after}})

  // -- pictures: each takes the figure with nothing selected, its link, and the scene -------------------------------

  function histogram(base, link, scene) {
    if (!scene.selection.length) { return base }
    const figure = copied(base), {keys, bins} = link, chosen = scene.chosen("histogram")
    if (chosen !== null) {
      const part = sums(link.cells, keys * bins, scene.rows, chosen, link.weight && scene.above(link.weight))
      const rest = new Float64Array(bins), selected = new Float64Array(bins)
      for (let key = 0; key < keys; key++) {
        figure.data[key].y = part.subarray(key * bins, (key + 1) * bins)
        for (let bin = 0; bin < bins; bin++) {
          rest[bin] += base.data[key].y[bin]
          selected[bin] += part[key * bins + bin]
        }
      }
      figure.data[keys].y = rest.map((whole, bin) => whole - selected[bin])
      const passing = scene.passing("histogram")
      link.ticks.forEach((ticks, key) => {
        const color = Array.from(ticks, (i) => passing[scene.rows[i]] ? link.colors[key] : scene.context)
        const trace = figure.data[keys + 1 + key]
        trace.marker = {...trace.marker, color}
      })
    }
    const shown = scene.predicate("legend")
    if (shown && shown[0] === "in") {
      const groups = new Set(shown[2].map((key) => String(key)))
      for (const trace of figure.data) {
        if (trace.legendgroup != null) { trace.visible = groups.has(String(trace.legendgroup)) ? true : "legendonly" }
      }
    }
    figure.layout = titled(base.layout, link.title, scene)
    const own = scene.predicate("histogram")
    if (own && own[0] === "iv" && own.length === 4 && typeof own[2] === "number" && typeof own[3] === "number") {
      figure.layout.shapes = [{...base.layout.shapes[0], x0: own[2], x1: own[3], visible: true}]
    }
    return figure
  }

  function bars(base, link, scene) {
    const own = scene.predicate("bars"), chosen = scene.chosen("bars")
    if (chosen === null && !own) { return base }
    const figure = copied(base), part = figure.data[1]
    if (chosen !== null) {
      let selected = sums(link.cells, link.count, scene.rows, chosen, link.term && scene.above(link.term))
      if (link.scale === "share") { selected = selected.map((value, i) => value * link.share[i]) }
      if (link.scale === "log") {
        const totals = new Float64Array(link.keys.length)
        selected.forEach((value, i) => { totals[link.bar[i]] += value })
        selected = totals
      }
      part.y = selected
    }
    const lit = own && own[0] === "in" ? new Set(own[2]) : null
    if (lit && lit.size) {
      const bright = link.members.map((members) => members.every((key) => lit.has(key)))
      const bar = link.scale === "log" ? link.keys.map((_, i) => i) : link.bar
      part.selectedpoints = [...bar.keys()].filter((i) => bright[bar[i]])
    }
    return figure
  }

  function hierarchy(base, link, scene) {
    const chosen = scene.chosen("tree")
    if (chosen === null) { return base }
    const count = link.ids.length, up = (terms) =>
      upwards(sums(link.cells, count, scene.rows, chosen, terms), link.above, link.levels)
    const values = up(link.term && scene.above(link.term)), branches = new Set(base.data[0].parents)
    let colors = new Float64Array(count).fill(NaN)
    if (link.shade) {
      const {above, below, mean} = scene.term(link.shade)
      colors = mean ? ratio(up(above), up(below)) : up(above)
    }
    const share = values.map((value, i) => link.whole[i] > 0 ? value / link.whole[i] : 0)
    const number = (value) => Number.isNaN(value) ? "–" : general(value, 4, true)
    const words = (i) => share[i] >= 1 ? "" : share[i] <= 0 ? "<br>not selected" :
      `<br>${percent(share[i])} selected` + (branches.has(link.ids[i]) ? `: ${number(colors[i])}` : "")
    const figure = copied(base), trace = figure.data[0]
    const shades = {...scene.colors, missing: scene.context}
    trace.marker = {...trace.marker,
      colors: Array.from(colors, (value, i) => share[i] > 0 ? shade(value, link.ends, shades) : scene.context)}
    trace.customdata = link.ids.map((_, i) => words(i))
    return figure
  }

  function facets(base, link, scene) {
    const chosen = scene.chosen("facets")
    if (chosen === null) { return base }
    const figure = copied(base)
    if (link.kind === "scatter") {
      const passing = scene.passing("facets")
      link.bubbles.forEach((rows, panel) => {
        const color = Array.from(rows, (i) => passing[scene.rows[i]] ? link.colors[panel] : scene.context)
        figure.data[panel].marker = {...figure.data[panel].marker, color}
      })
      return figure
    }
    const count = link.bars, part = sums(link.cells, link.keys.length * count, scene.rows, chosen, link.term && scene.above(link.term))
    link.keys.forEach((_, panel) => { figure.data[2 * panel + 1].y = part.subarray(panel * count, (panel + 1) * count) })
    return figure
  }

  const NAMED_LINES = 8  // as in limits.py

  function lines(base, link, scene) {
    const chosen = scene.chosen(null)
    if (chosen === null || !link.line) { return base }
    const {columns, count: length} = scene.table, label = link.label && columns[link.label]
    let followed = scene.passing(null)
    if (label) {
      const mine = new Set(at(label.codes, at(scene.rows, chosen)))
      followed = Uint8Array.from({length}, (_, i) => mine.has(label.codes[i]) ? 1 : 0)
    }
    const all = places(scene.every, followed), {times, count} = link
    const stack = link.stack && columns[link.stack], group = (row) => stack ? stack.codes[row] : 0
    let codes = stack ? stack.codes : new Uint8Array(length)
    let shown = link.shown.map((key) => [key, link.names[key], link.colors[key]])
    if (label && chosen.length > 0 && chosen.length <= NAMED_LINES) {
      codes = label.codes
      shown = at(scene.rows, chosen).map((row) =>
        [codes[row], String(label.keys[codes[row]]), link.colors[stack ? group(row) : link.shown[0]]])
    }
    const cells = Int32Array.from({length}, (_, row) => times[row] < count ? codes[row] * count + times[row] : -1)
    const size = (Math.max(...shown.map(([key]) => key), 0) + 1) * count
    const {above, below, mean} = scene.term(link.measure)
    const within = cells.map((cell) => cell < size ? cell : -1), total = (terms) => sums(within, size, scene.every, all, terms)
    const rows = total(null), values = mean ? ratio(total(above), total(below)) : total(above)
    const found = new Map()
    for (const [key, name, color] of shown) {
      const line = values.slice(key * count, (key + 1) * count)
      found.set(name, [color, line.map((value, time) => rows[key * count + time] > 0 ? drawn(value) : NaN)])
    }
    const figure = copied(base)
    const whole = base.data.slice(0, link.context), made = [...found].map(([name, [color, y]]) => ({
      ...link.line, y, uid: traceId("line", name), name: escape(name), line: {...link.line.line, color}}))
    const number = numberFormat(...whole.map((trace) => trace.y), ...made.map((trace) => trace.y))
    for (const trace of made) { trace.hovertemplate = `<b>${trace.name}</b> %{x}<br>%{y:${number}}<extra></extra>` }
    figure.data = [...whole, ...made]
    figure.layout = titled(base.layout, link.title, scene)
    return figure
  }

  const drawings = {histogram, bars, facets, lines, sunburst: hierarchy, treemap: hierarchy}

  // -- one moment of an explorer ------------------------------------------------------------------------------------

  function prepared(data) {
    const columns = Object.fromEntries(data.columns.map((column) => [column.name, column]))
    const table = new linking.Rows(columns, data.count)
    return {table, terms: new Map(data.terms.map((term) => [term.name, term])), every: Int32Array.from({length: data.count}, (_, i) => i),
      labels: Object.fromEntries(data.labels)}
  }

  class Scene {
    constructor(data, ready, selection, moment, mode) {
      Object.assign(this, {data, selection, mode, table: ready.table, terms: ready.terms, every: ready.every})
      this.moment = data.moments[moment]
      this.rows = this.moment.rows
      this.colors = data.colors
      this.context = data.colors.context[mode]
      this.found = new Map()
    }
    owner(view) { return view === null ? null : this.data.owners[view] }
    predicate(view) { return this.selection.find(([owner]) => owner === this.owner(view))?.[1] ?? null }
    passing(view) {
      if (!this.found.has(view)) { this.found.set(view, this.table.passing(this.selection, this.owner(view))) }
      return this.found.get(view)
    }
    // Places of the moment's rows that pass every predicate but the view's own; null for all.
    chosen(view) {
      const mask = this.passing(view)
      return mask === null ? null : places(this.rows, mask)
    }
    term(name) { return this.terms.get(name) }
    above(name) { return this.terms.get(name).above }
    counted() {
      const chosen = this.chosen(null), whole = this.rows.length, part = chosen === null ? whole : chosen.length
      const count = part === whole ? grouped(String(whole)) : `${grouped(String(part))} of ${grouped(String(whole))}`
      return ` – ${count} ${this.data.noun}`
    }
    figure(name) {
      const base = this.moment.specs[this.mode][name], link = this.moment.links[name]
      return link ? drawings[name](base, link, this) : base
    }
    total(name, chosen) {
      const terms = this.above(name)
      let sum = 0
      for (const i of chosen ?? this.rows.keys()) { sum += terms[this.rows[i]] }
      return sum
    }
  }

  // -- what a hand does, as predicates (brushing.py) ----------------------------------------------------------------

  function rounded(value, digits) {
    if (!Number.isFinite(value) || value === 0) { return value }
    const kept = Math.floor(Math.log10(Math.abs(value))) + 1 + digits
    if (kept < 1) { return nearest(value * power(digits)) / power(digits) }
    const [all, exponent] = decimal(value, kept)
    return Number(`${value < 0 ? "-" : ""}${all[0]}.${all.slice(1)}0e${exponent}`)
  }
  const significant = (value, digits) => Number(general(value, digits))

  function rangePredicate(ends, column, span) {
    const digits = span > 0 ? 3 - Math.floor(Math.log10(span)) : 3, [low, high] = ends.map((end) => rounded(end, digits))
    return ["iv", column, low, high, "both"]
  }

  function binPredicate(x, column, edges) {
    const place = edges.filter((edge) => edge <= x).length - 1
    return place >= 0 && place < edges.length - 1 ? ["iv", column, edges[place], edges[place + 1]] : null
  }

  function panelPredicate(panel, link, ends, vertices) {
    if (!(panel >= 0 && panel < link.keys.length)) { return null }
    const inside = [["in", link.column, [link.keys[panel]]]]
    if (vertices && link.across && link.up) {
      inside.push(["poly", link.across, link.up, vertices.flat(), ...(link.log ? ["x"] : [])])
    } else {
      for (const [column, pair] of [[link.across, ends.x], [link.up, ends.y]]) {
        if (column && pair) { inside.push(["iv", column, ...pair.map((end) => significant(end, 5)), "both"]) }
      }
    }
    return ["all", inside]
  }

  function toggled(before, clicked, adding) {
    if (adding) {
      if (clicked.every((key) => before.includes(key))) { return before.filter((key) => !clicked.includes(key)) }
      return [...before, ...clicked.filter((key) => !before.includes(key))]
    }
    return linking.equal(before, clicked) ? [] : clicked
  }

  // What selects the rows below a sector; null for the root and for unknown ids.
  function treePredicate(link, id) {
    const place = link.ids.indexOf(id), path = place < 0 ? [] : link.paths[place]
    if (!path.length) { return null }
    const parts = path.map((key, depth) => ["in", link.columns[depth], [key]])
    if (link.others[place].length) { parts[path.length - 1] = ["in", link.columns[path.length - 1], link.others[place]] }
    return parts.length === 1 ? parts[0] : ["all", parts]
  }

  return {Scene, prepared, drawings, titled, copied, rangePredicate, binPredicate, panelPredicate, toggled, treePredicate, rounded}
})()
