// The box of every page: suggestions come by htmx; here they get the keyboard (combobox with a list).
(() => {
  const input = document.getElementById("search-all");
  const found = document.getElementById("search-found");
  if (!input || !found) return;
  const status = document.getElementById("search-status");
  const options = () => [...found.querySelectorAll("[role=option]")];
  const chosen = () => found.querySelector("[aria-selected=true]");

  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  };
  const show = (shown) => {
    found.hidden = !shown;
    input.setAttribute("aria-expanded", String(shown));
    if (document.getElementById("search-list")) input.setAttribute("aria-controls", "search-list");
    if (!shown) choose(null);
  };
  const move = (by) => {
    const all = options();
    if (!all.length) return;
    if (found.hidden) show(true);
    const at = all.indexOf(chosen());
    const next = at + by;
    choose(next < 0 || next >= all.length ? (at < 0 ? all[by > 0 ? 0 : all.length - 1] : null) : all[next]);
  };

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); move(event.key === "ArrowDown" ? 1 : -1); }
    if (event.key === "Enter" && !found.hidden && chosen()) { event.preventDefault(); chosen().click(); }
    if (event.key === "Escape") {
      if (found.hidden) input.blur();
      else { event.preventDefault(); show(false); }
    }
  });
  // Answers of an earlier question may come late: only what belongs to the words in the box is shown.
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.target !== found || document.activeElement !== input) return;
    choose(null);
    show(true);
    status.textContent = found.querySelector("[data-said]")?.dataset.said || "";
  });
  input.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== input && !found.contains(document.activeElement)) show(false); }, 120));
  document.addEventListener("pointerdown", (event) => { if (!event.target.closest(".top-search")) show(false); });
})();
