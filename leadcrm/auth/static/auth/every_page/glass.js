// How long emergency access still lasts; when it is over the page is asked for anew, and answers as to anybody.
(() => {
  const clock = document.querySelector("[data-countdown]");
  if (!clock) return;
  const end = Date.parse(clock.dataset.countdown);
  const show = () => {
    const seconds = Math.ceil((end - Date.now()) / 1000);
    if (seconds < 0) {
      location.reload();
      return;
    }
    clock.textContent = `(${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")})`;
    setTimeout(show, 1000);
  };
  show();
})();
