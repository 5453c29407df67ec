// A cure of Panel's list (models/tabulator.ts): rows that arrive while it is being built are dropped, and the list shows
// the old ones until the next change. They are noted, and shown once it stands. Can go when its `setData` waits by itself.
const brushlinkLists = (() => {
  'use strict';
  function cure(Bokeh) {
    const model = Bokeh.Models.get('panel.models.tabulator.DataTabulator');
    const view = model && model.prototype.default_view.prototype;
    if (!view || view._brushlinkCured) return;
    const {setData, tableBuilt} = view;
    view._brushlinkCured = true;
    view.setData = function () {
      this._brushlinkLate = this._initializing || this._building || !this.tabulator.initialized;
      return setData.call(this);
    };
    view.tableBuilt = function () {
      tableBuilt.call(this);
      if (this._brushlinkLate) void this.setData().then(() => this.postUpdate());
    };
  }
  return {cure};
})();
