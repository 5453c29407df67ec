// The pictures that only maps have, in a saved file (map_pictures.py), and what a lasso means (map_brushing.py).
const regions = (() => {
  "use strict"
  const NAMED = 16  // as in charts/ranking.py
  const CORNERS = [32, 64, 128]

  // Outline of the lasso behind a predicate; empty when there is none.
  function ring_of(predicate, {lon, lat}) {
    const first = predicate?.[0] === "any" && predicate[1].length ? predicate[1][0] : predicate
    if (first?.[0] !== "poly" || first[1] !== lon || first[2] !== lat) { return [] }
    return first[3].flatMap((x, i) => i % 2 ? [] : [[x, first[3][i + 1]]])
  }

  function region_map(base, link, scene) {
    if (!scene.selection.length) { return base }
    const figure = explorer.copied(base), mask = scene.passing(null)
    const picked = (region) => link.rows[region] >= 0 && mask[scene.rows[link.rows[region]]]
    link.traces.forEach((members, trace) => {
      figure.data[trace].selectedpoints = [...members.keys()].filter((i) => picked(members[i]))
    })
    const ring = ring_of(scene.predicate("map"), link), closed = ring.length ? [...ring, ring[0]] : [[0, 0], [0, 0]]
    figure.data[2].lon = closed.map(([lon]) => lon)
    figure.data[2].lat = closed.map(([, lat]) => lat)
    figure.layout = explorer.titled(base.layout, link.title, scene)
    return figure
  }

  function ranking(base, link, scene) {
    const mask = scene.passing("ranking")
    if (mask === null) { return base }
    const figure = explorer.copied(base), picked = Array.from(link.rows, (row) => Boolean(mask[scene.rows[row]]))
    const [selected, rest] = figure.data, {values} = link
    selected.y = Float64Array.from(values, (value, i) => picked[i] ? value : NaN)
    rest.y = Float64Array.from(values, (value, i) => picked[i] ? NaN : value)
    let named = [...picked.keys()].filter((i) => picked[i])
    if (named.length > NAMED) { named = [] }
    figure.layout = {...base.layout, xaxis: {...base.layout.xaxis, tickvals: named, ticktext: named.map((i) => link.names[i])}}
    return figure
  }

  // -- a lasso as a predicate -----------------------------------------------------------------------------------

  function unwrapped(ring) {
    let turn = 0, before = null
    return ring.map(([lon, lat]) => {
      if (before !== null && lon - before > 180) { turn -= 360 }
      if (before !== null && lon - before < -180) { turn += 360 }
      before = lon
      return [lon + turn, lat]
    })
  }

  function simplified(ring, most) {
    const corners = [...ring]
    while (corners.length > Math.max(most, 3)) {
      let least = 0, smallest = Infinity
      for (let i = 0, n = corners.length; i < n; i++) {
        const [x, y] = corners[i], [x0, y0] = corners[(i + n - 1) % n], [x1, y1] = corners[(i + 1) % n]
        const area = Math.abs((x - x0) * (y1 - y0) - (y - y0) * (x1 - x0))
        if (area < smallest) { [least, smallest] = [i, area] }
      }
      corners.splice(least, 1)
    }
    const span = (axis) => Math.max(...corners.map((c) => c[axis])) - Math.min(...corners.map((c) => c[axis]))
    const size = corners.length ? Math.max(span(0), span(1)) : 1
    const digits = size > 0 ? Math.max(1, Math.ceil(2.5 - Math.log10(size))) : 3
    return corners.map((corner) => corner.map((value) => explorer.rounded(value, digits)))
  }

  // The polygon, and where it reaches over 180° its copy at the other end of the map.
  function in_polygon(corners, {lon, lat}) {
    const inside = (turn) => ["poly", lon, lat, corners.flatMap(([x, y]) => [x + turn, y])], xs = corners.map(([x]) => x)
    const copies = [...(Math.max(...xs) > 180 ? [-360] : []), ...(Math.min(...xs) < -180 ? [360] : [])]
    return copies.length ? ["any", [inside(0), ...copies.map(inside)]] : inside(0)
  }

  // `chosen` are places of the moment's rows whose middles lie inside on the screen.
  function predicate_of(ring, chosen, link, scene) {
    if (!chosen.length) { return null }
    const wanted = new Set(chosen), around = unwrapped(ring)
    for (const corners of [...CORNERS.map((most) => simplified(around, most)), around]) {
      if (corners.length < 3) { continue }
      const predicate = in_polygon(corners, link), mask = scene.table.mask(predicate)
      if (scene.rows.every((row, i) => Boolean(mask[row]) === wanted.has(i))) { return predicate }
    }
    const {codes, keys} = scene.table.columns[link.column]
    return ["in", link.column, [...wanted].sort((a, b) => a - b).map((i) => keys[codes[scene.rows[i]]])]
  }

  Object.assign(explorer.drawings, {map: region_map, ranking})
  return {predicate_of}
})()
