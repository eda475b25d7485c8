// A select with many entries becomes a box to search in (combobox pattern); the select stays and is what is sent.
(() => {
  const { words } = window.leadcrm;
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  let open = null;

  class Picker {
    constructor(select) {
      this.select = select;
      this.box = document.createElement("div");
      this.box.className = "picker";
      this.input = Object.assign(document.createElement("input"), { type: "text", className: "form-control", id: select.id, autocomplete: "off" });
      this.list = Object.assign(document.createElement("ul"), { className: "picker-list", id: `${select.id}-list`, hidden: true });
      select.id = `${select.id}-select`;
      this.describe();
      this.box.append(this.input, document.getElementById("selector-icon").content.cloneNode(true), this.list);
      select.before(this.box);
      select.classList.add("is-replaced");
      select.dataset.ready = "yes";
      this.showChosen();
      this.listen();
    }

    describe() {
      const { input, list, select } = this;
      input.setAttribute("role", "combobox");
      input.setAttribute("aria-expanded", "false");
      input.setAttribute("aria-controls", list.id);
      input.setAttribute("aria-autocomplete", "list");
      for (const name of ["aria-describedby", "aria-invalid"]) {
        if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
      }
      if (select.required) input.setAttribute("aria-required", "true");
      list.setAttribute("role", "listbox");
      list.setAttribute("aria-label", document.querySelector(`label[for="${CSS.escape(input.id)}"]`)?.textContent || "");
    }

    listen() {
      this.input.addEventListener("focus", () => this.input.select());
      this.input.addEventListener("click", () => this.show(""));
      this.input.addEventListener("input", () => this.show(this.input.value));
      this.input.addEventListener("keydown", (event) => this.key(event));
      this.input.addEventListener("blur", () => this.leave());
      this.list.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        const item = event.target.closest("[role=option]");
        if (item) this.choose(item);
      });
    }

    show(sought) {
      const wanted = plain(sought.trim());
      const options = [...this.select.options].filter((option) => plain(option.text).includes(wanted));
      this.list.replaceChildren(...options.filter((option) => option.value || !wanted).map((option, at) => this.item(option, at)));
      if (!this.list.children.length) this.list.append(this.nothing());
      this.list.hidden = false;
      this.input.setAttribute("aria-expanded", "true");
      open = this;
      this.light(wanted ? this.items()[0] : this.items().find((item) => item.dataset.value === this.select.value));
    }

    item(option, at) {
      const item = Object.assign(document.createElement("li"), { id: `${this.list.id}-${at}`, textContent: option.text || "–" });
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(option.selected));
      item.dataset.value = option.value;
      return item;
    }

    nothing() {
      const item = Object.assign(document.createElement("li"), { className: "picker-none", textContent: words("noneFound") });
      item.setAttribute("role", "option");
      item.setAttribute("aria-disabled", "true");
      item.setAttribute("aria-selected", "false");
      return item;
    }

    items() { return [...this.list.querySelectorAll("[role=option]:not([aria-disabled])")]; }

    light(item) {
      this.list.querySelector(".is-active")?.classList.remove("is-active");
      this.input.removeAttribute("aria-activedescendant");
      if (!item) return;
      item.classList.add("is-active");
      this.input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    }

    move(by) {
      if (this.list.hidden) { this.show(""); return; }
      const items = this.items();
      const at = items.findIndex((item) => item.classList.contains("is-active"));
      this.light(items[(at + by + items.length) % items.length]);
    }

    key(event) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        this.move(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter" && !this.list.hidden) {
        event.preventDefault();
        const lit = this.list.querySelector(".is-active");
        if (lit) this.choose(lit);
      } else if (event.key === "Escape" && !this.list.hidden) {
        event.preventDefault();
        event.stopPropagation();
        this.close();
      }
    }

    choose(item) {
      this.select.value = item.dataset.value;
      this.select.dispatchEvent(new Event("change", { bubbles: true }));
      this.close();
    }

    // Whoever empties the box means "nothing chosen"; other half-typed text falls back to what was chosen.
    leave() {
      if (!this.input.value.trim() && this.select.value) {
        this.select.value = "";
        this.select.dispatchEvent(new Event("change", { bubbles: true }));
      }
      this.close();
    }

    showChosen() { this.input.value = this.select.selectedOptions[0]?.text || ""; }

    close() {
      this.list.hidden = true;
      this.input.setAttribute("aria-expanded", "false");
      this.input.removeAttribute("aria-activedescendant");
      if (open === this) open = null;
      this.showChosen();
    }
  }

  const prepare = () => document.querySelectorAll("select[data-picker]:not([data-ready])").forEach((select) => new Picker(select));
  document.addEventListener("htmx:after:swap", prepare);
  prepare();
})();
