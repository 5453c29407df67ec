// A dashboard in a saved file: draws its pictures, patches them, and gives what a hand does to the script that links them.
// Opened from a disk, it asks for nothing. All text of the page is set as text, never as markup.
const brushlink = (() => {
  "use strict"
  const CONFIG = {displaylogo: false, doubleClickDelay: 300, scrollZoom: false, showTips: false, responsive: false,
    topojsonURL: "assets/", plotlyServerURL: ""}
  const CLICK_PX = 5
  const starts = {}, components = {}

  const bytesOf = (id) => Uint8Array.from(atob(document.getElementById(id).textContent.trim()), (char) => char.charCodeAt(0))
  const inflated = (bytes, format = "deflate") =>
    new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format)))

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) { made.addEventListener(key.slice(2), value) } else { made.setAttribute(key, value) }
    }
    made.append(...children)
    return made
  }

  function save(name, content, type) {
    const link = element("a", {download: name})
    link.href = URL.createObjectURL(new Blob([content], {type}))
    document.body.append(link)
    link.click()
    link.remove()
    setTimeout(() => URL.revokeObjectURL(link.href), 10000)
  }

  // Outlines for maps, where plotly.js looks before it asks a server; the name "" stands for every scope and resolution.
  const SCOPES = ["world", "africa", "antarctica", "asia", "europe", "north-america", "oceania", "south-america", "usa"]
  async function bringOutlines(outlines) {
    if (!outlines) { return }
    const store = (window.PlotlyGeoAssets ||= {topojson: {}}).topojson
    for (const [name, value] of Object.entries(outlines)) {
      const topology = value instanceof Uint8Array ? await inflated(value, "gzip").json() : value
      for (const one of name ? [name] : SCOPES.flatMap((scope) => [`${scope}_110m`, `${scope}_50m`])) { store[one] = topology }
    }
  }

  class Page {
    constructor(view, mode) {
      this.view = view
      this.mode = mode
      this.plots = {}
      this.specs = {}
      this.links = null
    }

    // The template of a picture: that of the page, unless it has its own.
    template(name) {
      const {dressed, spec} = this.view.pictures[name]
      return dressed ? this.view.templates[this.mode] : spec.layout.template
    }

    // The place above the pictures, for what belongs to all of them.
    get above() { return document.getElementById("above") }

    // The card of a picture, for what belongs to it alone.
    card(name) { return this.plots[name].closest(".card") }

    // Show a figure in a picture: what is equal to what is shown stays untouched.
    show(name, spec) {
      const plot = this.plots[name], old = this.specs[name]
      this.specs[name] = spec
      const patch = linking.difference(old, spec)
      if (patch === null) {
        const layout = {...spec.layout, template: this.template(name), width: plot._fullLayout.width, height: plot._fullLayout.height}
        return Plotly.react(plot, spec.data.map((trace) => ({...trace})), layout, plot._context)
      }
      delete patch.layout.template
      return this.patch(name, patch.traces, patch.layout)
    }

    // Patch attributes in place: {place of a trace: {attribute: value}} and {attribute: value} of the layout.
    patch(name, traces, layout = {}) {
      const plot = this.plots[name], changed = Object.entries(traces).map(([place, values]) => [Number(place), values])
      if (changed.length || Object.keys(layout).length) { brushlinkQuick.patch(plot, changed, {...layout}) }
    }

    // Forget what a picture shows of an attribute that a hand changed in the browser, so that it is set again.
    forget(name, key, value = "?") {
      const spec = this.specs[name]
      this.specs[name] = {...spec, data: spec.data.map((trace) => key in trace ? {...trace, [key]: value} : trace)}
    }

    // Hear of an event of a picture, as Plotly has it ("click" is plotly_click). Panning a map ends with no click.
    on(name, event, handler) {
      const plot = this.plots[name]
      plot.on(`plotly_${event}`, (data) => {
        if (event === "click" && data.event && this.pressed &&
          Math.hypot(data.event.clientX - this.pressed[0], data.event.clientY - this.pressed[1]) > CLICK_PX) { return undefined }
        return handler(data)
      })
    }

    async draw() {
      document.addEventListener("mousedown", (event) => { this.pressed = [event.clientX, event.clientY] }, true)
      await bringOutlines(this.view.outlines)
      for (const [name, {spec, config}] of Object.entries(this.view.pictures)) {
        const plot = document.getElementById(`plot-${name}`)
        this.plots[name] = plot
        this.specs[name] = spec
        const layout = {...spec.layout, template: this.template(name), width: plot.clientWidth, height: plot.clientHeight}
        await Plotly.newPlot(plot, spec.data.map((trace) => ({...trace})), layout, {...CONFIG, ...config})
        brushlinkQuick.hurrySelection(plot)
      }
      new ResizeObserver(() => this.resize()).observe(document.getElementById("pictures"))
      window.addEventListener("beforeprint", () => this.onPaper(true))
      window.addEventListener("afterprint", () => this.onPaper(false))
      window.matchMedia("print").addEventListener("change", ({matches}) => this.onPaper(matches))
    }

    resize() {
      return Promise.all(Object.values(this.plots).map((plot) => {
        const {width, height} = plot._fullLayout, wide = plot.clientWidth, high = plot.clientHeight
        return wide > 0 && high > 0 && (wide !== width || high !== height) ? Plotly.relayout(plot, {width: wide, height: high}) : null
      }))
    }

    // Paper is white and has a width of its own (page.css), whatever the screen is and has.
    onPaper(printed) {
      document.documentElement.classList.toggle("on-paper", printed)
      if (printed && this.mode === "dark") {
        this.screen = "dark"
        this.setMode("light")
      } else if (!printed && this.screen) {
        this.setMode(this.screen)
        this.screen = null
      }
      return this.resize()
    }

    // A map is drawn behind what asks for it: the window of the printer opens when all of it is there.
    async print() {
      await this.onPaper(true)
      await Promise.all(Object.values(this.plots).map((plot) => Plotly.redraw(plot)))
      window.print()
    }

    setMode(mode) {
      this.mode = mode
      document.documentElement.classList.toggle("brushlink-dark", mode === "dark")
      this.nameMode()
      for (const [name, plot] of Object.entries(this.plots)) { Plotly.relayout(plot, {template: this.template(name)}) }
      this.links?.setMode?.(mode)
    }

    nameMode() {
      const button = document.getElementById("mode"), other = this.mode === "dark" ? "Light mode" : "Dark mode"
      button.setAttribute("aria-label", other)
      button.title = other
    }
  }

  // Put a component of the live dashboards (a JSComponent's script) into a place of the page. It sees a model of plain
  // values; `answer` gets its messages with what sets values and what sends messages.
  function component(name, values, answer) {
    const host = element("div", {class: "component"}), heard = {}, {css, render} = components[name]
    const model = {...values, on: (key, call) => (heard[key.replace("change:", "")] ??= []).push(call)}
    const set = (changed) => {
      Object.assign(model, changed)
      for (const key of Object.keys(changed)) { for (const call of heard[key] ?? []) { call() } }
    }
    const tell = (message) => { for (const call of heard["msg:custom"] ?? []) { call(message) } }
    model.send_msg = (message) => answer(message, set, tell)
    const root = host.attachShadow({mode: "open"})
    root.append(element("style", {}, css))
    // A component looks for its picture on the page it stands in.
    queueMicrotask(() => root.append(render({model, view: {model: {}}})))
    return Object.assign(host, {model, set, tell})
  }

  async function open() {
    const state = document.getElementById("state")
    try {
      if (typeof DecompressionStream === "undefined") {
        throw new Error("this browser is too old for it: Chrome or Edge 80, Firefox 113, Safari 16.4 or newer can open it")
      }
      const [view, code] = await Promise.all([inflated(bytesOf("data")).arrayBuffer(), inflated(bytesOf("plotly")).text()])
      const script = document.createElement("script")
      script.textContent = code
      document.head.append(script)
      const page = new Page(linking.unpack(view), document.documentElement.classList.contains("brushlink-dark") ? "dark" : "light")
      brushlink.page = page
      document.getElementById("mode").addEventListener("click", () => page.setMode(page.mode === "dark" ? "light" : "dark"))
      document.getElementById("print").addEventListener("click", () => page.print())
      page.nameMode()
      await page.draw()
      const start = starts[page.view.start]
      if (start) { page.links = start(page, page.view.data) ?? null }
      if (page.mode !== page.view.mode) { page.setMode(page.mode) }
      state.remove()
      document.documentElement.dataset.ready = "yes"
    } catch (error) {
      state.textContent = `This page could not be drawn: ${error.message}.`
      state.classList.add("failed")
      console.error(error)
    }
  }

  return {starts, components, open, component, element, save, page: null}
})()
