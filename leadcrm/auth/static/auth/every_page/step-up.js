// Asked to prove oneself in the middle of a page: a window on top; after it the same form is sent once more, and what
// was typed never left the page.
(() => {
  const dialog = () => document.getElementById("step-up-dialog");
  let waiting = null;

  document.addEventListener("htmx:before:response", (event) => {
    const { response, sourceElement, sourceEvent } = event.detail.ctx;
    if (response.status !== 401 || response.headers.get("HX-Retarget") !== "body") return;
    dialog()?.remove();
    waiting = { sourceElement, submitter: sourceEvent?.submitter };
  });
  document.addEventListener("htmx:after:swap", () => {
    if (dialog() && !dialog().open) dialog().showModal();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-step-up-close]")) dialog().close();
  });
  document.addEventListener("close", (event) => {
    if (event.target === dialog()) dialog().remove();
  }, true);
  document.addEventListener("stepped-up", () => {
    const { sourceElement, submitter } = waiting;
    dialog()?.remove();
    if (!sourceElement.isConnected) return;
    if (sourceElement instanceof HTMLFormElement) sourceElement.requestSubmit(submitter?.form === sourceElement ? submitter : undefined);
    else sourceElement.click();
  });
})();
