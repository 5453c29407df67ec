// Cures of what Panel's own scripts do in the browser; each says when it can go.
const brushlinkPanel = (() => {
  'use strict';

  // The prototype of a model that is not cured yet, or null.
  const uncured = (Bokeh, name) => {
    const model = Bokeh.Models.get(name), found = model && model.prototype;
    if (!found || Object.hasOwn(found, '_brushlinkCured')) return null;
    found._brushlinkCured = true;
    return found;
  };

  // A list (models/tabulator.ts) drops the rows that arrive while it is being built, and shows the old ones until the next
  // change. They are noted, and shown once it stands. Can go when its `setData` waits by itself.
  function lists(Bokeh) {
    const model = uncured(Bokeh, 'panel.models.tabulator.DataTabulator');
    if (!model) return;
    const view = model.default_view.prototype;
    const {setData, tableBuilt} = view;
    view.setData = function () {
      this._brushlinkLate = this._initializing || this._building || !this.tabulator.initialized;
      return setData.call(this);
    };
    view.tableBuilt = function () {
      tableBuilt.call(this);
      if (this._brushlinkLate) void this.setData().then(() => this.postUpdate());
    };
  }

  // A widget of React (models/react_component.ts) tells Python every value that it shows, also those that came from
  // Python: of two that come quickly, the first is told when the second stands already, and takes its place in both.
  // Only what the widget itself changed is told. Can go when `useState` there tells no value that it was given.
  const TOLD = 'targetModel.setv({ [resolvedProp]: value })', RETURNED = 'return [value, setValue]';
  const OURS = `let own = React.useRef(false)
          const change = React.useCallback((next) => {
            own.current = typeof next === 'function' || next !== targetModel.attributes[resolvedProp]
            setValue(next)
          }, [])
          return [value, change]`;
  function widgets(Bokeh) {
    const model = uncured(Bokeh, 'panel.models.esm.ReactComponent');
    if (!model) return;
    const {_render_code} = model;
    model._render_code = function () {
      const code = _render_code.call(this);
      if (!code.includes(TOLD) || !code.includes(RETURNED)) return code;
      return code.replace(TOLD, `if (own.current) { own.current = false; ${TOLD} }`).replace(RETURNED, OURS);
    };
  }

  function cure(Bokeh) {
    lists(Bokeh);
    widgets(Bokeh);
  }
  return {cure};
})();
