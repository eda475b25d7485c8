// Menus, dialogs, the folding menu, colours, shortcuts.
(() => {
  const A_YEAR = 31536000;
  const keep = (name, value) => { document.cookie = `__Host-leadcrm-${name}=${value}; Path=/; Secure; SameSite=Lax; Max-Age=${A_YEAR}`; };

  const closeMenus = (except) => document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== except && !menu.contains(except)) menu.open = false;
  });

  const fold = (button) => {
    const narrow = document.body.classList.toggle("narrow");
    button.setAttribute("aria-expanded", String(!narrow));
    keep("nav", narrow ? "narrow" : "wide");
  };
  const loosen = (button) => {
    const comfortable = document.body.classList.toggle("comfortable");
    button.setAttribute("aria-pressed", String(comfortable));
    keep("rows", comfortable ? "comfortable" : "dense");
  };

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    closeMenus(on("details.menu"));
    if (on("[data-fold]")) fold(on("[data-fold]"));
    if (on("[data-density]")) loosen(on("[data-density]"));
    if (on("[data-back]")) window.history.back();
    if (on("[data-dialog=keys-dialog]")) { closeMenus(); showKeys(); }
    else if (on("[data-dialog]")) { closeMenus(); document.getElementById(on("[data-dialog]").dataset.dialog).showModal(); }
    if (event.target.matches("dialog")) event.target.close();
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details.menu[open]");
    if (event.key === "Escape" && menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  document.addEventListener("focusin", (event) => closeMenus(event.target.closest("details.menu")));

  // Colours change at once; the server hears of it.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-theme-form]")) return;
    event.preventDefault();
    const { value } = event.submitter;
    const body = new URLSearchParams(new FormData(form, event.submitter));
    document.documentElement.dataset.bsTheme = value;
    form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button.value === value)));
    fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => form.submit());
  });

  const typing = (element) => element.isContentEditable || element.matches("input:not([type=checkbox], [type=radio]), textarea, select");
  // What is on this page declares its own shortcuts: the overview lists them under the words that they carry. Keys that
  // a script of the page answers to are declared with data-key, several with spaces between.
  const said = (element) => {
    if (element.ariaLabel) return element.ariaLabel;
    const bare = element.cloneNode(true);
    bare.querySelectorAll("kbd").forEach((key) => key.remove());
    return (bare.textContent || element.placeholder || "").trim().replace(/\s+/g, " ");
  };
  const ARROWS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };
  const shown = (key) => key.replace("+", " ").replace(/Arrow\w+/, (arrow) => ARROWS[arrow]);
  const describe = (dialog) => {
    const part = dialog.querySelector("[data-keys-here]");
    const known = new Map();
    document.querySelectorAll("[data-shortcut]").forEach((element) => {
      const { shortcut: key } = element.dataset;
      if (key !== "/" && !known.has(key) && element.checkVisibility()) known.set(key, said(element));
    });
    document.querySelectorAll("[data-key]").forEach((element) => known.set(element.dataset.key, said(element)));
    part.hidden = known.size === 0;
    part.querySelector("dl").replaceChildren(...[...known].flatMap(([key, words]) => {
      const [term, text] = ["dt", "dd"].map((name) => document.createElement(name));
      key.split(" ").forEach((each) => {
        const mark = document.createElement("kbd");
        mark.textContent = shown(each);
        term.append(mark, " ");
      });
      text.textContent = words;
      return [term, text];
    }));
  };
  const showKeys = () => {
    const dialog = document.getElementById("keys-dialog");
    if (!dialog) return;
    describe(dialog);
    dialog.showModal();
  };

  // `g` and then a letter goes to a page of the navigation.
  const PATIENCE = 1500;
  let goingUntil = 0;
  const goes = (event) => {
    if (Date.now() < goingUntil) {
      goingUntil = 0;
      const link = document.querySelector(`#keys-dialog [data-go="${CSS.escape(event.key)}"]`);
      if (link) { window.location.assign(link.href); return true; }
    }
    if (event.key === "g" && document.querySelector("#keys-dialog [data-go]")) { goingUntil = Date.now() + PATIENCE; return true; }
    return false;
  };

  const shortcut = (event) => {
    if (goes(event)) return true;
    if (event.key === "?") { showKeys(); return true; }
    const wanted = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
    if (!wanted) return false;
    if (wanted.matches("input")) { wanted.focus(); wanted.select(); }
    else wanted.click();
    return true;
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (shortcut(event)) event.preventDefault();
  });
})();
