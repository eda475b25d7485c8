// Lists: the whole row opens, j/k/Enter/x from the keyboard, ranges with Shift, the bulk bar only when rows are chosen.
(() => {
  const rows = () => [...document.querySelectorAll("[data-list] tbody tr[data-row], [data-rows] > [data-row]")];
  const boxes = (list) => [...list.querySelectorAll("input[data-choose]")];
  let last = null;

  const showChosen = () => document.querySelectorAll("[data-list]").forEach((list) => {
    const all = boxes(list);
    const chosen = all.filter((box) => box.checked).length;
    const bar = list.querySelector("[data-bulk]");
    const everything = bar?.querySelector("[data-choose-everything]");
    if (everything && chosen < all.length) everything.checked = false;
    if (bar) {
      bar.hidden = chosen === 0;
      bar.querySelector("[data-chosen]").textContent = everything?.checked ? everything.dataset.chooseEverything : chosen;
    }
    const head = list.querySelector("[data-choose-all]");
    if (head) { head.checked = chosen > 0 && chosen === all.length; head.indeterminate = chosen > 0 && chosen < all.length; }
  });

  const chooseRange = (from, to) => {
    const all = boxes(to.closest("[data-list]"));
    const [start, end] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
    if (start >= 0) all.slice(start, end + 1).forEach((box) => { box.checked = to.checked; });
  };

  document.addEventListener("click", (event) => {
    const box = event.target.closest("input[data-choose]");
    if (box) {
      if (event.shiftKey && last) chooseRange(last, box);
      last = box;
      return showChosen();
    }
    const head = event.target.closest("[data-choose-all]");
    if (head) boxes(head.closest("[data-list]")).forEach((one) => { one.checked = head.checked; });
    const everything = event.target.closest("[data-choose-everything]");
    if (everything) boxes(everything.closest("[data-list]")).forEach((one) => { one.checked = one.checked || everything.checked; });
    const none = event.target.closest("[data-choose-none]");
    if (none) boxes(none.closest("[data-list]")).forEach((one) => { one.checked = false; });
    if (head || none || everything) return showChosen();
    return openRow(event);
  });

  // The same as Shift and a click: from where the last one was chosen to here.
  const chooseUpTo = (box) => {
    if (!box) return;
    box.checked = true;
    if (last) chooseRange(last, box);
    last = box;
    showChosen();
  };

  const openRow = (event) => {
    const row = event.target.closest("[data-list] tr[data-row]");
    if (!row || event.target.closest("a, button, input, label, select, summary") || String(window.getSelection())) return;
    const link = row.querySelector("a[data-open], .row-name");
    if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
    else link.click();
  };

  const current = () => document.querySelector("[data-list] tr.is-current, [data-rows] > .is-current");
  const go = (by) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    current()?.classList.remove("is-current");
    next.classList.add("is-current");
    next.querySelector("a[data-open], .row-name").focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  const deeds = {
    j: () => go(1),
    k: () => go(-1),
    x: () => current()?.querySelector("input[data-choose]")?.click(),
    X: () => chooseUpTo(current()?.querySelector("input[data-choose]")),
    Enter: () => current()?.querySelector("a[data-open], .row-name").click(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !deeds[event.key] || !rows().length) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, a, button, summary, dialog") && event.key === "Enter") return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
    event.preventDefault();
    deeds[event.key]();
  });

  // After a swap the pressed link may be gone: the list takes the focus, so that the keyboard goes on from there.
  document.addEventListener("htmx:after:swap", (event) => {
    showChosen();
    if (!last?.isConnected) last = null; // something else may have come meanwhile, such as names for the bar
    const { target } = event.detail.ctx;
    const list = target instanceof Element && target.id ? document.getElementById(target.id) : null;
    if (list?.matches("[data-list]") && document.activeElement === document.body) list.focus({ preventScroll: true });
  });
  showChosen();
})();
