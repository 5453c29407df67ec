// The page of an explorer in a saved file: what a hand does becomes predicates, and every picture answers.
brushlink.starts.explorer_page = (page, data, more = {}) => {
  const {element} = brushlink, {numberText, describe, equal} = linking
  const ready = explorer.prepared(data), names = Object.keys(page.plots)
  const PLAY_MS = 900, CHIP_CHARS = 60
  const rows = brushlink.rowList(data, ready.table)
  const state = {...data.start}
  const at_first = {...data.start}

  // -- the state becomes pictures -----------------------------------------------------------------------------

  const scene_of = (selection = state.selection, moment = state.moment, mode = page.mode) =>
    new explorer.Scene(data, ready, selection, moment, mode)

  let outlined = {}
  function follow() {
    const scene = scene_of()
    for (const name of names) { page.show(name, scene.figure(name)) }
    outline(scene)
    drill()
    say(scene)
    more.follow?.(scene)
    list_soon()
  }

  // Behind the frame that shows the pictures, which are what is waited for.
  let listing = false
  function list_soon() {
    if (listing) { return }
    listing = true
    requestAnimationFrame(() => setTimeout(() => {
      listing = false
      rows.show(scene_of())
    }))
  }

  function set(changed) {
    if (Object.entries(changed).every(([key, value]) => equal(state[key], value))) { return }
    Object.assign(state, changed)
    follow()
  }

  const owner = (view) => data.owners[view]
  const chosen = (view) => state.selection.find(([one]) => one === owner(view))?.[1] ?? null

  function selected(view, predicate) {
    const own = owner(view), others = state.selection.filter(([one]) => one !== own)
    if (predicate === null) { return others }
    return state.selection.some(([one]) => one === own)
      ? state.selection.map((pair) => pair[0] === own ? [own, predicate] : pair) : [...others, [own, predicate]]
  }
  const select = (view, predicate, changed = {}) => set({selection: selected(view, predicate), ...changed})

  function deselect(one = null) {
    const selection = one === null ? [] : state.selection.filter(([own]) => own !== one)
    set({selection, level: one === null || one === owner("tree") ? "" : state.level})
  }

  // -- brushes: an outline stands as long as its predicate ------------------------------------------------------

  function outline(scene) {
    for (const view of ["histogram", "facets"]) {
      if (!page.plots[view] || equal(outlined[view] ?? null, scene.predicate(view))) { continue }
      outlined[view] = scene.predicate(view)
      const plot = page.plots[view], undimmed = Object.fromEntries(plot.data.map((trace, i) => [i, {selectedpoints: null}]))
      page.patch(view, undimmed, {selections: drawn_outline(view, scene)})
    }
  }

  function drawn_outline(view, scene) {
    let predicate = scene.predicate(view), number = ""
    if (predicate === null) { return [] }
    let inner = [predicate]
    if (predicate[0] === "all") {
      const link = scene.moment.links.facets, panel = predicate[1].find((part) => part[0] === "in")
      const place = panel && link ? link.keys.indexOf(panel[2][0]) : -1
      if (place < 0) { return [] }
      number = place === 0 ? "" : String(place + 1)
      inner = predicate[1]
    }
    const axes = {xref: `x${number}`, yref: `y${number}`}, lasso = inner.find((part) => part[0] === "poly")
    if (lasso) {
      const corners = lasso[3].flatMap((x, i) => i % 2 ? [] : [`${x},${lasso[3][i + 1]}`])
      return [{type: "path", path: `M${corners.join("L")}Z`, ...axes}]
    }
    const spans = inner.filter((part) => part[0] === "iv")
    if (!spans.length || spans.some((part) => part[4] !== "both" || part[2] === null || part[3] === null)) { return [] }
    const box = {type: "rect", x0: spans[0][2], x1: spans[0][3], ...axes}
    if (spans.length === 2) { return [{...box, y0: spans[1][2], y1: spans[1][3]}] }
    const figure = page.specs[view], top = Math.max(figure.layout.yaxis.range?.[1] ?? 0,
      ...figure.data.filter((trace) => trace.type === "bar").flatMap((trace) => Array.from(trace.y)))
    return [{...box, y0: 0, y1: top || 1}]
  }

  // A brush leaves its outline by itself: only what it selects is new.
  function brushed(view, predicate) {
    outlined[view] = predicate
    select(view, predicate)
  }

  // Nothing is told of a click without a drag, and only points of an outline that was set from here.
  const drawn_by_hand = (event) => Boolean(event && (event.range || event.lassoPoints))
  const axis_of = (region, letter) => Object.keys(region ?? {}).find((key) => key.startsWith(letter))
  const sorted = (pair) => pair && (pair[0] <= pair[1] ? pair : [pair[1], pair[0]])

  // -- the drill level ------------------------------------------------------------------------------------------

  const tree = () => {
    const {links} = data.moments[state.moment]
    return links.sunburst ?? links.treemap ?? null
  }

  const levels = {}
  function drill() {
    const link = tree()
    if (!link) { return }
    const place = link.ids.indexOf(state.level)
    for (const view of ["sunburst", "treemap"].filter((name) => page.plots[name])) {
      let wanted = place < 0 ? link.ids[0] : state.level
      if (view === "sunburst" && place > 0 && !link.above.includes(place)) { wanted = link.ids[link.above[place]] }
      const shown = levels[view] ?? link.ids[0]
      if (wanted !== shown) { Plotly.restyle(page.plots[view], {level: wanted}, [0]) }
      levels[view] = wanted
    }
    crumbs.classList.toggle("hint", place <= 0)
    const trail = []
    for (let one = Math.max(place, 0); one >= 0; one = link.above[one]) { trail.unshift(one) }
    crumbs.replaceChildren(...(trail.length > 1 ? trail.map((one, depth) => {
      const button = element("button", {type: "button", onclick: () => drilled(depth ? link.ids[one] : "")})
      button.textContent = (depth ? "› " : "") + link.labels[one]
      button.disabled = depth === trail.length - 1
      return button
    }) : [element("b", {}, link.labels[0]), ": click a sector to drill in, the centre or a name here to go up."]))
  }

  function drilled(level) {
    if (level === state.level) { return }
    const link = tree()
    select("tree", explorer.treePredicate(link, level), {level: level === link.ids[0] ? "" : level})
  }

  // -- what is selected, in words -------------------------------------------------------------------------------

  const headline = element("b", {role: "status"}), hint = element("span", {class: "hint"}, data.hint), chips = element("span", {class: "chips"})
  const crumbs = element("div", {class: "crumbs"})

  function say(scene) {
    const picked = scene.chosen(null), whole = scene.rows.length, part = picked === null ? whole : picked.length
    const count = linking.grouped(String(whole))
    let words = picked === null ? `${count} ${data.noun}` : `${linking.grouped(String(part))} of ${count} ${data.noun}`
    if (data.height) {
      const all = numberText(scene.total(data.height.name, null))
      const some = picked === null ? all : `${numberText(scene.total(data.height.name, picked))} of ${all}`
      words += ` · ${some} ${data.height.unit}`
    }
    headline.textContent = words
    hint.hidden = state.selection.length > 0
    chips.replaceChildren(...state.selection.map(([own, predicate]) => {
      const text = describe(predicate, ready.labels)
      const chip = element("button", {type: "button", class: "chip", title: "Take back", onclick: () => deselect(own)})
      chip.textContent = `${text.length <= CHIP_CHARS ? text : text.slice(0, CHIP_CHARS - 1) + "…"}  ✕`
      return chip
    }))
    if (state.selection.length) {
      const clear = element("button", {type: "button", class: "clear", onclick: () => deselect()})
      clear.textContent = "Clear selection"
      chips.append(clear)
    }
  }

  // -- the time -------------------------------------------------------------------------------------------------

  const moments = data.moments.length
  const slider = element("input", {type: "range", min: 0, max: moments - 1, step: 1, "aria-label": "Time",
    oninput: () => show_moment(Number(slider.value))})
  const shown = element("output", {})
  const play = element("button", {type: "button", class: "play", "aria-label": "Play", title: "Play", onclick: () => playing ? stop() : start()})
  play.textContent = "▶"
  let playing = null
  function show_moment(moment) {
    slider.value = moment
    shown.textContent = data.moments[moment].name
    slider.setAttribute("aria-valuetext", data.moments[moment].name)
    set({moment})
  }
  function start() {
    if (state.moment === moments - 1) { show_moment(0) }
    play.textContent = "❚❚"
    play.setAttribute("aria-label", "Pause")
    play.title = "Pause"
    playing = setInterval(() => {
      if (state.moment === moments - 1) { stop() } else { show_moment(state.moment + 1) }
    }, PLAY_MS)
  }
  function stop() {
    clearInterval(playing)
    playing = null
    play.textContent = "▶"
    play.setAttribute("aria-label", "Play")
    play.title = "Play"
  }
  const step = (by, label, sign) => {
    const button = element("button", {type: "button", "aria-label": label, title: label, onclick: () => {
      stop()
      show_moment(Math.min(Math.max(state.moment + by, 0), moments - 1))
    }})
    button.textContent = sign
    return button
  }
  const over = element("button", {type: "button", class: "over", title: "Back to how it was when it was saved", onclick: () => {
    stop()
    slider.value = at_first.moment
    shown.textContent = data.moments[at_first.moment].name
    set({...at_first})
  }})
  over.textContent = "Start over"

  // -- events become predicates -----------------------------------------------------------------------------------

  const heard = {
    histogram() {
      page.on("histogram", "selected", (event) => {
        if (!drawn_by_hand(event)) { return }
        const ends = event.range?.[axis_of(event.range, "x")]
        const span = data.edges.at(-1) - data.edges[0]
        brushed("histogram", ends ? explorer.rangePredicate(sorted(ends), data.measure, span) : null)
      })
      page.on("histogram", "deselect", () => brushed("histogram", null))
      page.on("histogram", "click", ({points: [point]}) => {
        if (point.xaxis._id !== "x") { return }
        const predicate = explorer.binPredicate(Number(point.x), data.measure, Array.from(data.edges))
        select("histogram", equal(chosen("histogram"), predicate) ? null : predicate)
      })
      const keys = data.stack ? ready.table.columns[data.stack].keys : []
      const show_only = (shown) => select("legend", !shown.length || shown.length === keys.length ? null : ["in", data.stack, shown])
      const group_of = (event) => String(event.data[event.curveNumber].legendgroup)
      const now_shown = () => keys.filter((key) => (chosen("legend")?.[2] ?? keys).includes(key))
      page.on("histogram", "legendclick", (event) => {
        const group = group_of(event), shown = now_shown(), key = keys.find((one) => String(one) === group)
        show_only(shown.includes(key) ? shown.filter((one) => one !== key) : keys.filter((one) => one === key || shown.includes(one)))
        return false
      })
      page.on("histogram", "legenddoubleclick", (event) => {
        const group = group_of(event), shown = now_shown(), alone = shown.length === 1 && String(shown[0]) === group
        show_only(alone ? keys : keys.filter((key) => String(key) === group))
        return false
      })
    },
    bars() {
      page.on("bars", "click", ({points: [point], event}) => {
        const link = data.moments[state.moment].links.bars, place = Math.round(Number(point.x))
        if (!link || !(place >= 0 && place < link.keys.length)) { return }
        const collected = link.scale === "log" ? [] : link.others[point.pointNumber] ?? []
        if (collected.length) { return list_others(link, place, collected) }
        const before = chosen("bars")?.[0] === "in" ? chosen("bars")[2] : []
        const adding = event && (event.shiftKey || event.ctrlKey || event.metaKey)
        const wanted = explorer.toggled(before, link.members[place], adding)
        select("bars", wanted.length ? ["in", link.column, wanted] : null)
      })
    },
    facets() {
      page.on("facets", "selected", (event) => {
        if (!drawn_by_hand(event)) { return }
        const link = data.moments[state.moment].links.facets, region = event.range ?? event.lassoPoints, axis = axis_of(region, "x")
        if (!link || !axis) { return brushed("facets", null) }
        const up = axis_of(region, "y"), panel = Number(axis.slice(1) || 1) - 1
        const vertices = event.lassoPoints ? region[axis].map((x, i) => [x, region[up][i]]) : null
        const ends = vertices ? {} : {x: sorted(region[axis]), y: sorted(region[up])}
        brushed("facets", explorer.panelPredicate(panel, link, ends, vertices))
      })
      page.on("facets", "deselect", () => brushed("facets", null))
    },
    sunburst() { hear_tree("sunburst") },
    treemap() { hear_tree("treemap") },
  }

  // What a segment collects, as names with their heights, the largest first.
  function list_others(link, place, members) {
    const scene = scene_of(), {codes, keys} = ready.table.columns[link.detail], wanted = new Set(members)
    const mask = ready.table.mask(["in", link.column, link.members[place]]), heights = data.height && scene.above(data.height.name)
    const rows = Array.from(scene.rows).filter((row) => mask[row] && wanted.has(keys[codes[row]]))
    if (heights) { rows.sort((a, b) => heights[b] - heights[a]) }
    const items = rows.map((row) => element("tr", {}, element("td", {}, String(keys[codes[row]])),
      element("td", {}, heights ? `${numberText(heights[row])} ${data.height.unit}` : "")))
    const close = element("button", {type: "button", class: "tool", onclick: () => dialog.close()}, "Close")
    const dialog = element("dialog", {onclose: () => dialog.remove(), "aria-label": "Others"},
      element("h2", {}, `The ${linking.grouped(String(members.length))} others of ${link.keys[place]}`),
      element("div", {class: "scroll"}, element("table", {}, element("tbody", {}, ...items))), close)
    document.body.append(dialog)
    dialog.showModal()
  }

  function hear_tree(view) {
    page.on(view, `${view}click`, (event) => {
      const id = event.points[0].id, link = tree()
      if (event.nextLevel !== undefined) {
        levels[view] = event.nextLevel
        const level = event.nextLevel === link.ids[0] || !link.ids.includes(event.nextLevel) ? "" : event.nextLevel
        // Plotly moves this picture by itself; the others follow when it has started.
        setTimeout(() => drilled(level))
        return
      }
      const predicate = explorer.treePredicate(link, id)
      if (predicate === null || link.above.includes(link.ids.indexOf(id))) { return }
      select("tree", equal(chosen("tree"), predicate) ? explorer.treePredicate(link, state.level) : predicate)
    })
  }

  // -- the page ---------------------------------------------------------------------------------------------------

  page.above.append(element("div", {class: "selection"}, headline, hint, chips, over))
  if (moments > 1) {
    page.above.append(element("div", {class: "clock"}, play, slider, shown,
      step(-1, "One step back", "‹"), step(1, "One step on", "›")))
    slider.value = state.moment
    shown.textContent = data.moments[state.moment].name
    slider.setAttribute("aria-valuetext", shown.textContent)
  }
  document.getElementById("pictures").append(rows.card)
  const first_tree = ["sunburst", "treemap"].find((name) => page.plots[name])
  if (first_tree) { page.card(first_tree).before(crumbs) }
  for (const name of names) { (more.heard?.[name] ?? heard[name])?.() }
  follow()
  return {setMode: follow, follow, scene: scene_of, drawn_by_hand, state, set, select, selected, chosen, drilled}
}
