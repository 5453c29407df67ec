// Put into every measured page before its own scripts (see brush_clock.py): when something was painted, and what
// went over the websocket. Times are milliseconds since the navigation began.
(() => {
  'use strict';
  const clock = window.brushClock = {up: 0, changed: {}, painted: {}, frames: [], range: null, spent: {}};

  clock.reset = () => Object.assign(clock, {up: 0, changed: {}, painted: {}, frames: [], range: null, spent: {}});

  // -- the websocket: size and kind of each frame ----------------------------------------------------------------
  const size = (data) => typeof data === 'string' ? new TextEncoder().encode(data).length : data.byteLength ?? data.size;
  const kind = (data) => (typeof data === 'string' && /"msgtype":\s*"([A-Z-]+)"/.exec(data.slice(0, 400)) || [])[1] || '';
  const note = (sent, data) => clock.frames.push([performance.now(), sent, size(data), kind(data)]);
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', (event) => note(false, event.data));
    }
    send(data) { note(true, data); super.send(data); }
  };

  // -- pictures: their last change, and the end of the frame that showed it -----------------------------------------
  const painted = (name) => {
    clock.changed[name] = performance.now();
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => { clock.painted[name] = performance.now(); };
      after.port2.postMessage(0);
    });
  };
  // A picture counts from the moment its data is drawn, not its empty frame.
  const DRAWN = 'g.points path, .scatterlayer path, g.slice path';
  const watched = new Map();
  // Pictures are known from Plotly's being asked to draw them: to look for them through all shadow roots of the page
  // at each frame took a tenth of the time that was measured.
  const canvases = new Set();
  let plotly;
  Object.defineProperty(window, 'Plotly', {
    configurable: true,
    get: () => plotly,
    set: (given) => {
      plotly = given;
      if (!given) return;
      const plain = given.newPlot;
      given.newPlot = (gd, ...rest) => { canvases.add(gd); return plain.call(given, gd, ...rest); };
    },
  });
  const viewOf = (gd) => {
    // A saved file has no shadow roots: there it is the element around the picture.
    for (let host = gd.getRootNode().host || gd.parentElement; host; host = host.getRootNode().host) {
      const name = [...host.classList].find((one) => one.startsWith('view-'));
      if (name) return name.slice(5);
    }
    return null;
  };
  const look = (names) => {
    for (const gd of canvases) {
      const name = viewOf(gd);
      if (!names.includes(name) || watched.get(name) === gd || !gd.querySelector(DRAWN)) continue;
      watched.set(name, gd);
      painted(name);
      new MutationObserver(() => painted(name))
        .observe(gd, {subtree: true, childList: true, attributes: true, characterData: true});
      if (name === names[0]) gd.on('plotly_selected', (data) => { if (data && data.range) clock.range = data.range.x; });
    }
    if (watched.size < names.length) requestAnimationFrame(() => look(names));
    else spend(names);
  };
  let all = [];
  clock.watch = (names) => look(all = names);

  // Pictures of which something is on the screen as the page opens.
  clock.first = () => all.filter((name) => {
    const box = watched.get(name).getBoundingClientRect();
    return box.top < window.innerHeight && box.bottom > 0;
  });

  // What was measured, when every picture is painted (after a brush: anew) and none has changed for a while; else null.
  clock.rest = (quiet, brushed) => {
    const {up, changed, painted, frames, range, spent} = clock, start = brushed ? up : 0;
    if (!all.length || (brushed && !(up && range))) return null;
    if (!all.every((name) => changed[name] >= start && painted[name] >= changed[name])) return null;
    // The server confirms each message when its work for it is done.
    const sent = frames.filter(([, ours, , kind]) => ours && kind === 'PATCH-DOC').length;
    const done = frames.filter(([, ours, , kind]) => !ours && kind === 'OK').length;
    if (brushed && done < sent) return null;
    if (performance.now() - Math.max(...all.map((name) => painted[name])) < quiet) return null;
    return {up, painted, frames, range, spent};
  };

  // -- where the time goes: Plotly's calls a picture ------------------------------------------------------------------
  const spend = (names) => {
    for (const call of ['update', 'restyle', 'relayout', 'react', 'newPlot']) {
      const plain = window.Plotly[call];
      window.Plotly[call] = function (gd, ...rest) {
        const name = names.find((n) => watched.get(n) === gd) || '?', from = performance.now();
        const end = () => { clock.spent[name] = (clock.spent[name] || 0) + performance.now() - from; };
        const answer = plain.call(this, gd, ...rest);
        end();
        return answer;
      };
    }
  };

  window.addEventListener('mouseup', () => { clock.up = performance.now(); }, true);
})();
