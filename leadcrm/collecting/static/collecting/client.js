/* A client's files go one after another, in pieces; a lost connection only pauses them. Nothing is kept in the browser. */
(() => {
  const place = document.querySelector("[data-deliver]");
  if (!place || !window.tus) return;
  const said = place.dataset, live = place.querySelector("[data-live]");
  const token = document.querySelector("meta[name=csrf-token]").content;
  const refusals = { 403: said.saidMany, 404: said.saidOver, 413: said.saidLarge, 415: said.saidKind, 422: said.saidKind, 429: said.saidMany };
  const queue = [];
  let busy = null;

  const make = (name, classes, text) => {
    const element = document.createElement(name);
    if (classes) element.className = classes;
    if (text) element.textContent = text;
    return element;
  };

  const refused = (file) => {
    if (!file.size) return said.saidEmpty;
    return file.size > Number(said.largest) ? said.saidLarge : "";
  };

  /* One line under the paper: the name, how far it is, and a way to stop it. */
  const line = (file) => {
    const row = make("li", "client-file"), words = make("span", "client-state", said.saidWaits), bar = make("progress");
    const stop = make("button", "btn btn-sm", said.saidCancel);
    stop.type = "button";
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    row.append(make("span", "client-name", file.name), words, bar, stop);
    return { row, words, bar, stop };
  };

  const says = (shown, state, text) => {
    shown.row.dataset.state = state;
    shown.words.textContent = text;
    live.textContent = `${shown.row.firstChild.textContent}: ${text}`;
  };

  const next = () => {
    if (busy || !queue.length) return;
    busy = queue.shift();
    busy.start();
  };

  const ended = (job) => {
    if (busy === job) busy = null;
    next();
  };

  const failed = (job, shown, problem) => {
    const status = problem.originalResponse ? problem.originalResponse.getStatus() : 0;
    const reason = status === 422 ? problem.originalResponse.getBody() : refusals[status];
    says(shown, "failed", reason || said.saidFailed);
    shown.bar.hidden = true;
    shown.stop.textContent = said.saidAgain;
    shown.stop.hidden = Boolean(refusals[status]);
    shown.stop.onclick = () => {
      shown.row.remove();
      add(job.file, job.ask, job.list);
    };
    ended(job);
  };

  const upload = (job, shown) => new window.tus.Upload(job.file, {
    endpoint: said.url,
    headers: { "X-CSRFToken": token },
    metadata: { filename: job.file.name, ask: job.ask },
    chunkSize: 8 * 1024 * 1024,
    retryDelays: [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000],
    storeFingerprintForResuming: false,
    onShouldRetry: (problem) => {
      const status = problem.originalResponse ? problem.originalResponse.getStatus() : 0;
      const goesOn = !status || status === 409 || status === 423 || status >= 500;
      if (goesOn) says(shown, "broken", said.saidBroken);
      return goesOn;
    },
    onProgress: (sent, all) => {
      const part = Math.floor((100 * sent) / all);
      shown.bar.value = part;
      shown.row.dataset.state = "busy";
      shown.words.textContent = `${said.saidBusy} ${part}%`;
    },
    onError: (problem) => failed(job, shown, problem),
    onSuccess: () => {
      says(shown, "sent", said.saidSent);
      shown.bar.remove();
      shown.stop.remove();
      job.list.closest("[data-ask]").classList.add("has-sent");
      ended(job);
    },
  });

  const add = (file, ask, list) => {
    const shown = line(file), wrong = refused(file), job = { file, ask, list };
    list.append(shown.row);
    if (wrong) {
      says(shown, "failed", wrong);
      shown.bar.remove();
      shown.stop.remove();
      return;
    }
    const sending = upload(job, shown);
    job.start = () => sending.start();
    shown.stop.onclick = () => {
      const waiting = queue.indexOf(job);
      if (waiting >= 0) queue.splice(waiting, 1);
      sending.abort(true).catch(() => {}); // what has come is forgotten by itself
      shown.row.remove();
      ended(job);
    };
    queue.push(job);
    next();
  };

  place.addEventListener("change", (event) => {
    if (!event.target.matches("[data-take]")) return;
    const paper = event.target.closest("[data-ask]");
    for (const file of event.target.files) add(file, paper.dataset.ask, paper.querySelector("[data-sent]"));
    event.target.value = ""; // the same file may be chosen again
  });

  window.addEventListener("beforeunload", (event) => {
    if (busy) event.preventDefault();
  });
})();
