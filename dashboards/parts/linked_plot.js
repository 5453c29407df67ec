// The browser half of LinkedPlotly: a Plotly view that patches in one go and reports events in full.
// Plain script, no build step; it travels with the page as a data: URI (see plotly_model.py).
(() => {
  'use strict';
  const NAME = 'dashboards.parts.plotly_model.LinkedPlot';
  const BASE = 'panel.models.plotly.PlotlyPlot';
  const DRAG_POLL_MS = 50;       // how soon a drag that selects nothing is told to Python
  const HOVER_PAUSE_MS = 40;     // at most 25 hover messages a second: a callback a frame would queue up
  const SLOW_SCENE_MS = 60;      // a 3-D scene that takes longer (no graphics card) follows a hand that leafs when it rests
  const CLICK_PX = 5;            // a click moves less
  const MANY_INDICES = 200;      // more go as a binary buffer, which costs two messages of its own
  const SCALARS = ['x', 'y', 'z', 'lat', 'lon', 'location', 'label', 'value', 'id', 'parent', 'text', 'hovertext',
    'curveNumber', 'currentPath', 'entry', 'root', 'percentParent', 'percentRoot'];

  // -- values -------------------------------------------------------------------------------------------------

  const isObject = (v) => v !== null && typeof v === 'object' && !Array.isArray(v) && !ArrayBuffer.isView(v);
  const plain = (v) => ArrayBuffer.isView(v) ? Array.from(v) : v;

  // numpy arrays arrive as typed arrays of Bokeh's own classes, which cannot be sliced; Plotly wants plain ones, and
  // an array of rows for two dimensions.
  const unpack = (v) => {
    if (ArrayBuffer.isView(v)) {
      const Plain = window[Object.prototype.toString.call(v).slice(8, -1)];
      const part = (start, shape) => {
        if (shape.length < 2) return new Plain(v.buffer, v.byteOffset + start * v.BYTES_PER_ELEMENT, shape[0]);
        const rest = shape.slice(1), size = rest.reduce((a, b) => a * b, 1);
        return Array.from({length: shape[0]}, (_, i) => part(start + i * size, rest));
      };
      return part(0, v.shape || [v.length]);
    }
    if (v instanceof Map) return unpack(Object.fromEntries(v));
    if (Array.isArray(v)) return v.some((w) => w !== null && typeof w === 'object') ? v.map(unpack) : v;
    if (isObject(v)) {
      if (v.packed === 'colors') return unpackColors(unpack(v.rgb));
      if (v.packed === 'same') return new Float64Array(v.count).fill(v.value);
      if (v.packed === 'tenths') return inTenths(unpack(v.values));
      if (v.packed === 'uri') return v.head + base64(unpack(v.bytes));
      if (v.packed === 'texts') {
        const places = typeof v.places === 'string' ? Array.from(v.places, (c) => c.charCodeAt(0) - 48) : unpack(v.places);
        return Array.from(places, (i) => v.texts[i]);
      }
      return Object.fromEntries(Object.entries(v).map(([k, w]) => [k, unpack(w)]));
    }
    return v;
  };
  const inTenths = (v) => Array.isArray(v) ? v.map(inTenths) : Float32Array.from(v, (n) => n / 10);
  const base64 = (bytes) => {
    let text = '';
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode.apply(null, bytes.subarray(at, at + 32768));
    return btoa(text);
  };
  const unpackColors = (rgb) => {
    const out = [];
    for (let i = 0; i < rgb.length; i += 3) {
      out.push('#' + (rgb[i] * 65536 + rgb[i + 1] * 256 + rgb[i + 2]).toString(16).padStart(6, '0'));
    }
    return out;
  };
  // A change as `_wire` in plotly_pane.py writes it.
  const fromWire = ([kind, id, revision, first, second]) => kind === 'figure'
    ? {kind, id, revision, data: first, layout: second}
    : kind === 'deck' ? {kind, id, revision, payload: first} : {kind, id, revision, traces: first.map(([place, ...pairs]) => [place, Object.fromEntries(pairs)]),
      layout: Object.fromEntries(second)};
  const copyContainers = (v) => isObject(v)
    ? Object.fromEntries(Object.entries(v).map(([k, w]) => [k, copyContainers(w)]))
    : Array.isArray(v) && v.length && isObject(v[0]) ? v.map(copyContainers) : v;
  // Outlines for maps, where plotly.js looks before it asks a server. The name "" stands for every scope and
  // resolution; real outlines replace empty ones, which a map with shapes of its own may have brought.
  const SCOPES = ['world', 'africa', 'antarctica', 'asia', 'europe', 'north-america', 'oceania', 'south-america', 'usa'];
  const EVERY = SCOPES.flatMap((scope) => ['110m', '50m'].map((resolution) => `${scope}_${resolution}`));
  const unpackOutlines = async (packed) => {
    const text = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Response(text).json();
  };
  const bringOutlines = async (given) => {
    const assets = window.PlotlyGeoAssets || (window.PlotlyGeoAssets = {topojson: {}}), store = assets.topojson;
    for (const [name, value] of given instanceof Map ? given : Object.entries(given)) {
      const wanted = (name ? [name] : EVERY).filter((one) => !store[one] || !store[one].arcs.length);
      if (!wanted.length) continue;
      const outlines = value instanceof ArrayBuffer ? await unpackOutlines(value) : unpack(value);
      for (const one of wanted) store[one] = outlines;
    }
  };
  const jsonable = (v) => JSON.parse(JSON.stringify(v === undefined ? null : v, (k, w) => plain(w)));

  // -- events -------------------------------------------------------------------------------------------------

  const axisId = (axis) => (axis && axis._id) || '';
  const modifiersOf = (event) => !event ? [] : ['shift', 'ctrl', 'alt', 'meta'].filter((k) => event[k + 'Key']);

  // One point without references into the figure. Image colours are Uint8ClampedArray, which BokehJS cannot
  // serialise: as plain arrays they pass.
  const describePoint = (gd, point, event) => {
    const out = {};
    for (const key of SCALARS) {
      const value = point[key];
      if (value !== undefined && value !== null && typeof value !== 'object') out[key] = value;
    }
    const trace = gd.data[point.curveNumber] || {};
    out.trace = (gd._fullData[point.curveNumber] || {}).name || '';
    const number = point.pointNumber;
    if (number !== undefined) out.pointNumber = Array.isArray(number) ? number.slice(0, 3) : number;
    if (point.pointNumbers) out.pointNumbers = plain(point.pointNumbers);
    if (trace.type === 'image' && point.color) out.color = Array.from(point.color).slice(0, 4);
    let custom = trace.customdata;
    for (const i of Array.isArray(number) ? number : [number]) custom = custom == null ? undefined : custom[i];
    if (custom !== undefined) out.customdata = jsonable(custom);
    out.xaxis = axisId(point.xaxis);
    out.yaxis = axisId(point.yaxis);
    out.modifiers = modifiersOf(event);
    return out;
  };

  // A selection is where it is and the indices of its data; Python has the data.
  const describeSelection = (gd, data) => {
    const out = {indices: {}, count: 0}, region = data.range || data.lassoPoints || {};
    const map = Object.keys(region).find((name) => /^geo\d*$/.test(name));
    if (map) out.map = {subplot: map, kind: data.range ? 'box' : 'lasso', ring: brushlinkMap.ring(gd, map, data)};
    else if (data.range) out.range = jsonable(data.range);
    else if (data.lassoPoints) out.lasso = jsonable(data.lassoPoints);
    for (const point of data.points || []) {
      const list = out.indices[point.curveNumber] || (out.indices[point.curveNumber] = []);
      if (point.pointNumbers) for (const n of point.pointNumbers) list.push(n);
      else if (typeof point.pointNumber === 'number') list.push(point.pointNumber);
    }
    for (const [curve, list] of Object.entries(out.indices)) {
      out.count += list.length;
      if (list.length > MANY_INDICES) out.indices[curve] = Int32Array.from(list);
    }
    return out;
  };

  const viewportOf = (gd) => {
    const out = {};
    for (const [name, axis] of Object.entries(gd._fullLayout || {})) {
      if (/^[xy]axis\d*$/.test(name) && axis && axis.range) out[name] = [axis.range[0], axis.range[1], axis._length];
    }
    return out;
  };

  // -- turns: pictures on the screen are drawn first, those below when these have been painted, one a frame -------------

  const FRAME_MS = 100;          // a page in the background paints no frames: so long stands for one
  const frame = () => new Promise((done) => {
    setTimeout(done, FRAME_MS);
    requestAnimationFrame(() => setTimeout(done));
  });
  const onScreen = (el) => {
    const {top, bottom, left, right} = el.getBoundingClientRect();
    return bottom > 0 && top < window.innerHeight && right > 0 && left < window.innerWidth;
  };
  // Resolves when an element is displayed.
  const displayed = (el) => new Promise((done) => {
    const shown = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      shown.disconnect();
      done();
    });
    shown.observe(el);
  });
  let touched = null;
  let drawing = 0, below = Promise.resolve();
  const inTurn = async (el, draw) => {
    if (!onScreen(el)) {
      const before = below;
      let over;
      below = new Promise((done) => { over = done; });
      await before;
      do await frame(); while (drawing && !onScreen(el));
      try { return await draw(); } finally { over(); }
    }
    drawing++;
    try { return await draw(); } finally { drawing--; }
  };

  // -- the model ----------------------------------------------------------------------------------------------

  function install() {
    const Bokeh = window.Bokeh;
    if (!Bokeh || !Bokeh.require || !Bokeh.Models) return false;
    const Base = Bokeh.Models.get(BASE);
    if (!Base) return false;
    brushlinkPanel.cure(Bokeh);
    if (Bokeh.Models.get(NAME)) return true;
    const {ModelEvent} = Bokeh.require('core/bokeh_events');

    class LinkedEvent extends ModelEvent {
      constructor(data) { super(); this.data = data; }
      get event_values() { return {model: this.origin, data: this.data}; }
    }
    LinkedEvent.prototype.event_name = 'plotly_event';

    class LinkedPlotView extends Base.prototype.default_view {
      connect_signals() {
        super.connect_signals();
        this.on_change(this.model.properties.topojson, () => this._bring_outlines());
        this.on_change(this.model.properties.ops, () => this._take());
      }

      async _bring_outlines() {
        if (!this.model.topojson) return;
        const coming = this._coming = bringOutlines(this.model.topojson);
        await coming;
        if (this._coming === coming) this._coming = null;
      }

      remove() {
        // A view that comes back (a tab, a moved pane) starts from what the user last saw.
        const gd = this.container;
        if (gd && gd.data) this.model._figure = {data: gd.data.map(copyContainers), layout: copyContainers(gd.layout)};
        super.remove();
      }

      async plot(new_plot = false) {
        await this._bring_outlines();
        if (!new_plot) return super.plot(new_plot);
        await this._take_place();
        return inTurn(this.el, () => super.plot(new_plot));
      }

      // The first drawing waits until it has a place on the page: drawn at Plotly's own size, and then again at that
      // of the page, each picture would take twice as long. One that is not displayed is drawn after a second.
      async _take_place() {
        for (let frame = 0; frame < 60; frame++) {
          const [width, height] = this._place();
          if (width > 0 && height > 0) return void Object.assign(this._figure().layout, {width, height});
          await new Promise((done) => setTimeout(done, 16));
        }
      }

      _place() {
        const {width: w, height: h, max_width, max_height} = this.model;
        return [Math.min(w || this.el.clientWidth, max_width || Infinity),
          Math.min(h || this.el.clientHeight, max_height || Infinity)];
      }

      resize_layout() {
        const gd = this.container;
        if (!this._rendered || gd == null) return;
        const [width, height] = this._place();
        const full = gd._fullLayout;
        if (width <= 0 || height <= 0 || (full && full.width === width && full.height === height)) return;
        window.Plotly.relayout(gd, {width, height});
      }

      _figure() {
        if (!this.model._figure) {
          const data = [];
          for (let i = 0; i < this.model.data.length; i++) {
            const trace = this._get_trace(i, false);
            data.push('source' in trace ? {...trace, source: unpack(trace.source)} : trace);
          }
          this.model._figure = {data: data.map(copyContainers), layout: copyContainers(this.model.layout)};
        }
        return this.model._figure;
      }
      _trace_data() { return this._figure().data; }
      _layout_data() { return this._figure().layout; }

      // -- from Python

      _take() {
        const [, ...ops] = this.model.ops || [];
        for (const op of ops.map(fromWire)) {
          const seen = this._seen || (this._seen = {});
          if (seen[op.id] === op.revision) continue;
          seen[op.id] = op.revision;
          this._apply(op);
        }
      }

      _apply(op) {
        const gd = this.container;
        if (!gd || !gd._fullLayout) {
          return void this.ready_to_draw().then(() => this._apply(op));
        }
        if (op.kind === 'deck') return void brushlinkDeck.take(this, gd, unpack(op.payload));
        // What was drawn on a map stands still when the map turns: the answer has an outline that does not.
        if (this._drawn_on) gd._fullLayout._zoomlayer.selectAll('.select-outline').remove();
        this._drawn_on = null;
        if (this._coming) return void this._coming.then(() => this._apply(op));
        if (this._waiting || !this.el.checkVisibility()) return void this._wait(op, displayed(this.el));
        const resting = gd._brushlinkSceneMs > SLOW_SCENE_MS && brushlinkDeck.rest();
        if (resting) return void this._wait(op, resting);
        if (op.kind === 'figure') {
          const figure = {data: unpack(op.data), layout: unpack(op.layout)};
          const {width, height} = gd._fullLayout;
          if (figure.layout.width === undefined) figure.layout.width = width;
          if (figure.layout.height === undefined) figure.layout.height = height;
          this.model._figure = null;
          if (brushlinkDraw.asked(gd)) this._gesture();
          const painted = window.Plotly.react(gd, figure.data, figure.layout, this.model.config);
          // The layout is the new one already: what comes before it is painted is about the new one too.
          brushlinkDraw.learned(gd);
          brushlinkDeck.install(this, gd);
          return void painted.then(() => {
            brushlinkDraw.dress(gd);
            this._report_state();
          });
        }
        const layout = unpack(op.layout || {});
        // Plotly may not have told of the newest stroke yet (it waits for images): said now, it is not lost.
        if ('shapes' in layout && brushlinkDraw.asked(gd)) this._gesture();
        const drawn = brushlinkDraw.take(gd, layout) || 'shapes' in layout;
        const begun = performance.now();
        brushlinkQuick.patch(gd, op.traces.map(([place, attributes]) => [place, unpack(attributes)]), layout);
        if (gd._fullLayout._has('gl3d')) frame().then(frame).then(() => { gd._brushlinkSceneMs = performance.now() - begun; });
        if (!drawn) return;
        if ('shapes' in layout) brushlinkDraw.learned(gd);
        brushlinkDraw.dress(gd);
      }

      // A picture that is not displayed (a closed tab), or slow while a hand leafs, collects its changes and is painted once.
      _wait(op, until) {
        if (!this._waiting) {
          this._waiting = [];
          until.then(() => {
            const late = this._waiting;
            this._waiting = null;
            for (const one of late) this._apply(one);
          });
        }
        if (op.kind === 'figure') this._waiting.length = 0;
        const last = this._waiting[this._waiting.length - 1];
        if (!last || last.kind === 'figure' || op.kind === 'figure') {
          this._waiting.push(op.kind === 'figure' ? op : {...op, traces: op.traces.map(([i, a]) => [i, {...a}])});
          return;
        }
        const traces = new Map(last.traces);
        for (const [place, attributes] of op.traces) traces.set(place, {...traces.get(place), ...attributes});
        last.traces = [...traces];
        last.layout = {...last.layout, ...op.layout};
      }

      async ready_to_draw() {
        while (!(this.container && this.container._fullLayout)) await new Promise((r) => setTimeout(r, 20));
      }

      // -- to Python

      _send(type, data) { this.model.trigger_event(new LinkedEvent({type, data})); }

      _report_state() {
        const gd = this.container, text = JSON.stringify(viewportOf(gd));
        if (text !== this._viewport_text) {
          this._viewport_text = text;
          this._send('viewport', JSON.parse(text));
        }
      }

      _install_callbacks() {
        const gd = this.container;
        brushlinkQuick.hurrySelection(gd);
        brushlinkDraw.install(this, gd);
        brushlinkDeck.install(this, gd);
        const points = (data) => (data && data.points || []).map((p) => describePoint(gd, p, data.event));
        // The picture that a finger is at shows its buttons (plotly_pane.py); Plotly lets no hover come of a touch.
        gd.addEventListener('touchstart', () => {
          if (touched) touched.classList.remove('touched');
          touched = gd;
          gd.classList.add('touched');
        }, {capture: true, passive: true});
        // Panning a map ends with a click, which means nothing.
        let pressed = null;
        gd.addEventListener('mousedown', (event) => { pressed = [event.clientX, event.clientY]; }, true);
        const dragged = ({event}) => pressed && event && Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > CLICK_PX;
        gd.on('plotly_click', (data) => { if (!dragged(data)) this._send('click', {points: points(data)}); });
        gd.on('plotly_doubleclick', () => this._send('doubleclick', {}));
        gd.on('plotly_hover', (data) => this._hover(points(data)));
        gd.on('plotly_unhover', () => this._hover([]));
        gd.on('plotly_selected', (data) => {
          if (!data) return;  // a click without a drag
          const selection = describeSelection(gd, data);
          this._drawn_on = selection.map;
          this._send('selected', selection);
        });
        gd.on('plotly_deselect', () => this._send('selected', null));
        gd.on('plotly_clickannotation', (data) => this._send('annotation', {
          index: data.index, text: String((data.annotation || {}).text || ''), name: String((data.annotation || {}).name || ''),
        }));
        gd.on('plotly_relayout', (change) => this._relayouted(change));
        gd.on('plotly_restyle', (change) => {
          if (change && change[0] && 'visible' in change[0]) {
            this._send('visible', {visible: gd._fullData.map((t) => (gd.data[t.index] || t).visible ?? true)});
          }
          this._report_state();
        });
        // nextLevel is missing when the click moves nothing: a leaf of a sunburst, the centre at the root.
        for (const kind of ['sunburst', 'treemap', 'icicle']) {
          gd.on(`plotly_${kind}click`, (data) => {
            if (data.nextLevel === undefined || gd._dragging || gd._transitioning) return;
            this._send('level', {curve: data.points[0].curveNumber, level: data.nextLevel});
          });
        }
        this._report_state();
      }

      _hover(points) {
        const key = points.map((p) => [p.curveNumber, p.pointNumber, p.x, p.y, p.id].join()).join(';');
        if (key === this._hover_key) return;
        this._hover_key = key;
        this._hover_next = {points};
        if (this._hover_timer) return;
        const flush = () => {
          this._hover_timer = null;
          if (!this._hover_next) return;
          const next = this._hover_next;
          this._hover_next = null;
          this._send('hover', next);
          this._hover_timer = setTimeout(flush, HOVER_PAUSE_MS);
        };
        flush();
      }

      // A new drag begins with Plotly taking the old outline away: Python hears how the drag ends, not of that.
      _outlined() {
        const gd = this.container, selections = jsonable(gd.layout.selections || []);
        for (const selection of selections) delete selection.line;  // as the layout's newselection says
        if (selections.length || !gd._dragging) {
          this._outlines = (this._outlines || 0) + 1;
          return void this._send('selections', {selections});
        }
        const turn = this._outlines, wait = () => {
          if (gd._dragging) return void setTimeout(wait, DRAG_POLL_MS);
          if (this._outlines === turn) this._outlined();
        };
        setTimeout(wait, DRAG_POLL_MS);
      }

      // A picture that is drawn on tells what a gesture changed, others all their shapes.
      _drawn() {
        const gd = this.container;
        if (!brushlinkDraw.asked(gd)) return void this._send('shapes', {shapes: jsonable(gd.layout.shapes || [])});
        this._gesture();
      }
      _gesture() {
        const gesture = brushlinkDraw.gesture(this.container);
        if (gesture) this._send('drawn', gesture);
      }

      _relayouted(change) {
        const gd = this.container, keys = Object.keys(change || {});
        if (keys.every((k) => k === 'width' || k === 'height' || k === 'autosize')) return;
        if (keys.some((k) => k.startsWith('shapes'))) this._drawn();
        if (keys.some((k) => k.startsWith('selections'))) this._outlined();
        const rest = {};
        for (const k of keys) if (!/^(shapes|selections|width|height)/.test(k)) rest[k] = jsonable(change[k]);
        if (Object.keys(rest).length) this._send('relayout', rest);
        this._report_state();
      }
    }

    class LinkedPlot extends Base {}
    LinkedPlot.__name__ = 'LinkedPlot';
    LinkedPlot.__module__ = 'dashboards.parts.plotly_model';
    LinkedPlot.prototype.default_view = LinkedPlotView;
    LinkedPlot.define(({Any, Nullable}) => ({ops: [Nullable(Any), null], topojson: [Nullable(Any), null]}));
    Bokeh.Models.register(LinkedPlot);
    return true;
  }

  // The documents are built when the page has loaded: install before that, whatever the order of the scripts.
  if (!install()) {
    document.addEventListener('DOMContentLoaded', install);
    const poll = () => { if (!install()) setTimeout(poll, 5); };
    poll();
  }
})();
