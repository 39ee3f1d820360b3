// API keys: created, used and revoked.

import { authorized } from "./client.js";
import { $, make, notice, onSubmit } from "./dom.js";
import { callAndShow } from "./functions.js";

export function start() {
  onSubmit("new-key", async ({ name }) => {
    const reply = await authorized("/keys", { body: name });
    if (!reply?.ok) return notice(reply?.json?.title ?? reply?.text ?? "Your session has ended.", "bad");
    $("key-list").prepend(row(reply.json));
  });
}

export async function listKeys() {
  const reply = await authorized("/keys", { method: "GET" });
  $("key-list").replaceChildren(...(reply?.ok ? reply.json.map(row) : []));
}

function row({ id, name, scopes, key }) {
  const result = make("div", { className: "result" });
  const use = (label, guarded) => {
    const button = make("button", { className: "second" }, label);
    button.addEventListener("click", () => callAndShow(result, guarded, key));
    return button;
  };
  const revoke = make("button", { className: "danger", ariaLabel: `Revoke ${name}` }, "Revoke");
  const state = make("span", { className: "badge" }, scopes);
  revoke.addEventListener("click", async () => {
    const reply = await authorized(`/keys/${encodeURIComponent(id)}`, { method: "DELETE" });
    if (reply?.status !== 204) return notice("The key was not revoked. Try again.", "bad");
    revoke.disabled = true;
    state.textContent = "revoked";
    state.classList.add("bad");
  });
  return make("li", {},
    make("div", { className: "head" }, make("b", {}, name), state),
    make("p", { className: "key" }, key ? make("code", {}, key) : "Its text was shown once, when it was created."),
    make("div", { className: "row" }, ...(key ? [use("Call report", "report"), use("Call export", "export")] : []), revoke),
    result);
}
