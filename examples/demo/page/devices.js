// The sessions of the user, and a second device: a client that keeps its tokens itself, as an app on a phone.

import { LoginDenied, authorized, call, send } from "./client.js";
import { $, make, onClick, onSubmit, time } from "./dom.js";
import { showOutcome } from "./functions.js";
import { throttled } from "./throttle.js";

let ended = () => {};
let tokens = null;

/** Prepares the forms; `onEnd` is called when the session of this page has ended. */
export function start(onEnd) {
  ended = onEnd;
  onClick("end-others", async () => {
    await authorized("/auth/sessions?others", { method: "DELETE" });
    await changed();
  });
  onSubmit("device-log-in", ({ username, password }, form) => throttled(form, async () => {
    const reply = await send("/device/login", { body: { username, password, label: "Phone" }, credentials: "omit" });
    if (!reply.ok) throw new LoginDenied(reply);
    tokens = reply.json;
    showDevice(`Logged in as ${username}.`);
    await listSessions();
  }));
  onClick("device-call", callThere);
}

/** Prepares the second device for the user of this page. */
export function setUser(username, password) {
  const { elements } = $("device-log-in");
  elements.username.value = username;
  elements.password.defaultValue = elements.password.value = password ?? "";
}

export function forgetDevice() {
  tokens = null;
  showDevice("Not logged in.");
  $("device-result").className = "result";
  $("device-result").replaceChildren();
}

function showDevice(state, tone = "") {
  $("device-state").textContent = state;
  $("device-state").className = tone;
  $("device").classList.toggle("out", tone === "bad");
  $("device-log-in").hidden = tokens !== null;
  $("device-call").hidden = tokens === null;
}

/** Calls a function as the phone does: with its access token, and after a refresh if that token is not accepted. */
async function callThere() {
  let outcome = await call("profile", tokens.access_token);
  if (outcome.status === 401) {
    const refreshed = await send("/device/refresh", { body: { refresh_token: tokens.refresh_token }, credentials: "omit" });
    if (refreshed.ok) {
      tokens = refreshed.json;
      outcome = await call("profile", tokens.access_token);
    } else {
      tokens = null;
      showDevice("Logged out: the session has ended.", "bad");
    }
  }
  await showOutcome($("device-result"), outcome);
}

/** Lists the sessions again, and lets the phone notice whether its own has ended. */
async function changed() {
  await listSessions();
  if (tokens) await callThere();
}

export async function listSessions() {
  const reply = await authorized("/auth/sessions", { method: "GET" });
  if (!reply?.ok) return ended();
  const focused = document.activeElement?.id;
  $("session-list").replaceChildren(...reply.json.sessions.map(sessionRow));
  $("end-others").disabled = reply.json.sessions.length < 2;
  // Restores the focus to the button that had it.
  if (focused?.startsWith("end-")) $(focused)?.focus();
}

function sessionRow({ id, label, authenticated_at, refreshed_at, current }) {
  const name = label ?? "Unnamed session";
  const button = make("button", { id: `end-${id}`, className: "quiet", ariaLabel: `End ${name}` }, "End");
  button.addEventListener("click", async () => {
    await authorized(`/auth/sessions/${encodeURIComponent(id)}`, { method: "DELETE" });
    await changed();
  });
  return make("li", { className: current ? "current" : "" },
    make("div", {}, make("div", { className: "head" }, make("b", {}, name), current ? make("span", { className: "badge" }, "this session") : null),
      make("p", {}, `since ${time(authenticated_at)}, refreshed ${time(refreshed_at)}`)),
    button);
}
