// A picture that is one slice of many: slider, wheel and keys, slices kept in the browser, crosshair; for slice_view.py.
// The picture says in `layout.meta.deck` which one it is. A slice that is at hand is shown at once, without Plotly; Python
// is told the newest one only, and sends with its answer what the browser says it lacks around it.
const brushlinkDeck = (() => {
  'use strict';
  const XLINK = 'http://www.w3.org/1999/xlink', SVG = 'http://www.w3.org/2000/svg';
  const AHEAD = 8, BEHIND = 2;   // neighbours asked for, in the direction of the last turn
  const KEPT = 64;               // slices kept in the browser; those farthest away go first
  const CLICK_PX = 4;            // a press that moves less is a click
  const REST_MS = 350;           // a turn by wheel or keys is over when nothing comes for so long
  const LOST_MS = 4000;          // an answer that is so late is not waited for any more
  const NOTHING = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
  const CSS = `
    .brushlink-deck { position: absolute; left: 8px; right: 8px; bottom: 0; height: 26px; display: flex; gap: 8px;
      align-items: center; font: 12px/1 var(--brushlink-font, sans-serif); color: var(--mui-palette-text-primary, currentColor); }
    .brushlink-deck output { white-space: nowrap; font-variant-numeric: tabular-nums; min-width: 15ch; }
    .brushlink-deck input { flex: 1; min-width: 60px; margin: 0; height: 24px; accent-color: var(--mui-palette-primary-main, #0072b2); }
    .brushlink-deck-behind .shapelayer { visibility: hidden; }
    .brushlink-cross { fill: none; stroke-width: 1; pointer-events: none; vector-effect: non-scaling-stroke; }`;
  const TYPING = ['INPUT', 'TEXTAREA', 'SELECT'];

  const deckOf = (gd) => gd._brushlinkDeck;

  let turned_at = -REST_MS;
  // Resolves when no hand has turned for a while; null when none turns.
  const rest = () => {
    const left = turned_at + REST_MS - performance.now();
    return left <= 0 ? null : new Promise((done) => setTimeout(done, left)).then(rest);
  };

  // -- showing ------------------------------------------------------------------------------------------------

  const setHref = (element, uri) => {
    element.setAttributeNS(XLINK, 'xlink:href', uri);
    element._imgSrc = uri;
  };

  // What Plotly would do with restyle({source}) and relayout({'images[0].source'}), without drawing all anew.
  function swap(gd, base, over) {
    const full = gd._fullData && gd._fullData[0];
    if (base && full && full.source !== base) {
      gd.data[0].source = full.source = base;
      const image = gd.querySelector('.imagelayer .im image, .im > image');
      if (image) setHref(image, base);
    }
    const layer = gd._fullLayout.images && gd._fullLayout.images[0];
    if (over !== undefined && layer && layer.source !== (over || NOTHING)) {
      layer.source = over || NOTHING;
      if (gd.layout.images && gd.layout.images[0]) gd.layout.images[0].source = layer.source;
      const image = gd.querySelector('.layer-above .imagelayer image, .layer-above > image, .layer-above image');
      if (image) setHref(image, layer.source);
    }
  }

  const overOf = (deck, n) => deck.blank ? '' : deck.over.get(n);

  // Show a slice if its picture is here and its overlay is no older one; false when Python has to send it.
  function show(gd, n) {
    const deck = deckOf(gd), base = deck.base.get(n), over = overOf(deck, n);
    if (base === undefined || over === undefined) return false;
    deck.n = n;
    swap(gd, base, over);
    const {gb, go, blank, cross} = deck;
    Object.assign((gd.layout.meta || {}).deck || {}, {n, gb, go, blank, cross});  // a view that comes back begins here
    gd.classList.toggle('brushlink-deck-behind', deck.answered !== n);
    gd.dispatchEvent(new CustomEvent('brushlink-slice', {detail: n, bubbles: true, composed: true}));
    say(gd);
    return true;
  }

  function say(gd) {
    const deck = deckOf(gd);
    if (!deck.slider) return;
    if (Number(deck.slider.value) !== deck.wanted) deck.slider.value = deck.wanted;
    const mm = deck.mm ? ` · ${(deck.mm[0] + deck.mm[1] * deck.n).toFixed(1)} mm` : '';
    deck.label.textContent = `${deck.title} ${deck.n} / ${deck.count - 1}${mm}`;
    deck.slider.setAttribute('aria-valuetext', deck.label.textContent);
  }

  function cross(gd) {
    const deck = deckOf(gd), full = gd._fullLayout;
    if (!deck || !full || !full.xaxis || !full._zoomlayer) return;
    const layer = full._zoomlayer.node(), {xaxis, yaxis} = full;
    let group = layer.querySelector('.brushlink-cross');
    if (!deck.cross) return void (group && group.remove());
    if (!group) {
      group = layer.appendChild(document.createElementNS(SVG, 'g'));
      group.setAttribute('class', 'brushlink-cross');
      for (const color of deck.colors) group.appendChild(document.createElementNS(SVG, 'path')).setAttribute('stroke', color);
    }
    const [x, y] = deck.cross, px = xaxis.d2p(x), py = yaxis.d2p(y), gap = 6;
    const left = xaxis._offset, top = yaxis._offset, w = xaxis._length, h = yaxis._length;
    const clear = (v, size) => Math.min(Math.max(v, 0), size);
    const lines = [
      px >= 0 && px <= w ? `M${left + px},${top}V${top + clear(py - gap, h)}M${left + px},${top + clear(py + gap, h)}V${top + h}` : '',
      py >= 0 && py <= h ? `M${left},${top + py}H${left + clear(px - gap, w)}M${left + clear(px + gap, w)},${top + py}H${left + w}` : '',
    ];
    group.querySelectorAll('path').forEach((path, i) => path.setAttribute('d', lines[i]));
  }

  // -- turning ------------------------------------------------------------------------------------------------

  // Neighbours whose picture or overlay is not here.
  function lacking(deck, stock, n) {
    const found = stock.has(n) ? [] : [n];
    for (let k = 1; k <= AHEAD; k++) {
      for (const m of [n + k * deck.way, ...(k <= BEHIND ? [n - k * deck.way] : [])]) {
        if (m >= 0 && m < deck.count && !stock.has(m)) found.push(m);
      }
    }
    return found;
  }

  function tell(view, gd) {
    const deck = deckOf(gd), n = deck.wanted;
    if (deck.asked !== null && Date.now() - deck.asked_at < LOST_MS) return;
    const base = lacking(deck, deck.base, n), over = deck.blank ? [] : lacking(deck, deck.over, n);
    if (deck.answered === n && deck.done === deck.over_by_hand && !base.length && !over.length) return;
    deck.asked = n;
    deck.asked_at = Date.now();
    // Told once: asking for neighbours later is no turn.
    const end = deck.over_by_hand && !deck.done;
    deck.done = deck.over_by_hand;
    view._send('slice', {n, base, over, rev: [deck.gb, deck.go], end, of: deck.of});
  }

  function turn(view, gd, n, end) {
    const deck = deckOf(gd), to = Math.min(Math.max(Math.round(n), 0), deck.count - 1);
    if (to !== deck.wanted) deck.way = to > deck.wanted ? 1 : -1;
    deck.wanted = to;
    deck.over_by_hand = Boolean(end);
    turned_at = end ? -REST_MS : performance.now();
    clearTimeout(deck.timer);
    if (!end) deck.timer = setTimeout(() => { deck.over_by_hand = true; tell(view, gd); }, REST_MS);
    show(gd, to);
    say(gd);
    tell(view, gd);
  }

  // Python's part: another slice, new pictures, where the cross is.
  function take(view, gd, op) {
    const deck = deckOf(gd);
    if (!deck) return;
    for (const key of ['title', 'count', 'mm', 'cross', 'blank', 'colors']) if (key in op) deck[key] = op[key];
    if ('count' in op && deck.slider) deck.slider.max = op.count - 1;
    for (const [rev, stock] of [['gb', deck.base], ['go', deck.over]]) {
      if (op[rev] !== undefined && op[rev] !== deck[rev]) {
        deck[rev] = op[rev];
        stock.clear();
      }
    }
    for (const [n, uri] of op.base || []) keep(deck, deck.base, n, uri);
    for (const [n, uri] of op.over || []) keep(deck, deck.over, n, uri);
    if (op.n !== undefined) {
      deck.answered = op.n;
      // What Python was asked for; or it moved by itself, and the hand is elsewhere no more.
      if (deck.asked === null || op.n !== deck.asked) deck.wanted = op.n;
      deck.asked = null;
    }
    if (!show(gd, deck.wanted)) say(gd);
    gd.classList.toggle('brushlink-deck-behind', deck.answered !== deck.n);
    if ('cross' in op) cross(gd);
    tell(view, gd);
  }

  function keep(deck, stock, n, uri) {
    stock.set(n, uri);
    if (stock.size <= KEPT) return;
    const far = [...stock.keys()].reduce((worst, m) => Math.abs(m - deck.wanted) > Math.abs(worst - deck.wanted) ? m : worst);
    stock.delete(far);
  }

  // -- hands --------------------------------------------------------------------------------------------------

  const place = (gd, event) => {
    const box = gd.getBoundingClientRect(), {xaxis, yaxis} = gd._fullLayout;
    const x = event.clientX - box.left - xaxis._offset, y = event.clientY - box.top - yaxis._offset;
    return {inside: x >= 0 && y >= 0 && x <= xaxis._length && y <= yaxis._length, data: [xaxis.p2d(x), yaxis.p2d(y)]};
  };

  function point(view, gd, event, end) {
    const at = place(gd, event), deck = deckOf(gd);
    if (!at.inside) return;
    deck.cross = at.data.map(Math.round);
    cross(gd);
    if (deck.pointing && !end) return void (deck.next = at.data);
    deck.pointing = true;
    deck.next = null;
    view._send('point', {x: at.data[0], y: at.data[1], end, of: deck.of});
    setTimeout(() => {
      deck.pointing = false;
      if (deck.next) { const [x, y] = deck.next; deck.next = null; view._send('point', {x, y, end: true, of: deck.of}); }
    }, 50);
  }

  const onBar = (event) => event.composedPath().some((node) => node.classList
    && (node.classList.contains('modebar') || node.classList.contains('brushlink-deck')));

  function install(view, gd) {
    const said = gd.layout && gd.layout.meta && gd.layout.meta.deck;
    if (!said || deckOf(gd)) return void (said && open(gd, said));
    gd._brushlinkDeck = {base: new Map(), over: new Map(), way: 1, asked: null, pointing: false};
    const style = document.createElement('style');
    style.textContent = CSS;
    const bar = document.createElement('div');
    bar.className = 'brushlink-deck';
    const label = bar.appendChild(document.createElement('output'));
    const slider = bar.appendChild(document.createElement('input'));
    slider.type = 'range';
    slider.min = 0;
    Object.assign(deckOf(gd), {slider, label});
    gd.append(style, bar);
    open(gd, said);
    slider.addEventListener('input', () => turn(view, gd, Number(slider.value), false));
    slider.addEventListener('change', () => turn(view, gd, Number(slider.value), true));
    gd.addEventListener('wheel', (event) => {
      if (event.ctrlKey || event.metaKey || !place(gd, event).inside || onBar(event)) return;
      event.preventDefault();
      event.stopPropagation();
      const deck = deckOf(gd);
      deck.wheel = (deck.wheel || 0) + (event.deltaMode ? event.deltaY * 40 : event.deltaY);
      const steps = Math.trunc(deck.wheel / 40);
      if (!steps) return;
      deck.wheel -= steps * 40;
      turn(view, gd, deck.wanted - Math.sign(steps) * Math.max(1, Math.round(Math.abs(steps) / 3)), false);
    }, {capture: true, passive: false});
    gd.addEventListener('mousedown', (event) => {
      const tool = ((gd.layout.meta || {}).drawing || {}).tool;
      if (event.button !== 0 || onBar(event) || !place(gd, event).inside) return;
      if (event.shiftKey) {
        event.stopPropagation();
        event.preventDefault();
        return void point(view, gd, event, true);
      }
      if (tool && tool !== 'move') return;
      window.addEventListener('mouseup', (up) => {
        if (Math.hypot(up.clientX - event.clientX, up.clientY - event.clientY) < CLICK_PX) point(view, gd, up, true);
      }, {capture: true, once: true});
    }, true);
    gd.addEventListener('mousemove', (event) => { if (event.shiftKey && !event.buttons) point(view, gd, event, false); });
    const keys = (event) => {
      if (!gd.isConnected) return void document.removeEventListener('keydown', keys);
      const step = {ArrowUp: 1, ArrowDown: -1, ArrowRight: 1, ArrowLeft: -1, PageUp: 10, PageDown: -10}[event.key];
      const target = event.composedPath()[0];
      if (!step || event.ctrlKey || event.metaKey || event.altKey || !gd.matches(':hover')) return;
      if (target.isContentEditable || TYPING.includes(target.tagName)) return;
      event.preventDefault();
      turn(view, gd, deckOf(gd).wanted + step, false);
    };
    document.addEventListener('keydown', keys);
    for (const name of ['plotly_afterplot', 'plotly_relayout', 'plotly_relayouting']) gd.on(name, () => cross(gd));
    // Neighbours are fetched for a hand that comes near, not while the page loads.
    gd.addEventListener('pointerenter', () => tell(view, gd));
  }

  // The picture as it was first drawn, or drawn anew with another volume, is one slice of the deck.
  function open(gd, said) {
    const deck = deckOf(gd);
    if (deck.of === said.of && deck.gb === said.gb && deck.go === said.go) return;
    deck.base.clear();
    deck.over.clear();
    Object.assign(deck, {gb: null, go: null, blank: true, colors: ['#fff', '#fff']}, said,
      {wanted: said.n, answered: said.n, asked: null, over_by_hand: true, done: true});
    deck.slider.max = deck.count - 1;
    deck.slider.setAttribute('aria-label', `${deck.title} slice`);
    deck.base.set(said.n, gd.data[0].source);
    if (!deck.blank && gd.layout.images && gd.layout.images[0]) deck.over.set(said.n, gd.layout.images[0].source);
    say(gd);
    cross(gd);
  }

  return {install, take, rest};
})();
