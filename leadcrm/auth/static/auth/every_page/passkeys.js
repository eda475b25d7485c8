// Passkeys: asks the server what to sign, the browser to make or use a passkey, and sends the answer with the form.
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  const made = async (options) => {
    const key = await navigator.credentials.create({ publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: known(options.excludeCredentials),
    } });
    const { response } = key;
    return { id: key.id, rawId: text(key.rawId), type: key.type, response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports?.() || [],
    } };
  };

  const signed = async (options) => {
    const key = await navigator.credentials.get({ publicKey: {
      ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials),
    } });
    const { response } = key;
    return { id: key.id, rawId: text(key.rawId), type: key.type, response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    } };
  };

  const asked = async (address) => {
    const token = document.querySelector("meta[name=csrf-token]").content;
    const answer = await fetch(address, { method: "POST", headers: { "X-CSRFToken": token } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };

  const say = (words) => window.leadcrm.say(words, true);

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-passkey-use], [data-passkey-make]");
    if (!button) return;
    const form = button.closest("form");
    const { passkey, passkeyUnknown, passkeyFailed } = form.dataset;
    if (!window.PublicKeyCredential) return say(passkeyUnknown);
    button.disabled = true;
    try {
      const options = await asked(passkey);
      const answer = await ("passkeyMake" in button.dataset ? made(options) : signed(options));
      form.querySelector("[data-passkey-answer]").value = JSON.stringify(answer);
      form.requestSubmit();
    } catch {
      say(passkeyFailed); // put away, timed out, or this device has no passkey of this account
    } finally {
      button.disabled = false;
    }
  });
})();
