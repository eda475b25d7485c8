// Files are dropped on a lead or chosen, and sent by tus: in pieces, a few at a time, going on after a broken connection.
// The library comes when the first file does. Without a script the form sends them in one go.
(() => {
  const PIECE = 8 * 1024 * 1024;
  const AT_ONCE = 3;
  const RETRIES = [0, 1000, 3000, 5000, 10000, 20000];
  const SEEN = 1500;  // milliseconds that a received file stays among those on their way
  const BUSY = ["waiting", "sending", "stopped"];
  const SIZES = ["bytes", "kB", "MB", "GB"];
  const language = () => document.documentElement.lang;

  const shownSize = (bytes) => {
    let number = bytes, unit = 0;
    while (number >= 999.5 && unit < SIZES.length - 1) { number /= 1000; unit += 1; }
    const digits = number < 9.95 && unit ? 1 : 0;
    return `${number.toLocaleString(language(), { maximumFractionDigits: digits })} ${SIZES[unit]}`;
  };
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

  // Recognises the same file after the page was left, without keeping its name in the browser.
  const fingerprint = async (file, options) => {
    const said = [options.endpoint, options.metadata.document || "", file.name, file.size, file.lastModified].join("\n");
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(said));
    return `leadcrm-${[...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  };

  class Queue {
    constructor(form) {
      this.form = form;
      this.words = form.dataset;
      this.box = form.querySelector(".docs-queue");
      this.list = this.box.querySelector("ul");
      this.items = [];
      this.total = this.received = 0;
      this.box.querySelector("[data-clear]").addEventListener("click", () => this.clear());
    }

    async add(files) {
      for (const file of files) {
        const item = new Item(this, file);
        this.items.push(item);
        this.total += 1;
        this.list.append(item.row);
        this.refuse(item);
      }
      this.box.hidden = false;
      this.tell();
      try {
        this.loading ||= import(this.words.tus);
        await this.loading;
      } catch {
        this.loading = null;
        this.items.filter((item) => item.state === "waiting").forEach((item) => item.fail(this.words.saidFailed));
      }
      this.next();
    }

    refuse(item) {
      if (item.file.size > Number(this.words.most)) item.fail(this.words.saidLarge, false);
      if (!item.file.size) item.fail(this.words.saidEmpty, false);
    }

    next() {
      const busy = this.items.filter((item) => item.state === "sending").length;
      if (window.tus) this.items.filter((item) => item.state === "waiting").slice(0, AT_ONCE - busy).forEach((item) => item.start());
      this.tell();
    }

    settled(item) {
      if (item.state === "done") {
        this.received += 1;
        this.refresh();
        setTimeout(() => this.drop(item), SEEN);  // from here on it stands in the list
      }
      this.next();
    }

    // Not for every file of many: at most once a second, and once after the last.
    refresh() {
      this.soon ||= setTimeout(() => {
        this.soon = null;
        const list = document.getElementById("documents-list");
        if (list) htmx.ajax("GET", this.words.rows, { source: this.box, target: "#documents-list", swap: "outerHTML" });
      }, 1000);
    }

    tell() {
      const said = filled(this.words.saidAll, { done: this.received, total: this.total });
      const place = this.box.querySelector("[role=status]");
      if (place.textContent !== said) place.textContent = said;
      this.box.querySelector("[data-clear]").hidden = this.underWay || !this.items.length;
      if (!this.items.length) { this.box.hidden = true; this.total = this.received = 0; }
    }

    get underWay() { return this.items.some((item) => BUSY.includes(item.state)); }

    clear() {
      this.items.filter((item) => !BUSY.includes(item.state)).forEach((item) => this.drop(item));
    }

    drop(item) {
      this.items = this.items.filter((each) => each !== item);
      item.row.remove();
      this.next();
    }
  }

  class Item {
    constructor(queue, file) {
      this.queue = queue;
      this.file = file;
      this.state = "waiting";
      this.row = queue.form.querySelector("template").content.firstElementChild.cloneNode(true);
      this.row.querySelector(".docs-sending-name").textContent = file.name;
      this.bar = this.row.querySelector("progress");
      this.bar.setAttribute("aria-label", file.name);
      this.say(queue.words.saidWaiting);
      this.again = this.row.querySelector("[data-again]");
      this.again.addEventListener("click", () => this.retry());
      this.row.querySelector("[data-stop]").addEventListener("click", () => this.stop());
    }

    say(text) { this.row.querySelector(".docs-sending-said").textContent = text; }

    become(state) {
      this.state = state;
      this.row.classList.toggle("is-done", state === "done");
      this.row.classList.toggle("is-failed", state === "failed");
      this.row.querySelector("[data-stop]").hidden = state === "done";
      this.again.hidden = true;
    }

    async start() {
      this.become("sending");
      this.began = null;
      this.upload ||= this.prepared();
      if (!this.upload.url) {
        const known = await this.upload.findPreviousUploads();
        if (known.length) this.upload.resumeFromPreviousUpload(known[0]);
      }
      if (this.state === "sending") this.upload.start();
    }

    prepared() {
      const { tus } = window;
      return new tus.Upload(this.file, {
        endpoint: this.queue.words.upload,
        chunkSize: PIECE,
        retryDelays: RETRIES,
        removeFingerprintOnSuccess: true,
        fingerprint,
        metadata: { filename: this.file.name },
        onBeforeRequest: (request) => request.setHeader("X-CSRFToken", document.querySelector("meta[name=csrf-token]").content),
        onShouldRetry: (error) => {
          const status = error.originalResponse?.getStatus() || 0;
          return navigator.onLine && (!status || status >= 500 && status !== 507 || [409, 423, 429].includes(status));
        },
        onProgress: (sent, total) => this.progress(sent, total),
        onSuccess: () => { this.become("done"); this.say(`${this.queue.words.saidDone} · ${shownSize(this.file.size)}`); this.queue.settled(this); },
        onError: (error) => this.broke(error),
      });
    }

    progress(sent, total) {
      const now = performance.now();
      this.began ??= { sent, now };
      const seconds = (now - this.began.now) / 1000;
      const speed = seconds > 0.5 ? (sent - this.began.sent) / seconds : 0;
      this.bar.value = (100 * sent) / total;
      const said = [filled(this.queue.words.saidSending, { done: shownSize(sent), total: shownSize(total) })];
      if (speed > 0) said.push(filled(this.queue.words.saidSpeed, { speed: shownSize(speed) }));
      if (speed > 0 && sent < total) said.push(filled(this.queue.words.saidLeft, { time: this.time((total - sent) / speed) }));
      this.say(said.join(" · "));
    }

    time(seconds) {
      const { saidSeconds, saidMinutes } = this.queue.words;
      return seconds < 90 ? filled(saidSeconds, { count: Math.ceil(seconds) }) : filled(saidMinutes, { count: Math.ceil(seconds / 60) });
    }

    // What the server says in a sentence of its own is shown; what it refuses for good is not tried again.
    broke(error) {
      const answer = error.originalResponse;
      const status = answer?.getStatus() || 0;
      const plain = answer && (answer.getHeader("Content-Type") || "").startsWith("text/plain");
      const said = plain ? answer.getBody() : "";  // read now: aborting empties it
      const { words } = this.queue;
      if (!status && !navigator.onLine) { this.become("stopped"); this.say(words.saidStopped); this.again.hidden = false; return; }
      if (status === 200 || status === 401) { this.fail(words.saidSignedOut); return; }
      if (status === 413 || status === 422) { this.upload.abort(true).catch(() => {}); this.fail(said || words.saidLarge, false); return; }
      if (status === 410 || status === 404) this.upload = null;
      this.fail(said || words.saidFailed);
    }

    fail(text, mayRetry = true) {
      this.become("failed");
      this.say(text);
      this.again.hidden = !mayRetry;
      this.queue.settled(this);
    }

    retry() {
      this.become("waiting");
      this.say(this.queue.words.saidWaiting);
      this.queue.next();
    }

    stop() {
      if (this.upload && this.state !== "failed") this.upload.abort(true).catch(() => {});
      this.become("cancelled");
      this.queue.total -= 1;
      this.queue.drop(this);
    }
  }

  const queues = new WeakMap();
  const formIn = (place) => place?.querySelector?.("form[data-upload]");
  const queueOf = (form) => {
    if (!queues.has(form)) queues.set(form, new Queue(form));
    return queues.get(form);
  };
  const shown = () => [...document.querySelectorAll("form[data-upload]")].map((form) => queues.get(form)).filter(Boolean);

  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-upload]");
    if (!form || event.target.type !== "file") return;
    queueOf(form).add([...event.target.files]);
    event.target.value = "";
  });
  document.addEventListener("submit", (event) => { if (event.target.matches("form[data-upload]")) event.preventDefault(); });

  // Dropped anywhere on a page with documents: beside them the browser would open the file and leave the page.
  const carriesFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  const over = (on) => document.querySelectorAll(".docs").forEach((each) => each.classList.toggle("is-over", on));
  let inside = 0;
  document.addEventListener("dragenter", (event) => { if (carriesFiles(event) && formIn(document)) { inside += 1; over(true); } });
  document.addEventListener("dragleave", (event) => { if (carriesFiles(event)) { inside = Math.max(0, inside - 1); if (!inside) over(false); } });
  document.addEventListener("dragover", (event) => { if (carriesFiles(event) && formIn(document)) { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; } });
  document.addEventListener("drop", (event) => {
    inside = 0;
    over(false);
    const form = formIn(document);
    if (!carriesFiles(event) || !form) return;
    event.preventDefault();
    queueOf(form).add([...event.dataTransfer.files]);
    form.scrollIntoView({ block: "nearest" });
  });

  window.addEventListener("online", () => shown().forEach((queue) => queue.items.filter((item) => item.state === "stopped").forEach((item) => item.retry())));
  window.addEventListener("beforeunload", (event) => { if (shown().some((queue) => queue.underWay)) event.preventDefault(); });
})();
