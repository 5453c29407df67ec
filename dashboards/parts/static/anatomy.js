// The anatomy of a figure in a saved file: the tree of the live dashboard, to look and to search, and the code.
brushlink.starts.anatomy = (page, data) => {
  const details = new Map(data.details), texts = new Map(data.texts), {element} = brushlink
  // A place where nothing is set has no words here; Plotly's default and what is in force come from the browser.
  const at = (path) => ({selected: path, detail: details.get(path) ?? {path, kind: "value"}})
  const tree = brushlink.component("tree", {view: data.view, nodes: data.nodes, message: "", brought: false, ...at(data.selected)},
    (message, set) => { if (message.type === "select") { set(at(message.path)) } })
  tree.shadowRoot.append(element("style", {}, "form, .add, .addable, .wrong { display: none !important }"))
  const code = brushlink.component("code", {tabs: data.tabs}, (message, set, tell) => {
    if (message.type === "copy") { tell({type: "text", text: texts.get(message.name) ?? ""}) }
  })
  const card = (label, made) => element("section", {class: "card", "aria-label": label}, made)
  document.getElementById("pictures").append(card("The tree of the figure", tree), card("Code", code))
  return {tree}
}
