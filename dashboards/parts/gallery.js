// Search and filter of the gallery, in the page alone; the choice stands in the address.
(() => {
  document.getElementById("mode").addEventListener("click", (event) => {
    if (window.saved) {
      const dark = document.documentElement.classList.toggle("brushlink-dark")
      event.currentTarget.title = dark ? "Light mode" : "Dark mode"
      event.currentTarget.setAttribute("aria-label", event.currentTarget.title)
      return
    }
    cookie("brushlink-theme", document.documentElement.classList.contains("brushlink-dark") ? "light" : "dark")
    const here = new URL(location.href)
    here.searchParams.delete("theme")
    history.replaceState(null, "", here)
    location.reload()
  })

  const code = document.getElementById("code")
  if (code) {
    const copy = document.getElementById("copy")
    copy.addEventListener("click", async () => {
      const text = code.textContent
      let done = true
      try {
        await navigator.clipboard.writeText(text)
      } catch {
        // Without https there is no clipboard: the old way still works.
        getSelection().selectAllChildren(code)
        done = document.execCommand("copy")
        getSelection().removeAllRanges()
      }
      copy.textContent = done ? "Copied" : "Select and copy by hand"
    })
    return
  }

  const search = document.getElementById("search")
  const cards = [...document.querySelectorAll(".card")]
  const buttons = [...document.querySelectorAll(".tags button")]
  const nothing = document.getElementById("nothing")
  const count = document.getElementById("count")
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "")

  const chosen = () => buttons.filter((button) => button.getAttribute("aria-pressed") === "true").map((button) => button.dataset.tag)
  function show() {
    const terms = plain(search.value).split(/\s+/).filter(Boolean)
    const tags = chosen()
    let shown = 0
    for (const card of cards) {
      const words = plain(card.dataset.search)
      const own = card.dataset.tags.split("|")
      const fits = terms.every((term) => words.includes(term)) && tags.every((tag) => own.includes(tag))
      card.hidden = !fits
      shown += fits
    }
    const all = cards.length
    const noun = all === 1 ? "dashboard" : "dashboards"
    count.textContent = shown === all ? `${all} ${noun}` : `${shown} of ${all} ${noun}`
    nothing.hidden = shown > 0
    const asked = [...(search.value.trim() ? [`“${search.value.trim()}”`] : []), ...tags.map((tag) => `#${tag}`)]
    nothing.querySelector("p").textContent = `Nothing matches ${asked.join(" with ")}.`
    const here = new URL(location.href)
    for (const [key, value] of [["q", search.value.trim()], ["tags", tags.join("|")]]) {
      if (value) { here.searchParams.set(key, value) } else { here.searchParams.delete(key) }
    }
    if (here.href !== location.href) { history.replaceState(null, "", here) }
  }
  function clear() {
    search.value = ""
    buttons.forEach((button) => button.setAttribute("aria-pressed", "false"))
    show()
    search.focus()
  }
  search.addEventListener("input", show)
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { clear(); event.preventDefault() }
    if (event.key === "Enter") { cards.find((card) => !card.hidden)?.querySelector("h2 a").focus() }
  })
  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"))
      show()
    })
  }
  nothing.querySelector("button").addEventListener("click", clear)
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && document.activeElement !== search) {
      event.preventDefault()
      search.focus()
    }
  })

  const given = new URL(location.href).searchParams
  search.value = given.get("q") ?? ""
  const wanted = (given.get("tags") ?? "").split("|")
  buttons.forEach((button) => button.setAttribute("aria-pressed", String(wanted.includes(button.dataset.tag))))
  show()
})()
