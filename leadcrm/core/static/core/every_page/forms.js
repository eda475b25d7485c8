// Comfort for forms: a warning before typed work is lost, focus on what must be mended, questions, native date picker.
(() => {
  const { words } = window.leadcrm;
  const starts = new WeakMap();

  const contents = (form) => {
    const pairs = [...new FormData(form)].filter(([name]) => name !== "csrf_token");
    return JSON.stringify(pairs.map(([name, value]) => [name, value instanceof File ? value.name + value.size : value]));
  };
  const remember = () => document.querySelectorAll("form[data-guard]").forEach((form) => {
    if (!starts.has(form)) starts.set(form, contents(form));
  });
  const isChanged = (form) => !form.dataset.sent && ("changed" in form.dataset || starts.get(form) !== contents(form));
  const changedIn = (place) => [...place.querySelectorAll("form[data-guard]")].filter(isChanged);

  window.addEventListener("beforeunload", (event) => { if (changedIn(document).length) event.preventDefault(); });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-guard]") && !event.target.hasAttribute("hx-post")) event.target.dataset.sent = "yes";
  });
  // A form that is being sent as a whole asks for nothing else any more.
  const leaving = new WeakSet();
  document.addEventListener("submit", (event) => {
    if (event.target.hasAttribute("hx-trigger") && !event.defaultPrevented) leaving.add(event.target);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => leaving.delete(form)));
  document.addEventListener("htmx:config:request", (event) => {
    if (leaving.has(event.detail.ctx.sourceElement)) event.preventDefault();
  });
  // htmx is about to replace a changed form by something that did not come from it.
  document.addEventListener("htmx:config:request", (event) => {
    const { sourceElement, target, swap } = event.detail.ctx;
    if (!(target instanceof Element) || swap === "none" || /^(before|after)/.test(swap)) return;
    const lost = changedIn(target.parentElement || target).filter((form) => form !== sourceElement && target.contains(form));
    if (lost.length && !window.confirm(words("unsaved"))) event.preventDefault();
  });

  // What was pressed is gone with what it stood in: the keyboard goes on in what came instead.
  const FIELDS = "form[data-guard] :is(input:not([type=hidden], .native-date), select:not(.is-replaced), textarea)";
  const focusOn = (place) => {
    const lost = document.activeElement === document.body && place.matches?.(".section");
    const first = place.querySelector("[data-focus]") || place.querySelector("[autofocus]")
      || (lost && (place.querySelector(FIELDS) || place.querySelector(".section-head :is(a, button)")));
    if (first) first.focus({ preventScroll: lost });
  };

  // Questions before what cannot be undone.
  const dialog = document.getElementById("confirm-dialog");
  const ask = (question) => new Promise((answer) => {
    dialog.querySelector("h2").textContent = question;
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.confirm || form.dataset.asked) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!(await ask(form.dataset.confirm))) return;
    form.dataset.asked = "yes";
    form.requestSubmit(event.submitter);
    delete form.dataset.asked;
  }, true);
  document.addEventListener("htmx:confirm", (event) => {
    event.preventDefault();
    ask(event.detail.ctx.confirm).then((yes) => (yes ? event.detail.issueRequest() : event.detail.dropRequest()));
  });

  // A date is typed; whoever likes a calendar gets the browser's own.
  const addPicker = (input) => {
    input.dataset.ready = "yes";
    const native = Object.assign(document.createElement("input"), { type: "date", className: "native-date", tabIndex: -1 });
    native.setAttribute("aria-hidden", "true");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-icon" });
    const icon = document.getElementById("calendar-icon").content.cloneNode(true);
    button.append(icon);
    button.setAttribute("aria-label", words("pickDate"));
    button.addEventListener("click", () => {
      const typed = /^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})$/.exec(input.value.trim());
      if (typed) native.value = `${typed[3]}-${typed[2].padStart(2, "0")}-${typed[1].padStart(2, "0")}`;
      native.showPicker();
    });
    native.addEventListener("change", () => {
      input.value = native.value.split("-").reverse().join("-");
      input.dispatchEvent(new Event("change", { bubbles: true }));
      input.focus();
    });
    input.after(native, button);
  };

  const prepare = (place) => {
    place.querySelectorAll("input[data-date]:not([data-ready])").forEach(addPicker);
    remember();
  };
  document.addEventListener("htmx:after:swap", (event) => {
    const { target } = event.detail.ctx;
    prepare(document);
    const fresh = target instanceof Element && target.id ? document.getElementById(target.id) : null;
    const place = fresh || (target instanceof Element && target.isConnected ? target.parentElement || target : document);
    queueMicrotask(() => focusOn(place)); // when the pickers stand
  });
  prepare(document);
  const summary = document.querySelector("[data-focus]");
  if (summary) summary.focus();
})();
