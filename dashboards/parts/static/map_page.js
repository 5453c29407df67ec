// The page of a map in a saved file: an explorer's, with lasso, box and clicks on the map and its ranking.
brushlink.starts.map_page = (page, data) => {
  const link_of = (name) => linked.scene().moment.links[name]

  // Select one region; with Shift, Ctrl or Command held, add it to the selected or take it away.
  function toggle(view, key, event) {
    const scene = linked.scene(), {column} = link_of(view), {codes, keys} = scene.table.columns[column], own = linked.chosen(view)
    const mask = own && scene.table.mask(own)
    const before = own ? Array.from(scene.rows).filter((row) => mask[row]).map((row) => keys[codes[row]]) : []
    const wanted = explorer.toggled(before, [key], event && (event.shiftKey || event.ctrlKey || event.metaKey))
    linked.select(view, wanted.length ? ["in", column, wanted] : null)
  }

  const brushed = (predicate) => {
    // Plotly has dimmed regions by itself: what is selected is set again, also if it is as before.
    page.forget("map", "selectedpoints")
    if (linking.equal(predicate, linked.chosen("map"))) { linked.follow() } else { linked.select("map", predicate) }
    // What was drawn stands still when the map turns: the answer has an outline that does not.
    page.plots.map._fullLayout._zoomlayer.selectAll(".select-outline").remove()
  }

  const heard = {
    map() {
      page.on("map", "selected", (event) => {
        if (!linked.drawn_by_hand(event)) { return }
        const region = event.range ?? event.lassoPoints, map = Object.keys(region ?? {}).find((name) => /^geo\d*$/.test(name))
        if (!map) { return brushed(null) }
        const link = link_of("map"), scene = linked.scene()
        const places = event.points.map((point) => link.rows[link.traces[point.curveNumber]?.[point.pointNumber]] ?? -1)
        const ring = brushlinkMap.ring(page.plots.map, map, event)
        brushed(regions.predicate_of(ring, [...new Set(places)].filter((place) => place >= 0), link, scene))
      })
      page.on("map", "deselect", () => brushed(null))
      page.on("map", "click", ({points: [point], event}) => {
        const link = link_of("map"), region = link.traces[point.curveNumber]?.[point.pointNumber]
        if (region !== undefined) { toggle("map", link.keys[region], event) }
      })
    },
    ranking() {
      page.on("ranking", "click", ({points: [point], event}) => {
        const link = link_of("ranking"), scene = linked.scene(), {codes, keys} = scene.table.columns[link.column]
        if (point.pointNumber < link.rows.length) { toggle("ranking", keys[codes[scene.rows[link.rows[point.pointNumber]]]], event) }
      })
    },
  }

  const linked = brushlink.starts.explorer_page(page, data, {heard})
  return linked
}
