// Drawing on an image, for LinkedPlotly and drawing.py: widths in image pixels, tools that Plotly lacks, and only what a
// gesture changed sent to Python. A shape's name is "id;class;width": who it is, what it says, how wide on the image.
// The picture says in `layout.meta.drawing` that it is drawn on: {tool, mode, rev, keys}.
const brushlinkDraw = (() => {
  'use strict';
  const NAME = /^([^;]*);(\d+);([\d.]+)$/;
  const DAB_PX = 3;              // a press that moves less paints a dot
  const CLOSE_PX = 9;            // a click this near the first corner closes a polygon
  const DOUBLE_MS = 300;
  const CSS = `.shapelayer path, .select-outline { stroke-linecap: round; stroke-linejoin: round; }
    .brushlink-draws .shapelayer * { pointer-events: none !important; }
    .brushlink-erases .nsewdrag { cursor: cell !important; }
    .brushlink-draws .nsewdrag { cursor: crosshair; }
    .brushlink-ring { fill: none; stroke-width: 1.5px; pointer-events: none; filter: drop-shadow(0 0 1px #fff); }`;
  const TYPING = ['INPUT', 'TEXTAREA', 'SELECT'];
  let serial = 0;

  const asked = (gd) => (gd.layout && gd.layout.meta && gd.layout.meta.drawing) || null;
  const toolOf = (gd) => (asked(gd) || {}).tool;
  const parts = (shape) => NAME.exec((shape && shape.name) || '');
  const geometry = (s) => [s.type, s.path, s.x0, s.y0, s.x1, s.y1].join(' ');
  const shapesOf = (gd) => gd.layout.shapes || [];
  const relay = (gd, shapes) => window.Plotly.relayout(gd, {shapes});

  // -- how it looks -------------------------------------------------------------------------------------------

  // Plotly's widths are screen pixels whatever the zoom: set anew after each change of the view, without a redraw.
  function fit(gd) {
    const full = gd._fullLayout;
    if (!asked(gd) || !full || !full.xaxis || !full.xaxis.range) return;
    const k = full.xaxis._length / Math.abs(full.xaxis.range[1] - full.xaxis.range[0]);
    const width = (shape) => {
      const said = parts(shape), px = said ? Number(said[3]) : 0;
      return px > 0 ? Math.max(px * k, 1) : null;
    };
    const widths = shapesOf(gd).map((shape, i) => {
      const px = width(shape);
      if (px === null) return null;
      (shape.line || (shape.line = {})).width = px;
      if (full.shapes[i]) full.shapes[i].line.width = px;
      return px;
    });
    for (const group of gd.querySelectorAll('.shapelayer .shape-group')) {
      const px = widths[Number(group.getAttribute('data-index'))], path = group.querySelector('path');
      if (px && path) path.style.strokeWidth = px + 'px';
    }
    const pen = gd.layout.newshape, px = pen && width(pen);
    if (px) {
      (pen.line || (pen.line = {})).width = px;
      full.newshape.line.width = px;
    }
  }

  function dress(gd) {
    const tool = toolOf(gd);
    if (!tool) return;
    gd.classList.toggle('brushlink-draws', tool !== 'move');
    gd.classList.toggle('brushlink-erases', tool === 'erase');
    if (tool !== 'move' && gd._fullLayout._activeShapeIndex >= 0) gd._fullLayout._deactivateShape(gd);
    fit(gd);
  }

  // -- what Python knows --------------------------------------------------------------------------------------

  // Python said what the shapes are: from now on only what differs is told.
  function learned(gd) {
    gd._brushlinkKnown = new Map(shapesOf(gd).filter(parts).map((s) => [parts(s)[1], geometry(s)]));
  }

  // Ids in order, and the shapes that are new or changed. A new shape carries the pen's name, which has no id yet.
  function gesture(gd) {
    const known = gd._brushlinkKnown || new Map(), now = new Map(), changed = {};
    shapesOf(gd).forEach((shape, i) => {
      const said = parts(shape);
      if (!said) return;
      let id = said[1];
      if (!id || now.has(id)) {
        id = 'b' + Date.now().toString(36) + (serial++).toString(36);
        shape.name = `${id};${said[2]};${said[3]}`;
        if (gd._fullLayout.shapes[i]) gd._fullLayout.shapes[i].name = shape.name;
      }
      now.set(id, geometry(shape));
      if (known.get(id) !== now.get(id)) {
        const {type, path, x0, y0, x1, y1, name} = shape;
        changed[id] = type === 'path' ? {type, path, name} : {type, x0, y0, x1, y1, name};
      }
    });
    gd._brushlinkKnown = now;
    const same = known.size === now.size && !Object.keys(changed).length && [...known.keys()].every((id) => now.has(id));
    return same ? null : {rev: asked(gd).rev, ids: [...now.keys()], shapes: changed};
  }

  // -- tools --------------------------------------------------------------------------------------------------

  const place = (gd, event) => {
    const box = gd.getBoundingClientRect(), {xaxis, yaxis} = gd._fullLayout;
    const x = event.clientX - box.left - xaxis._offset, y = event.clientY - box.top - yaxis._offset;
    const inside = x >= 0 && y >= 0 && x <= xaxis._length && y <= yaxis._length;
    return {inside, x, y, data: [xaxis.p2d(x), yaxis.p2d(y)]};
  };
  const round = (value) => Math.round(value * 1000) / 1000;

  function add(gd, points, closed) {
    const pen = gd.layout.newshape || {}, path = 'M' + points.map((p) => p.map(round).join(',')).join('L') + (closed ? 'Z' : '');
    relay(gd, [...shapesOf(gd), {
      type: 'path', path, name: pen.name, xref: 'x', yref: 'y', layer: pen.layer, opacity: pen.opacity, editable: true,
      line: {...pen.line}, fillcolor: closed ? pen.fillcolor : 'rgba(0,0,0,0)',
    }]);
  }

  function eraseAt(gd, event, doomed) {
    for (const group of gd.querySelectorAll('.shapelayer .shape-group')) {
      const index = Number(group.getAttribute('data-index')), shape = shapesOf(gd)[index], path = group.querySelector('path');
      if (doomed.has(index) || !path || !parts(shape) || shape.editable === false) continue;
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(path.getScreenCTM().inverse());
      const area = shape.type !== 'line' && !(shape.type === 'path' && !/Z\s*$/.test(shape.path));
      if (!path.isPointInStroke(at) && !(area && path.isPointInFill(at))) continue;
      doomed.add(index);
      group.style.display = 'none';
    }
  }

  function erasing(gd, event) {
    const doomed = new Set();
    eraseAt(gd, event, doomed);
    const move = (e) => eraseAt(gd, e, doomed);
    const end = () => {
      window.removeEventListener('pointermove', move, true);
      window.removeEventListener('pointerup', end, true);
      if (doomed.size) relay(gd, shapesOf(gd).filter((_, i) => !doomed.has(i)));
    };
    window.addEventListener('pointermove', move, true);
    window.addEventListener('pointerup', end, true);
  }

  // A polygon by clicks: each adds a corner; a double click, the first corner or Enter closes it, Escape drops it.
  function outline(gd, hover) {
    const corners = gd._brushlinkCorners || [], layer = gd._fullLayout._zoomlayer.node();
    let path = layer.querySelector('.brushlink-polygon');
    if (!corners.length) return void (path && path.remove());
    if (!path) {
      path = layer.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'path'));
      path.setAttribute('class', 'brushlink-polygon');
      path.style.pointerEvents = 'none';
    }
    const {xaxis, yaxis, newshape} = gd._fullLayout;
    const px = ([x, y]) => [xaxis._offset + xaxis.d2p(x), yaxis._offset + yaxis.d2p(y)].join(',');
    path.setAttribute('d', 'M' + [...corners, ...(hover ? [hover] : [])].map(px).join('L'));
    Object.assign(path.style, {fill: newshape.fillcolor || 'none', stroke: newshape.line.color, strokeWidth: '2px'});
  }
  function closePolygon(gd) {
    const corners = gd._brushlinkCorners || [];
    gd._brushlinkCorners = [];
    outline(gd);
    if (corners.length > 2) add(gd, corners, true);
  }
  function corner(gd, event) {
    const at = place(gd, event), corners = gd._brushlinkCorners || (gd._brushlinkCorners = []);
    const {xaxis, yaxis} = gd._fullLayout, now = Date.now();
    const near = ([x, y]) => Math.hypot(xaxis.d2p(x) - at.x, yaxis.d2p(y) - at.y) < CLOSE_PX;
    const twice = corners.length && now - gd._brushlinkCornerAt < DOUBLE_MS && near(corners[corners.length - 1]);
    gd._brushlinkCornerAt = now;
    if (twice || (corners.length > 2 && near(corners[0]))) return void closePolygon(gd);
    corners.push(at.data);
    outline(gd);
  }

  // A ring as wide as the brush goes with the mouse: what a stroke will cover, at every zoom.
  function ring(gd, event) {
    const {_zoomlayer, xaxis, yaxis, dragmode} = gd._fullLayout, drawing = asked(gd), pen = gd.layout.newshape || {};
    const said = drawing && ['pen', 'line'].includes(drawing.tool) && dragmode === drawing.mode ? parts(pen) : null;
    const at = said && event.buttons === 0 ? place(gd, event) : null, layer = _zoomlayer.node();
    let made = layer.querySelector('.brushlink-ring');
    if (!at || !at.inside) return void (made && made.remove());
    if (!made) {
      made = layer.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'circle'));
      made.setAttribute('class', 'brushlink-ring');
    }
    const k = xaxis._length / Math.abs(xaxis.range[1] - xaxis.range[0]);
    made.setAttribute('cx', xaxis._offset + at.x);
    made.setAttribute('cy', yaxis._offset + at.y);
    made.setAttribute('r', Math.max(Number(said[3]) * k / 2, 1));
    made.style.stroke = (pen.line || {}).color;
  }

  // Plotly tells nobody which shape was clicked: look after it has dealt with the click.
  function tellPicked(view, gd) {
    if (toolOf(gd) !== 'move') return;
    setTimeout(() => {
      const active = gd._fullLayout ? gd._fullLayout._activeShapeIndex : -1;
      const said = active >= 0 ? parts(shapesOf(gd)[active]) : null, id = said ? said[1] : '';
      if (id !== (gd._brushlinkPicked || '')) view._send('picked', {id});
      gd._brushlinkPicked = id;
    }, 0);
  }

  // -- hands --------------------------------------------------------------------------------------------------

  function press(gd, event) {
    const tool = toolOf(gd);
    if (!tool || event.button !== 0 || gd._brushlinkSpace) return;
    if (gd._fullLayout.dragmode !== asked(gd).mode) return;  // one of Plotly's own buttons was pressed
    if (event.composedPath().some((node) => node.classList && node.classList.contains('modebar'))) return;
    const at = place(gd, event);
    if (!at.inside) return;
    if (tool === 'erase' || tool === 'polygon') {
      event.stopPropagation();
      if (event.type !== 'mousedown') return;  // preventing a pointerdown would prevent the mousedown
      event.preventDefault();
      (tool === 'erase' ? erasing : corner)(gd, event);
    } else if (tool === 'pen' && event.type === 'mousedown') {
      const end = (up) => {
        window.removeEventListener('mouseup', end, true);
        const moved = Math.hypot(up.clientX - event.clientX, up.clientY - event.clientY);
        if (moved < DAB_PX && toolOf(gd) === 'pen') add(gd, [at.data, at.data], false);
      };
      window.addEventListener('mouseup', end, true);
    }
  }

  function key(view, gd, event) {
    const drawing = asked(gd);
    if (!gd.isConnected) return void document.removeEventListener('keydown', gd._brushlinkKeys);
    if (!drawing || event.repeat || event.ctrlKey || event.metaKey || event.altKey || !gd.checkVisibility()) return;
    const target = event.composedPath()[0];
    const typed = target.isContentEditable || (TYPING.includes(target.tagName)
      && !['range', 'checkbox', 'radio', 'button', 'color'].includes(target.type));
    if (typed) return;
    const corners = gd._brushlinkCorners || [], active = gd._fullLayout._activeShapeIndex;
    if (event.key === 'Escape' && corners.length) gd._brushlinkCorners = [];
    else if (event.key === 'Enter' && corners.length) closePolygon(gd);
    else if (event.key === 'Backspace' && corners.length) corners.pop();
    else if ((event.key === 'Delete' || event.key === 'Backspace') && active >= 0) {
      gd._fullLayout._deactivateShape(gd);
      relay(gd, shapesOf(gd).filter((_, i) => i !== active));
    } else if (event.key === ' ' && ['BODY', 'HTML', 'MAIN'].includes(target.tagName)) {
      // While the space bar is held, dragging pans.
      gd._brushlinkSpace = gd._fullLayout.dragmode;
      gd._fullLayout.dragmode = 'pan';
      const up = (e) => {
        if (e.key !== ' ') return;
        document.removeEventListener('keyup', up, true);
        if (gd._fullLayout.dragmode === 'pan') gd._fullLayout.dragmode = gd._brushlinkSpace;
        gd._brushlinkSpace = null;
      };
      document.addEventListener('keyup', up, true);
    } else if ((drawing.keys || '').includes(event.key.toLowerCase()) && event.key.length === 1) {
      view._send('key', {key: event.key.toLowerCase()});
    } else return;
    outline(gd);
    event.preventDefault();
  }

  function install(view, gd) {
    if (!gd.querySelector('style.brushlink-drawing')) {
      const style = document.createElement('style');
      style.className = 'brushlink-drawing';
      style.textContent = CSS;
      gd.appendChild(style);
    }
    gd.addEventListener('mousedown', (event) => press(gd, event), true);
    gd.addEventListener('pointerdown', (event) => press(gd, event), true);
    gd.addEventListener('mousedown', () => window.addEventListener('mouseup', () => {
      // Plotly has the stroke by now, and tells of it when all is painted anew.
      if (gd._fullLayout && asked(gd)) view._gesture();
      tellPicked(view, gd);
    }, {once: true}), true);
    gd.addEventListener('mousemove', (event) => {
      ring(gd, event);
      if (toolOf(gd) === 'polygon' && (gd._brushlinkCorners || []).length) outline(gd, place(gd, event).data);
    });
    for (const name of ['mouseleave', 'mousedown', 'wheel']) {
      gd.addEventListener(name, () => gd.querySelector('.brushlink-ring')?.remove(), {capture: true, passive: true});
    }
    for (const name of ['plotly_afterplot', 'plotly_relayout', 'plotly_relayouting']) {
      gd.on(name, () => { fit(gd); outline(gd); });
    }
    gd._brushlinkKeys = (event) => key(view, gd, event);
    document.addEventListener('keydown', gd._brushlinkKeys);
    learned(gd);
    dress(gd);
  }

  // Python's part of a patch: what is drawn with goes past Plotly, which would paint the whole picture again.
  function take(gd, layout) {
    if (!('meta' in layout)) return false;
    gd.layout.meta = layout.meta;
    gd._fullLayout.meta = layout.meta;
    delete layout.meta;
    return true;
  }

  return {asked, install, take, learned, dress, fit, gesture};
})();
