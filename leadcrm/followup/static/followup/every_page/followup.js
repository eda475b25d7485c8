// Calling opens the form of how it went; a click in the calendar plans at that hour; a proposed day fills its field.
(() => {
  const STEP = 30;

  const planAt = (grid, event) => {
    const week = grid.closest("[data-plan]");
    const box = grid.getBoundingClientRect();
    const rows = grid.closest(".cal-week").querySelectorAll(".cal-hours > li").length;
    const minutes = Math.floor(((event.clientY - box.top) / box.height) * rows * 60 / STEP) * STEP + Number(week.dataset.firstHour) * 60;
    const clock = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
    window.location.assign(`${week.dataset.plan}?at=${encodeURIComponent(`${grid.dataset.day} ${clock}`)}`);
  };

  // The form stands above the lead: it is brought into sight, ready to be filled in.
  document.addEventListener("htmx:after:swap", () => {
    const place = document.getElementById("lead-form");
    const form = place?.querySelector(".follow-form");
    if (!form || form.dataset.shown) return;
    form.dataset.shown = "yes";
    place.scrollIntoView({ block: "start" });
    form.querySelector("[data-focus], input:not([type=hidden]), textarea, select")?.focus({ preventScroll: true });
  });

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    const opens = on("[data-opens]"), goes = on("[data-goes]"), fill = on("[data-fill]");
    if (opens && document.getElementById("lead-form")) {
      window.htmx.ajax("GET", opens.dataset.opens, { target: "#lead-form", swap: "innerHTML" });
    }
    if (goes) setTimeout(() => window.location.assign(goes.dataset.goes), 400); // the program that calls comes first
    if (fill) {
      const field = fill.closest("form").querySelector(`[name=${CSS.escape(fill.dataset.fill)}]`);
      field.value = fill.dataset.value;
      field.focus();
    }
    const grid = on(".cal-grid");
    if (grid && event.target === grid && window.matchMedia("(min-width: 48.01rem)").matches) planAt(grid, event);
  });
})();
