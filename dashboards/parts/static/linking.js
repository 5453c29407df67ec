// Linking without a server: columns, predicates with owners, sums by cell, and what differs between two figures.
// The same answers as data_sources in Python gives, bit for bit: rows are added up in the same order. Pure: no page.
const linking = (() => {
  "use strict"

  // -- what static_pack.py wrote ------------------------------------------------------------------------------

  const TYPES = {u1: Uint8Array, i1: Int8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array,
    f4: Float32Array, f8: Float64Array}

  function unpack(buffer) {
    const length = new DataView(buffer).getUint32(0, true), text = new TextDecoder()
    const head = JSON.parse(text.decode(new Uint8Array(buffer, 4, length)))
    const first = Math.ceil((length + 4) / 8) * 8, known = new Map(), shapes = []
    const array = ([type, start, size, ...shape]) => {
      const key = `${type} ${start} ${size} ${shape}`
      if (!known.has(key)) { known.set(key, folded(new TYPES[type](buffer, first + start, size), shape)) }
      return known.get(key)
    }
    const read = (value) => {
      if (value === null || typeof value !== "object") { return value }
      if (Array.isArray(value)) { return value.map(read) }
      if ("$" in value) { return array(value.$) }
      if ("$t" in value) { return head.texts[value.$t] }
      if ("$s" in value) { return shapes[value.$s] ??= read(head.shapes[value.$s]) }
      if ("$b" in value) { return new Uint8Array(buffer, first + value.$b[0], value.$b[1]) }
      return Object.fromEntries(Object.entries(value.$m ?? value).map(([key, member]) => [key, read(member)]))
    }
    return read(head.value)
  }

  // Plotly wants an array of rows for two dimensions.
  function folded(flat, shape) {
    if (shape.length < 2) { return flat }
    const size = flat.length / shape[0], rest = shape.slice(1)
    return Array.from({length: shape[0]}, (_, row) => folded(flat.subarray(row * size, (row + 1) * size), rest))
  }

  // -- predicates ---------------------------------------------------------------------------------------------

  const MISSING = "missing"
  const milliseconds = (text) =>
    Date.parse(/[zZ]$|[+-]\d\d:?\d\d$/.test(text.slice(10)) || text.length <= 10 ? text : text.trim().replace(" ", "T") + "Z")
  const bound = (value) => typeof value === "string" ? milliseconds(value) : value

  function inside(xs, ys, corners) {
    const met = new Uint8Array(xs.length)
    for (let i = 0; i < xs.length; i++) {
      const x = xs[i], y = ys[i]
      let odd = 0
      for (let k = 0, n = corners.length; k < n; k++) {
        let [x0, y0] = corners[k], [x1, y1] = corners[(k + 1) % n]
        if (y0 > y1) { [x0, y0, x1, y1] = [x1, y1, x0, y0] }
        if (y >= y0 && y < y1 && x < x0 + (y - y0) / (y1 - y0) * (x1 - x0)) { odd ^= 1 }
      }
      met[i] = odd
    }
    return met
  }
  const logged = (values) => Float64Array.from(values, (value) => value > 0 ? Math.log10(value) : NaN)

  // Columns are {name: {numbers, codes, keys}}: numbers with NaN where missing, or places in the list of keys.
  class Rows {
    constructor(columns, count) {
      this.columns = columns
      this.count = count
      this.remembered = new Map()
      this.logs = new Map()
    }

    // Which rows meet a predicate in its serialised form: 1 or 0 a row.
    mask(predicate) {
      const key = JSON.stringify(predicate)
      if (!this.remembered.has(key)) {
        if (this.remembered.size > 60) { this.remembered.clear() }
        this.remembered.set(key, this.met(predicate))
      }
      return this.remembered.get(key)
    }

    met([kind, ...rest]) {
      const met = new Uint8Array(this.count)
      if (kind === "iv") {
        const [name, low, high, closed] = rest, values = this.numbers(name)
        const from = low === null ? -Infinity : bound(low), to = high === null ? Infinity : bound(high)
        const open = closed !== "both" && high !== null
        for (let i = 0; i < met.length; i++) {
          const value = values[i]
          met[i] = value >= from && (open ? value < to : value <= to) ? 1 : 0
        }
      } else if (kind === "in") {
        const [name, values] = rest, {codes, keys} = this.column(name), wanted = new Set(values.map((v) => v ?? MISSING))
        const hits = Uint8Array.from(keys, (key) => wanted.has(key) ? 1 : 0)
        for (let i = 0; i < met.length; i++) { met[i] = hits[codes[i]] }
      } else if (kind === "poly") {
        const [x, y, flat, logs = ""] = rest, corners = []
        for (let i = 0; i < flat.length; i += 2) {
          corners.push([logs.includes("x") ? Math.log10(flat[i]) : flat[i], logs.includes("y") ? Math.log10(flat[i + 1]) : flat[i + 1]])
        }
        return inside(this.numbers(x, logs.includes("x")), this.numbers(y, logs.includes("y")), corners)
      } else if (kind === "all" || kind === "any") {
        met.fill(kind === "all" ? 1 : 0)
        for (const part of rest[0].map((one) => this.mask(one))) {
          for (let i = 0; i < met.length; i++) { met[i] = kind === "all" ? met[i] & part[i] : met[i] | part[i] }
        }
      } else {
        throw new Error(`${JSON.stringify(kind)} is no kind of condition`)
      }
      return met
    }

    column(name) {
      if (!Object.hasOwn(this.columns, name)) { throw new Error(`this file holds no column ${JSON.stringify(name)}`) }
      return this.columns[name]
    }

    numbers(name, log = false) {
      const values = this.column(name).numbers
      if (!log) { return values }
      if (!this.logs.has(name)) { this.logs.set(name, logged(values)) }
      return this.logs.get(name)
    }

    // Crossfilter: the rows that meet every predicate of a selection but the one of `skip`; null for all.
    // A selection is a list of [owner, predicate].
    passing(selection, skip = null) {
      const asked = selection.filter(([owner]) => owner !== skip)
      if (!asked.length) { return null }
      const masks = asked.map(([, predicate]) => this.mask(predicate))
      if (masks.length === 1) { return masks[0] }
      return masks[0].map((met, i) => masks.every((mask) => mask[i]) ? 1 : 0)
    }
  }

  // -- aggregates ---------------------------------------------------------------------------------------------

  // Places in a moment whose rows pass; `rows` are the numbers of its rows in the whole table.
  function places(rows, mask) {
    const found = []
    for (let i = 0; i < rows.length; i++) { if (mask === null || mask[rows[i]]) { found.push(i) } }
    return found
  }

  // What is added up in each cell: 1 a row, or its term (one a row of the whole table). A negative cell is none.
  function sums(cells, count, rows, chosen, terms = null) {
    const out = new Float64Array(count)
    for (const i of chosen) {
      const cell = cells[i]
      if (cell >= 0) { out[cell] += terms === null ? 1 : terms[rows[i]] }
    }
    return out
  }

  // Add what lies in each node to its parents; `levels` are where each level of nodes begins, outermost first.
  function upwards(values, above, levels) {
    for (let level = levels.length - 1; level > 0; level--) {
      const stop = level + 1 < levels.length ? levels[level + 1] : values.length
      for (let node = levels[level]; node < stop; node++) { values[above[node]] += values[node] }
    }
    return values
  }

  const ratio = (above, below) => above.map((value, i) => below[i] > 0 ? value / below[i] : NaN)

  // -- numbers and words as Python writes them ----------------------------------------------------------------

  // Digits and exponent of |value| at so many significant digits, halves to the even one, as Python rounds.
  function decimal(value, digits) {
    const [mantissa, exponent] = Math.abs(value).toExponential(60).split("e")
    const all = mantissa.replace(".", ""), kept = all.slice(0, digits), rest = all.slice(digits)
    const half = "5" + "0".repeat(rest.length - 1)
    const up = rest > half || (rest === half && Number(kept.at(-1)) % 2 === 1)
    const rounded = String(BigInt(kept) + (up ? 1n : 0n))
    return rounded.length > digits ? [rounded.slice(0, digits), Number(exponent) + 1] : [rounded.padStart(digits, "0"), Number(exponent)]
  }
  const grouped = (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ",")

  // Python's format(value, ".4g"), or ",.4g".
  function general(value, digits, commas = false) {
    if (value === 0) { return Object.is(value, -0) ? "-0" : "0" }
    const sign = value < 0 ? "-" : "", [kept, exponent] = decimal(value, digits)
    const trimmed = (text) => text.includes(".") ? text.replace(/\.?0*$/, "") : text
    if (exponent < -4 || exponent >= digits) {
      const power = String(Math.abs(exponent)).padStart(2, "0")
      return sign + trimmed(`${kept[0]}.${kept.slice(1)}`) + `e${exponent < 0 ? "-" : "+"}${power}`
    }
    if (exponent < 0) { return sign + trimmed(`0.${"0".repeat(-exponent - 1)}${kept}`) }
    const whole = kept.slice(0, exponent + 1)
    return sign + trimmed(`${commas ? grouped(whole) : whole}.${kept.slice(exponent + 1)}`)
  }

  // To the nearest whole number, halves to the even one.
  function nearest(value) {
    const low = Math.floor(value), rest = value - low
    return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1
  }

  const counted = (value) => grouped(String(nearest(value)))
  const percent = (share) => `${nearest(share * 100)}%`

  const SCALES = [[1e12, "trillion"], [1e9, "billion"], [1e6, "million"]]

  // number_text of data_sources/wording.py.
  function numberText(value, digits = 4) {
    if (!Number.isFinite(value)) { return "–" }
    const size = Math.abs(value)
    for (const [scale, word] of SCALES) {
      if (size >= scale) { return size < 1e15 ? `${general(value / scale, digits)} ${word}` : general(value, digits) }
    }
    if (Number.isInteger(value) || size >= 10 ** digits) {
      const whole = String(nearest(size))
      return (value < 0 ? "-" : "") + (size < 10_000 ? whole : grouped(whole))
    }
    return general(value, digits)
  }

  function inSentence(column, labels) {
    const label = labels[column]
    if (label === undefined) { return column }
    return /^\p{Lu}\p{Ll}/u.test(label) ? label[0].toLowerCase() + label.slice(1) : label
  }

  const valueText = (value) => typeof value === "boolean" ? (value ? "yes" : "no") :
    value === null ? MISSING : typeof value === "number" ? numberText(value) : String(value)
  const boundText = (value) => typeof value === "string" ? value : numberText(value)

  // A predicate in words, as Predicate.describe.
  function describe([kind, ...rest], labels) {
    if (kind === "iv") {
      const [name, low, high, closed] = rest, label = inSentence(name, labels)
      if (low === null && high === null) { return `${label} is known` }
      if (high === null) { return `${label} at least ${boundText(low)}` }
      if (low === null) { return `${label} ${closed === "both" ? "at most" : "below"} ${boundText(high)}` }
      return `${label} in [${boundText(low)}, ${boundText(high)}${closed === "both" ? "]" : ")"}`
    }
    if (kind === "in") {
      const [name, values] = rest, label = inSentence(name, labels), texts = values.map(valueText)
      if (!texts.length) { return `no ${label}` }
      if (texts.length === 1) { return `${label} is ${texts[0]}` }
      if (texts.length <= 3) { return `${label} in {${texts.join(", ")}}` }
      return `${label} in {${texts.slice(0, 2).join(", ")}} (+${texts.length - 2})`
    }
    if (kind === "poly") { return `${inSentence(rest[0], labels)} and ${inSentence(rest[1], labels)} inside a lasso` }
    const parts = rest[0].map((part) => [describe(part, labels), ["all", "any"].includes(part[0]) && part[1].length > 1])
    if (!parts.length) { return kind === "all" ? "everything" : "nothing" }
    if (parts.length === 1) { return parts[0][0] }
    return parts.map(([text, several]) => several ? `(${text})` : text).join(kind === "all" ? " and " : " or ")
  }

  // escape of dashboards/parts/escape.py: for Plotly's pseudo-HTML. The page itself only sets text.
  const ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#x27;"}
  const escape = (text) => String(text ?? "").replace(/[^ -\u{10ffff}\t\n\r]/gu, "").replace(/[&<>"']/g, (char) => ENTITIES[char])

  // -- figures ------------------------------------------------------------------------------------------------

  const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value) && !ArrayBuffer.isView(value)
  const isList = (value) => Array.isArray(value) || ArrayBuffer.isView(value)

  function equal(one, other) {
    if (Object.is(one, other) || one === other) { return true }
    if (isList(one) && isList(other)) {
      if (one.length !== other.length) { return false }
      for (let i = 0; i < one.length; i++) { if (!equal(one[i], other[i])) { return false } }
      return true
    }
    if (isObject(one) && isObject(other)) {
      const keys = new Set([...Object.keys(one), ...Object.keys(other)])
      return [...keys].every((key) => equal(one[key], other[key]))
    }
    return (one ?? null) === null && (other ?? null) === null
  }

  function* changes(old, fresh, prefix = "") {
    for (const key of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
      const before = old[key], after = fresh[key]
      if (isObject(before) && isObject(after)) { yield* changes(before, after, `${prefix}${key}.`) }
      else if (!equal(before, after)) { yield [prefix + key, after ?? null] }
    }
  }

  const identity = (trace) => ["type", "uid", "xaxis", "yaxis", "orientation", "mode"].map((key) => trace[key] ?? null).join("\n")

  // As figure_diff.difference: {traces: {place: {attribute: value}}, layout: {attribute: value}}; null for another structure.
  function difference(old, fresh) {
    if (old.data.length !== fresh.data.length || old.data.some((trace, i) => identity(trace) !== identity(fresh.data[i]))) { return null }
    const traces = {}
    fresh.data.forEach((trace, i) => {
      const changed = Object.fromEntries(changes(old.data[i], trace))
      if (Object.keys(changed).length) { traces[i] = changed }
    })
    return {traces, layout: Object.fromEntries(changes(old.layout, fresh.layout))}
  }

  return {unpack, Rows, places, sums, upwards, ratio, general, grouped, counted, nearest, percent, numberText, decimal,
    inSentence, describe, escape, equal, difference, isList, isObject}
})()
