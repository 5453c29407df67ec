// A volume in a saved file: three planes that answer each other, cut from the values in the file; see volume_static.py.
brushlink.starts.volume = (page, data) => {
  const {values, labels, shape, planes, colors} = data, steps = [shape[1] * shape[2], shape[2], 1], at = [...data.at]
  const canvas = document.createElement("canvas"), context = canvas.getContext("2d", {willReadFrequently: true})

  // A slice as a picture: `paint` writes the colour of a voxel into four bytes.
  function picture(plane, n, stack, paint) {
    const [rows, cols] = plane.shape, made = context.createImageData(cols, rows)
    let some = false
    for (let row = 0; row < rows; row++) {
      const down = (plane.flip_down ? rows - 1 - row : row) * steps[plane.down]
      for (let col = 0; col < cols; col++) {
        const across = (plane.flip_across ? cols - 1 - col : col) * steps[plane.across]
        some = paint(made.data, 4 * (row * cols + col), stack[n * steps[plane.axis] + down + across]) || some
      }
    }
    if (!some) { return "" }
    canvas.width = cols
    canvas.height = rows
    context.putImageData(made, 0, 0)
    return canvas.toDataURL("image/png")
  }
  const grey = (out, place, value) => {
    out[place] = out[place + 1] = out[place + 2] = value
    out[place + 3] = 255
    return true
  }
  const tinted = (out, place, value) => {
    const color = value && colors[value]
    if (!color) { return false }
    for (let part = 0; part < 4; part++) { out[place + part] = color[part] }
    return true
  }
  const cut = (plane, base, over) => ({
    base: base.map((n) => [n, picture(plane, n, values, grey)]),
    over: labels ? over.map((n) => [n, picture(plane, n, labels, tinted)]) : [],
  })
  const pixel = (plane) => ["across", "down"].map((way) =>
    plane[`flip_${way}`] ? shape[plane[way]] - 1 - at[plane[way]] : at[plane[way]])

  const views = Object.entries(planes).map(([name, plane]) => {
    const gd = page.plots[name], view = {plane, gd, n: at[plane.axis]}
    view._send = (kind, {n, base, over, x, y}) => {
      if (kind === "slice") {
        at[plane.axis] = view.n = n
        brushlinkDeck.take(view, gd, {n, ...cut(plane, base, over)})
      } else if (kind === "point") {
        for (const [way, place] of [["across", x], ["down", y]]) {
          const last = shape[plane[way]] - 1, whole = Math.min(Math.max(Math.round(place), 0), last)
          at[plane[way]] = plane[`flip_${way}`] ? last - whole : whole
        }
      } else { return }
      for (const other of views) { follow(other) }
    }
    brushlinkDeck.install(view, gd)
    return view
  })
  function follow(view) {
    const n = at[view.plane.axis], told = {cross: pixel(view.plane)}
    if (n !== view.n) {
      view.n = n
      Object.assign(told, {n, ...cut(view.plane, [n], [n])})
    }
    brushlinkDeck.take(view, view.gd, told)
  }
  for (const view of views) { follow(view) }
  return null
}
