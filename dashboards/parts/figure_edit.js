// The line in which an edit is typed. Talks to dashboards/parts/figure_edit.py. Text is set as text.

const EXAMPLES = ["layout.title.font.size = 25", "title_font_size=25", '{"title": {"font": {"size": 25}}}',
  "data[0].x = [1, 2, 3]", 'fig.update_traces(marker_color="tomato")']

export function render({model}) {
  const make = (tag, cls, text) => {
    const made = document.createElement(tag)
    if (cls) { made.className = cls }
    if (text !== undefined) { made.textContent = text }
    return made
  }
  const root = make("div", "edit")
  const form = make("form")
  const label = make("label", "", "Edit by path")
  const field = make("input")
  field.type = "text"
  field.id = "edit"
  field.autocomplete = "off"
  field.spellcheck = false
  // A phone has room for one of the three spellings; the others are among the examples.
  const roomy = EXAMPLES.slice(0, matchMedia("(max-width: 600px)").matches ? 1 : 3)
  field.placeholder = roomy.join("   or   ")
  label.htmlFor = "edit"
  const go = make("button", "go", "Apply")
  go.type = "submit"
  form.append(label, field, go)
  const wrong = make("p", "wrong")
  wrong.setAttribute("role", "alert")
  const hints = make("p", "hints", "Try ")
  for (const example of EXAMPLES) {
    const made = make("button", "", example)
    made.type = "button"
    made.addEventListener("click", () => { field.value = example; field.focus() })
    hints.append(made)
  }
  const said = make("div", "said")
  said.setAttribute("aria-live", "polite")
  const below = make("div", "below")
  below.append(wrong, said, hints)
  root.append(form, below)
  let shown = false, sent = ""

  form.addEventListener("submit", (event) => {
    event.preventDefault()
    const text = field.value
    sent = text
    // What is too long is told of, not sent.
    model.send_msg({type: "typed", text: text.slice(0, model.limit), length: text.length})
  })

  // In JupyterLab, Enter does not submit a form by itself.
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); form.requestSubmit() }
  })

  function show_answer() {
    const {spellings = [], rows = [], proof = ""} = model.answer
    shown = rows.length > 0
    show_error()
    const list = make("dl")
    for (const [name, code] of spellings) {
      list.append(make("dt", "", name), make("dd", "", code))
    }
    const changes = make("ul", "changes")
    for (const [path, before, after] of rows) {
      const row = make("li")
      row.append(make("code", "path", path))
      if (after) { row.append(make("del", "", before), make("span", "arrow", "→"), make("ins", "", after)) }
      changes.append(row)
    }
    said.replaceChildren(changes, list)
    if (proof) { said.append(make("p", "proof", proof)) }
  }
  model.on("answer", show_answer)
  // What is wrong stands where the answer stood: the picture below keeps its place.
  function show_error() {
    wrong.textContent = model.error
    wrong.hidden = !model.error
    said.hidden = Boolean(model.error) || !shown
    hints.hidden = shown && !model.error
    field.setAttribute("aria-invalid", String(Boolean(model.error)))
  }
  model.on("error", show_error)
  // By then the next edit may have been begun.
  model.on("done", () => { if (field.value === sent) { field.value = "" } })
  show_answer()
  return root
}
