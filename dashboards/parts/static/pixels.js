// Pixels of an image in a saved file: which lie in a shape, and what they hold. The rules of segmentation/strokes.py
// and parts/region_math.py, so that the numbers are Python's. Points are [row, col]. Pure: no page.
const pixels = (() => {
  "use strict"
  const SNAP = 1024, PERCENTILES = [5, 25, 50, 75, 95], CIRCLE_CORNERS = 128
  const AREAS = ["rect", "circle", "polygon"]

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high)
  const snapped = (points) => points.map(([row, col]) => [linking.nearest(row * SNAP) / SNAP, linking.nearest(col * SNAP) / SNAP])

  // A stroke: kind, vertices, width in image pixels, holes.
  function stroke(kind, vertices, width = 1, holes = []) {
    return {kind, vertices: snapped(vertices), width: Math.max(linking.nearest(width * SNAP) / SNAP, 1 / SNAP), holes: holes.map(snapped)}
  }

  const isArea = ({kind}) => AREAS.includes(kind)

  // Plotly's shape as a stroke; null when it is none.
  function strokeOf(shape, width = 1) {
    if (["rect", "circle", "line"].includes(shape.type)) { return stroke(shape.type, [[shape.y0, shape.x0], [shape.y1, shape.x1]], width) }
    if (shape.type !== "path" || !shape.path) { return null }
    const rings = shape.path.split("M").filter(Boolean).map((ring) =>
      ring.replace("Z", "").split("L").map((pair) => pair.split(",").map(Number).reverse()))
    return stroke(shape.path.endsWith("Z") ? "polygon" : "path", rings[0], width, rings.slice(1))
  }

  // -- rasterising: one interval of columns a row, ends by the centres of pixels ----------------------------------

  class Window {
    constructor(rows, cols) {
      this.rows = rows
      this.cols = cols
      this.steps = new Int32Array(rows * (cols + 1))
    }

    place(row, col) { return row * (this.cols + 1) + clamp(Math.ceil(col), 0, this.cols) }

    span(row, low, high) {
      const first = this.place(row, low), past = this.place(row, high)
      if (past > first) { this.steps[first] += 1; this.steps[past] -= 1 }
    }

    // The running sum of a row, as 1 where `met` says so.
    mask(met) {
      const mask = new Uint8Array(this.rows * this.cols)
      for (let row = 0; row < this.rows; row++) {
        let sum = 0
        for (let col = 0; col < this.cols; col++) {
          sum += this.steps[row * (this.cols + 1) + col]
          mask[row * this.cols + col] = met(sum) ? 1 : 0
        }
      }
      return mask
    }

    * rowsOf(low, high) {
      const past = clamp(Math.ceil(high), 0, this.rows)
      for (let row = clamp(Math.ceil(low), 0, this.rows); row < past; row++) { yield row }
    }
  }

  function filled(rings, window) {
    for (const ring of rings) {
      ring.forEach((start, i) => {
        const stop = ring[(i + 1) % ring.length], [top, bottom] = start[0] > stop[0] ? [stop, start] : [start, stop]
        for (const row of window.rowsOf(top[0], bottom[0])) {
          const share = (row - top[0]) / (bottom[0] - top[0])
          window.steps[window.place(row, top[1] + share * (bottom[1] - top[1]))] += 1
        }
      })
    }
    return window.mask((sum) => sum & 1)
  }

  function ellipse([[a, b], [c, d]], window) {
    const low = [Math.min(a, c), Math.min(b, d)], high = [Math.max(a, c), Math.max(b, d)]
    const [row0, col0] = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2], [tall, wide] = [(high[0] - low[0]) / 2, (high[1] - low[1]) / 2]
    if (tall && wide) {
      for (const row of window.rowsOf(low[0], high[0])) {
        const reach = wide * Math.sqrt(Math.max(1 - ((row - row0) / tall) ** 2, 0))
        window.span(row, col0 - reach, col0 + reach)
      }
    }
    return window.mask((sum) => sum > 0)
  }

  // A round brush pulled along points: a capsule a piece, each one interval of columns a row.
  function brushed(points, width, window) {
    const radius = Math.max(width, 1) / 2
    const pieces = points.length > 1 ? points.slice(1).map((stop, i) => [points[i], stop]) : [[points[0], points[0]]]
    for (const [a, b] of pieces) {
      const along = [b[0] - a[0], b[1] - a[1]], length = Math.hypot(...along)
      const unit = along.map((part) => part / (length > 0 ? length : 1))
      for (const row of window.rowsOf(Math.min(a[0], b[0]) - radius, Math.max(a[0], b[0]) + radius)) {
        let left = Infinity, right = -Infinity
        const widen = (first, last) => { left = Math.min(left, first); right = Math.max(right, last) }
        for (const end of [a, b]) {
          const rest = radius ** 2 - (row - end[0]) ** 2
          if (rest >= 0) { widen(end[1] - Math.sqrt(rest), end[1] + Math.sqrt(rest)) }
        }
        for (const side of [radius, -radius]) {
          const row0 = a[0] - side * unit[1], row1 = b[0] - side * unit[1], rise = row1 - row0
          if (rise !== 0 && Math.min(row0, row1) <= row && row <= Math.max(row0, row1)) {
            const col = a[1] + side * unit[0] + (row - row0) / rise * along[1]
            widen(col, col)
          }
        }
        window.span(row, left, right)
      }
    }
    const mask = window.mask((sum) => sum > 0)
    for (const point of points) {
      const [row, col] = point.map((value) => Math.floor(value + 0.5))
      if (row >= 0 && row < window.rows && col >= 0 && col < window.cols) { mask[row * window.cols + col] = 1 }
    }
    return mask
  }

  // Pixels that a stroke covers: {box: [row0, col0, row1, col1], mask of the box}; null outside the image.
  function covered(one, rows, cols) {
    const reach = isArea(one) ? 0 : Math.max(one.width / 2, 0.5), downs = one.vertices.map(([row]) => row), acrosses = one.vertices.map(([, col]) => col)
    const low = [Math.floor(Math.min(...downs) - reach), Math.floor(Math.min(...acrosses) - reach)]
    const high = [Math.ceil(Math.max(...downs) + reach) + 1, Math.ceil(Math.max(...acrosses) + reach) + 1]
    const box = [Math.max(low[0], 0), Math.max(low[1], 0), Math.min(high[0], rows), Math.min(high[1], cols)]
    if (box[0] >= box[2] || box[1] >= box[3]) { return null }
    const moved = (points) => points.map(([row, col]) => [row - box[0], col - box[1]])
    const window = new Window(box[2] - box[0], box[3] - box[1]), points = moved(one.vertices)
    if (one.kind === "circle") { return {box, mask: ellipse(points, window)} }
    if (one.kind === "rect") {
      const [[a, b], [c, d]] = points
      return {box, mask: filled([[[a, b], [a, d], [c, d], [c, b]]], window)}
    }
    if (one.kind === "polygon") { return {box, mask: filled([points, ...one.holes.map(moved)], window)} }
    return {box, mask: brushed(points, one.width, window)}
  }

  // Set the pixels of a stroke in a mask of the whole image.
  function paint(mask, one, rows, cols, value = 1) {
    const found = covered(one, rows, cols)
    if (!found) { return }
    const [row0, col0, row1, col1] = found.box, wide = col1 - col0
    for (let row = row0; row < row1; row++) {
      for (let col = col0; col < col1; col++) {
        if (found.mask[(row - row0) * wide + col - col0]) { mask[row * cols + col] = value }
      }
    }
  }

  // -- regions and bands of /region -------------------------------------------------------------------------------

  // Regions are ["box", row0, col0, row1, col1] and ["lasso", row, col, …]; all pixels when there is none.
  function regionMask(regions, {rows, cols}) {
    const mask = new Uint8Array(rows * cols)
    if (!regions.length) { return mask.fill(1) }
    for (const [kind, ...numbers] of regions) {
      if (kind === "box") {
        const [row0, col0, row1, col1] = numbers.map((one) => Math.max(0, Math.ceil(one)))
        for (let row = row0; row < Math.min(row1, rows); row++) { mask.fill(1, row * cols + Math.min(col0, cols), row * cols + clamp(col1, Math.min(col0, cols), cols)) }
      } else {
        const corners = []
        for (let i = 0; i < numbers.length; i += 2) { corners.push([numbers[i], numbers[i + 1]]) }
        paint(mask, stroke("polygon", corners), rows, cols)
      }
    }
    return mask
  }

  // Bands are [channel, low, high]: low <= value < high.
  function within(mask, image, bands, skip = null) {
    const kept = mask.slice()
    for (const [channel, low, high] of bands) {
      if (channel === skip || channel >= image.channels.length) { continue }
      const values = image.channels[channel]
      for (let i = 0; i < kept.length; i++) { if (!(values[i] >= low && values[i] < high)) { kept[i] = 0 } }
    }
    return kept
  }

  function counts(values, mask, edges) {
    const found = new Float64Array(edges.length - 1), first = edges[0], width = edges[1] - edges[0]
    for (let i = 0; i < mask.length; i++) {
      if (mask[i]) { found[clamp(Math.trunc((values[i] - first) / width), 0, found.length - 1)] += 1 }
    }
    return found
  }

  const total = (values) => values.reduce((sum, value) => sum + value, 0)

  // Pixels, mean, sd, min, percentiles, max; NaN where there is no pixel.
  function statistics(values, mask) {
    const chosen = Float64Array.from({length: total(mask)})
    let n = 0
    for (let i = 0; i < mask.length; i++) { if (mask[i]) { chosen[n++] = values[i] } }
    const found = {pixels: n}
    found.mean = n ? total(chosen) / n : NaN
    found.sd = n ? Math.sqrt(chosen.reduce((sum, value) => sum + (value - found.mean) ** 2, 0) / n) : NaN
    chosen.sort()
    found.min = n ? chosen[0] : NaN
    for (const one of PERCENTILES) {
      const place = one / 100 * (n - 1), low = Math.floor(place), share = place - low, a = chosen[low], b = chosen[Math.min(low + 1, n - 1)]
      found[`p${one}`] = n ? (share < 0.5 ? a + (b - a) * share : b - (b - a) * (1 - share)) : NaN
    }
    found.max = n ? chosen[n - 1] : NaN
    return found
  }

  // Values along a line, a sample a pixel, between the four pixels around it; NaN outside the image.
  function profile(image, [row0, col0, row1, col1]) {
    const length = Math.hypot(row1 - row0, col1 - col0), count = Math.max(2, Math.ceil(length) + 1)
    const along = Float64Array.from({length: count}, (_, i) => i / (count - 1))
    const curves = image.channels.map((values) => along.map((share) => {
      const row = row0 + (row1 - row0) * share, col = col0 + (col1 - col0) * share
      if (row < -0.5 || col < -0.5 || row > image.rows - 0.5 || col > image.cols - 0.5) { return NaN }
      const y = clamp(row, 0, image.rows - 1), x = clamp(col, 0, image.cols - 1)
      const r = Math.min(Math.floor(y), Math.max(image.rows - 2, 0)), c = Math.min(Math.floor(x), Math.max(image.cols - 2, 0))
      const down = y - r, across = x - c, below = Math.min(r + 1, image.rows - 1), right = Math.min(c + 1, image.cols - 1)
      const at = (i, k) => Number(values[i * image.cols + k])
      return (1 - down) * ((1 - across) * at(r, c) + across * at(r, right)) + down * ((1 - across) * at(below, c) + across * at(below, right))
    }))
    return {along: along.map((share) => share * length), curves}
  }

  // Move the ends of a brush to the nearest edges of bins; null beside all bins.
  function toEdges(low, high, edges) {
    const nearest = (end) => edges.reduce((best, edge, i) => Math.abs(edge - end) < Math.abs(edges[best] - end) ? i : best, 0)
    let first = nearest(low), last = nearest(high)
    if (first === last) {
      if (high < edges[0] || low > edges.at(-1)) { return null }
      const middle = (low + high) / 2
      first = clamp(edges.filter((edge) => edge < middle).length - 1, 0, edges.length - 2)
      last = first + 1
    }
    return [edges[first], edges[last]]
  }

  // -- measures of drawn shapes, as parts/shape_table.py ----------------------------------------------------------

  function outline({kind, vertices}) {
    const [[a, b], [c, d] = []] = vertices
    if (kind === "rect") { return [[a, b], [a, d], [c, d], [c, b]] }
    if (kind !== "circle") { return vertices }
    return Array.from({length: CIRCLE_CORNERS}, (_, i) => {
      const turn = i * 2 * Math.PI / CIRCLE_CORNERS
      return [(a + c) / 2 + Math.abs(c - a) / 2 * Math.sin(turn), (b + d) / 2 + Math.abs(d - b) / 2 * Math.cos(turn)]
    })
  }

  function lengthOf(one, [down, across]) {
    let sum = 0
    for (const ring of [outline(one), ...one.holes]) {
      const last = isArea(one) ? ring.length : ring.length - 1
      for (let i = 0; i < last; i++) {
        const [a, b] = ring[i], [c, d] = ring[(i + 1) % ring.length]
        sum += Math.hypot((c - a) * down, (d - b) * across)
      }
    }
    return sum
  }

  // Box, area, length and mean of every channel, in pixels and, where known, in units.
  function measured(image, one) {
    const corners = outline(one), downs = corners.map(([row]) => row), acrosses = corners.map(([, col]) => col)
    const found = covered(one, image.rows, image.cols), inside = found ? total(found.mask) : 0
    const row = {x: Math.min(...acrosses), y: Math.min(...downs), width: Math.max(...acrosses) - Math.min(...acrosses),
      height: Math.max(...downs) - Math.min(...downs), area: isArea(one) ? inside : NaN, length: lengthOf(one, [1, 1])}
    if (image.pixel) {
      row.areaUnits = row.area * image.pixel[0] * image.pixel[1]
      row.lengthUnits = lengthOf(one, image.pixel)
    }
    row.means = image.channels.map((values) => {
      if (!inside) { return NaN }
      const [row0, col0, row1, col1] = found.box, wide = col1 - col0
      let sum = 0
      for (let r = row0; r < row1; r++) {
        for (let c = col0; c < col1; c++) { if (found.mask[(r - row0) * wide + c - col0]) { sum += Number(values[r * image.cols + c]) } }
      }
      return sum / inside
    })
    return row
  }

  return {stroke, strokeOf, isArea, covered, paint, regionMask, within, counts, total, statistics, profile, toEdges, outline, measured}
})()
