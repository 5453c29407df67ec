// Beside page_clock.js, for bench_segment: when an answer to a stroke is on the screen, and how frames follow each other.
(() => {
  'use strict';
  const clock = window.strokeClock = {overlays: [], down: 0, up: 0, frames: []};
  clock.reset = () => Object.assign(clock, {overlays: [], down: 0, up: 0, frames: []});

  // What is laid over the picture, once it has been read and the frame that shows it is over.
  clock.watch = (gd) => {
    if (gd.strokeClocked) return;
    gd.strokeClocked = true;
    gd.addEventListener('load', (event) => {
      if (!event.target.closest('.layer-above')) return;
      const source = event.target.getAttribute('href') || event.target.getAttributeNS('http://www.w3.org/1999/xlink', 'href');
      const place = ['x', 'y', 'width', 'height'].map((name) => Number(event.target.getAttribute(name)));
      requestAnimationFrame(() => {
        const after = new MessageChannel();
        after.port1.onmessage = () => clock.overlays.push([performance.now(), source, place]);
        after.port2.postMessage(0);
      });
    }, true);
  };
  window.addEventListener('mousedown', () => { clock.down = performance.now(); }, true);
  window.addEventListener('mouseup', () => { clock.up = performance.now(); }, true);
  const tick = (now) => { if (clock.down && !clock.up) clock.frames.push(now); requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
})();
