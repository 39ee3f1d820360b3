// Passkeys, with the browser's own WebAuthn.

import { authorized, keep, logOut, send, token } from "./client.js";
import { $, notice, onClick } from "./dom.js";
import { callAndShow } from "./functions.js";

/** Prepares the buttons; `begin` is called after a login. */
export function start(begin) {
  onClick("add-passkey", guarded(async () => {
    const options = await authorized("/passkeys/add");
    if (!options?.ok) throw new Error(messageOf(options));
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options.json);
    const credential = await navigator.credentials.create({ publicKey });
    const added = await authorized("/passkeys/add/finish", { body: credential.toJSON() });
    if (!added?.ok) throw new Error(messageOf(added));
    $("passkey-outcome").textContent = "The account has a passkey.";
  }));
  onClick("switch-to-passkey", guarded(async () => {
    await logInWithPasskey(logOut);
    begin();
    $("passkey-outcome").textContent = "You logged in with the passkey.";
  }));
  onClick("passkey-login", guarded(async () => {
    await logInWithPasskey();
    begin();
  }));
  onClick("call-approve", () => callAndShow($("passkey-result"), "approve", token()));
}

/** Logs in with a passkey. `before` runs once the browser has it. */
async function logInWithPasskey(before = async () => {}) {
  const options = await send("/passkeys/login");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.json);
  const credential = await navigator.credentials.get({ publicKey });
  await before();
  const reply = await send("/passkeys/login/finish", { body: credential.toJSON() });
  if (!reply.ok) throw new Error(messageOf(reply));
  keep(reply);
}

const messageOf = (reply) => {
  if (!reply) return "Your session has ended.";
  return reply.status === 401 && reply.json ? "Log in again: a passkey is added after a recent login only." : reply.text;
};

/** Shows the error of an action. The user may have closed the browser's dialog. */
const guarded = (action) => async () => {
  try {
    notice("");
    await action();
  } catch (error) {
    notice(error.name === "NotAllowedError" ? "The browser used no passkey: none was found, or the dialog was closed." : error.message, "bad");
  }
};
