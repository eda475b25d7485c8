// Toasts, waiting line, failures of the network, copying.
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const words = (name) => document.getElementById("texts").dataset[name];

  const fadeLater = (toast) => {
    if (toast.dataset.timed || "stays" in toast.dataset || toast.classList.contains("toast-danger")) return;
    toast.dataset.timed = "yes";
    const patience = toast.querySelector("form") ? 20000 : 8000;
    let timer = setTimeout(() => toast.remove(), patience);
    const hold = () => clearTimeout(timer);
    const resume = () => { hold(); timer = setTimeout(() => toast.remove(), patience); };
    toast.addEventListener("pointerenter", hold);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("pointerleave", resume);
    toast.addEventListener("focusout", resume);
  };

  const say = (text, stays = false) => {
    const toast = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
    toast.querySelector("p").textContent = text;
    if (stays) { toast.dataset.stays = ""; toast.classList.add("toast-danger"); }
    document.getElementById("notices").append(toast);
    fadeLater(toast);
  };
  window.leadcrm = { say, words };

  const watch = () => document.querySelectorAll("[data-toast]").forEach(fadeLater);
  document.addEventListener("htmx:after:swap", watch);
  watch();

  document.addEventListener("click", async (event) => {
    const close = event.target.closest("[data-close]");
    if (close) close.closest("[data-toast]").remove();
    const copy = event.target.closest("[data-copy]");
    if (!copy) return;
    await navigator.clipboard.writeText(copy.parentElement.querySelector("[data-copy-text]").textContent.trim());
    say(words("copied"));
  });

  let waiting = 0;
  const quiet = (event) => event.detail.ctx.sourceElement?.closest?.("[data-quiet]");
  document.addEventListener("htmx:before:request", (event) => {
    if (!quiet(event)) { waiting += 1; root.classList.add("is-waiting"); }
  });
  document.addEventListener("htmx:finally:request", (event) => {
    if (!quiet(event)) waiting = Math.max(0, waiting - 1);
    if (!waiting) root.classList.remove("is-waiting");
  });

  // No answer at all: say so, keep everything on the page as it is.
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx && !quiet(event)) say(words(navigator.onLine ? "failed" : "offline"), true);
  });

  // What looks by itself each second would say each second what is wrong. It says so once, and takes it back when it is over.
  document.addEventListener("htmx:before:swap", (event) => {
    if (!quiet(event)) return;
    const said = [...document.querySelectorAll("#notices [data-said-quietly]")];
    if (event.detail.ctx.response.status < 400) said.forEach((toast) => toast.remove());
    else for (const { fragment } of event.detail.tasks) for (const toast of fragment.querySelectorAll("[data-toast]")) {
      if (said.some((each) => each.textContent === toast.textContent)) toast.remove();
      else toast.dataset.saidQuietly = "";
    }
  });

  // A fresh token after an expired one: every form on this page is valid again.
  document.addEventListener("htmx:before:response", (event) => {
    const token = event.detail.ctx.response.headers.get("X-CSRF-Token");
    if (!token) return;
    document.querySelector("meta[name=csrf-token]").content = token;
    document.querySelectorAll("input[name=csrf_token]").forEach((input) => { input.value = token; });
  });
})();
