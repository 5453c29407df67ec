// What is drawn on a map, as places on the globe; for linked_plot.js and saved files.
const brushlinkMap = (() => {
  'use strict';
  // A region drawn on a map, as [longitude, latitude] around it. Sides that are straight on the screen are bent on
  // the globe, so points along them are taken.
  const SIDE_PX = 24;
  const ring = (gd, map, data) => {
    const {projection} = gd._fullLayout[map]._subplot, isPlace = (p) => p && p.every(Number.isFinite);
    let corners = ((data.lassoPoints || {})[map] || (data.range || {})[map] || []).filter(isPlace).map((p) => projection(p));
    if (data.range && corners.length === 2) {
      const [[x0, y0], [x1, y1]] = corners;
      corners = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
    }
    const ring = corners.flatMap(([x, y], i) => {
      const [u, v] = corners[(i + 1) % corners.length], parts = Math.max(1, Math.ceil(Math.hypot(u - x, v - y) / SIDE_PX));
      return Array.from({length: parts}, (_, k) => projection.invert([x + (u - x) * k / parts, y + (v - y) * k / parts]));
    });
    return ring.filter(isPlace).map((p) => p.map((v) => Math.round(v * 1000) / 1000));
  };

  return {ring};
})();
