// Recovery codes: copied, saved as a text file, printed.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-lines], [data-save-lines], [data-print]");
  if (!button) return;
  if ("print" in button.dataset) return window.print();
  const codes = [...document.querySelectorAll(".recovery-codes li")].map((each) => each.textContent.trim());
  if ("copyLines" in button.dataset) {
    await navigator.clipboard.writeText(codes.join("\n"));
    return window.leadcrm.say(window.leadcrm.words("copied"));
  }
  const text = [button.dataset.saveHead, "", ...codes, ""].join("\r\n");
  const link = Object.assign(document.createElement("a"), {
    href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: button.dataset.saveLines,
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});
