// The board: cards are dragged, or moved from the keyboard. A card moves at once and goes back when the server refuses.
(() => {
  const { say, words } = window.leadcrm;
  const stepsDialog = document.getElementById("steps-dialog");
  const moveDialog = document.getElementById("move-dialog");
  const board = () => document.getElementById("board");
  const columnOf = (step) => document.querySelector(`[data-step="${CSS.escape(step)}"]`);
  const cards = (column) => [...column.querySelectorAll("[data-card]")];
  const list = (column) => column.querySelector("[data-cards]");
  const focus = (card) => card?.querySelector("a").focus();
  let chosen = null;
  let dragged = null;

  const send = async (url, values, again = true) => {
    const token = document.querySelector("meta[name=csrf-token]");
    const body = new URLSearchParams(values);
    body.set("csrf_token", token.content);
    const headers = { Accept: "application/json", "X-CSRFToken": token.content };
    const response = await fetch(url, { method: "POST", body, headers });
    const fresh = response.headers.get("X-CSRF-Token");
    if (fresh) token.content = fresh;
    if (fresh && !response.ok && again) return send(url, values, false);
    if (!(response.headers.get("Content-Type") || "").startsWith("application/json")) throw new Error(response.status);
    return { ok: response.ok, ...(await response.json()) };
  };
  const failed = () => say(words(navigator.onLine ? "failed" : "offline"), true);
  const moveUrl = (card) => board().dataset.moveUrl.replace(/0{8}-0{4}-0{4}-0{4}-0{12}/, card.dataset.card);
  const refreshTotals = (...columns) => columns.filter(Boolean).forEach((column) => {
    htmx.trigger(column.querySelector("[data-total]"), "refresh", {}, false);
  });

  const emptied = (column) => {
    const none = column.querySelector(".board-none");
    if (cards(column).length) none?.remove();
  };

  // What was moved can be moved back, for as long as the message stands.
  const sayMoved = (answer, card, from, to) => {
    say(answer.said);
    const toast = document.getElementById("notices").lastElementChild;
    if (!answer.undo || !toast) return;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: answer.undo_label });
    button.dataset.undo = "";
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        const back = await send(answer.undo, {});
        toast.remove();
        say(back.ok ? back.said : back.problem, !back.ok);
        if (!back.ok) return;
        if (from) { list(from).prepend(card); emptied(from); focus(card); } else card.remove();
        refreshTotals(from, to);
      } catch { failed(); button.disabled = false; }
    });
    toast.querySelector("div").after(button);
  };

  const move = async (card, step, more = {}) => {
    const from = card.closest("[data-step]");
    const to = columnOf(step);
    if (!from || from === to) return null;
    if (to?.hasAttribute("data-closes") && !more.asked) return ask(card, step);
    const next = card.nextElementSibling;
    const held = card.contains(document.activeElement) || more.keyboard;
    if (to) list(to).prepend(card); else card.hidden = true;
    if (to) emptied(to);
    card.classList.add("is-moving");
    if (held) focus(card);
    const back = () => {
      if (next?.isConnected) next.before(card); else list(from).append(card);
      card.hidden = false;
      if (held) focus(card);
    };
    try {
      const answer = await send(moveUrl(card), { ...more.values, step, back: board().dataset.address });
      if (answer.ok) {
        card.querySelector("[data-since]").textContent = answer.since;
        sayMoved(answer, card, from, to);
        refreshTotals(from, to);
      } else { back(); say(`${answer.name}: ${answer.problem}`, true); }
      return answer;
    } catch { back(); failed(); return null; } finally { card.classList.remove("is-moving"); }
  };

  // Closing asks why, before anything moves.
  const ask = async (card, step) => {
    chosen = card;
    const url = `${moveUrl(card)}?step=${encodeURIComponent(step)}&back=${encodeURIComponent(board().dataset.address)}`;
    await htmx.ajax("GET", url, { target: "#move-form", swap: "innerHTML" });
    if (!moveDialog.open) moveDialog.showModal();
    moveDialog.querySelector("select:not(#step):not(.is-replaced), textarea")?.focus();
  };
  moveDialog.addEventListener("submit", async (event) => {
    if (event.target.id !== "move-lead") return;
    event.preventDefault();
    const form = event.target;
    const values = Object.fromEntries(new FormData(form));
    try {
      const answer = await send(form.action, values);
      const problem = form.querySelector("[data-problem]");
      problem.hidden = answer.ok;
      if (!answer.ok) { problem.textContent = answer.problem; return; }
      moveDialog.close();
      const from = chosen.closest("[data-step]");
      const to = columnOf(values.step);
      if (to) { list(to).prepend(chosen); emptied(to); } else chosen.hidden = true;
      sayMoved(answer, chosen, from, to);
      refreshTotals(from, to);
      focus(chosen);
    } catch { failed(); }
  });
  moveDialog.addEventListener("click", (event) => {
    if (!event.target.closest(".form-buttons a")) return;
    event.preventDefault();
    moveDialog.close();
    focus(chosen);
  });

  const openSteps = (card) => {
    chosen = card;
    const here = card.closest("[data-step]").dataset.step;
    stepsDialog.querySelector("[data-card-name]").textContent = card.querySelector("a").textContent;
    stepsDialog.querySelectorAll("[data-to]").forEach((button) => { button.disabled = button.dataset.to === here; });
    stepsDialog.showModal();
    stepsDialog.querySelector("[data-to]:not(:disabled)").focus();
  };
  stepsDialog.addEventListener("click", (event) => {
    const button = event.target.closest("[data-to]");
    if (!button) return;
    stepsDialog.close();
    move(chosen, button.dataset.to, { keyboard: true });
  });
  stepsDialog.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...stepsDialog.querySelectorAll("[data-to]:not(:disabled)")];
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-card] [data-move]");
    if (!opener || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    openSteps(opener.closest("[data-card]"));
  });

  // From card to card, and from step to step.
  const beside = (card, by) => {
    const columns = [...document.querySelectorAll("[data-step]")];
    return columns[columns.indexOf(card.closest("[data-step]")) + by];
  };
  const keys = {
    ArrowDown: (card) => focus(cards(card.closest("[data-step]"))[cards(card.closest("[data-step]")).indexOf(card) + 1]),
    ArrowUp: (card) => focus(cards(card.closest("[data-step]"))[cards(card.closest("[data-step]")).indexOf(card) - 1]),
    ArrowRight: (card) => { const next = beside(card, 1); if (next) focus(cards(next)[0]); },
    ArrowLeft: (card) => { const next = beside(card, -1); if (next) focus(cards(next)[0]); },
    m: openSteps,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "u" && !event.target.matches("input, textarea, select")) {
      [...document.querySelectorAll("#notices [data-undo]")].pop()?.click();
      return;
    }
    const card = event.target.closest?.("[data-card]");
    if (!card) return;
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const to = event.shiftKey && way ? beside(card, way) : null;
    if (to && card.draggable) { event.preventDefault(); move(card, to.dataset.step, { keyboard: true }); }
    else if (!event.shiftKey && keys[event.key] && (event.key !== "m" || card.draggable)) { event.preventDefault(); keys[event.key](card); }
  });

  // With the mouse.
  const over = (column) => document.querySelectorAll("[data-step]").forEach((each) => each.classList.toggle("is-over", each === column));
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-card]");
    if (!dragged) return;
    event.dataTransfer.setData("text/plain", dragged.querySelector("a").textContent);
    event.dataTransfer.effectAllowed = "move";
    dragged.classList.add("is-dragged");
  });
  document.addEventListener("dragover", (event) => {
    const column = dragged && event.target.closest?.("[data-step]");
    if (!column) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    over(column);
  });
  document.addEventListener("drop", (event) => {
    const column = dragged && event.target.closest?.("[data-step]");
    if (!column) return;
    event.preventDefault();
    move(dragged, column.dataset.step);
  });
  document.addEventListener("dragend", () => {
    over(null);
    dragged?.classList.remove("is-dragged");
    dragged = null;
  });

  // On a phone there is one column at a time: swiped, or chosen here.
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-goto]")) return;
    event.stopPropagation();
    const column = columnOf(event.target.value);
    column?.parentElement.scrollTo({ left: column.offsetLeft, behavior: "smooth" });
  }, true);
})();
