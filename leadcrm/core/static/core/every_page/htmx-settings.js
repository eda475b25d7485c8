// htmx under our Content-Security-Policy.
//
// htmx 4 by itself hands plain strings to the parser, which require-trusted-types-for 'script' refuses. Its door for that is
// initSecurity(), given to extensions: we make the one policy that the header allows (`trusted-types htmx`), and put a
// refusal in the place of its two code evaluators, so that no attribute can ever become code. (Its own hx-csp extension
// does the same but wants a nonce on every element.)
(() => {
  const refuse = () => { throw new Error("htmx: code in attributes is switched off"); };
  // Documents come from our own server and are escaped there; script elements in them are taken out before they can run.
  const rules = { createHTML: (text) => text, createScript: () => "" };
  const policy = window.trustedTypes ? window.trustedTypes.createPolicy("htmx", rules) : rules;

  const withoutScripts = (_element, { tasks }) => {
    for (const { fragment } of tasks) fragment.querySelectorAll("script").forEach((script) => script.remove());
  };

  const withToken = (_element, { ctx }) => {
    if (!["GET", "HEAD"].includes(ctx.request.method)) {
      ctx.request.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
    }
  };

  htmx.registerExtension("leadcrm", {
    init: (api) => api.initSecurity(policy, refuse, refuse),
    htmx_before_swap: withoutScripts,
    htmx_config_request: withToken,
  });

  // Whoever goes back once more, before htmx listens on a page that is loaded anew, has the address of one page above the
  // contents of another.
  const bare = (address) => address.split("#")[0];
  const [loaded] = performance.getEntriesByType("navigation");
  if (history.state?.htmx && loaded && bare(loaded.name) !== bare(location.href)) location.reload();
})();
