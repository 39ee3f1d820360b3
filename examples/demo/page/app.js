// The page: the session of this browser, and the forms that begin and end it.

import * as client from "./client.js";
import * as devices from "./devices.js";
import { $, make, notice, onClick, onSubmit, time } from "./dom.js";
import { showGuards } from "./functions.js";
import * as keys from "./keys.js";
import * as log from "./log.js";
import * as passkey from "./passkey.js";
import * as theft from "./theft.js";
import { throttled, waitFor } from "./throttle.js";

const examples = await client.read("/accounts");
let timer;

// The session.

function show() {
  const token = client.token();
  for (const element of document.querySelectorAll(".when-in")) element.hidden = !token;
  for (const element of document.querySelectorAll(".when-out")) element.hidden = !!token;
  clearTimeout(timer);
  if (!token) return;
  const claims = client.claimsOf(token);
  $("who").replaceChildren(make("b", {}, claims.name), ` ${claims.role}, team ${claims.team}`);
  showToken(token, claims);
  tick();
  if ($("by-itself").checked) {
    // Early enough that no call meets an expired token.
    const { seconds, of } = client.remaining();
    timer = setTimeout(refresh, Math.max(0, seconds - of / 4) * 1000);
  }
}

/** Moves the focus to a heading, if the element that had it is hidden now. */
function keepFocus() {
  const { activeElement } = document;
  const isLost = activeElement === document.body || activeElement.closest("[hidden]");
  if (document.body.dataset.ready && isLost) $(client.token() ? "functions-title" : "door-title").focus({ preventScroll: true });
}

/** Shows a session that has begun. */
function begin() {
  notice("");
  $("passkey-outcome").textContent = "";
  theft.reset();
  devices.forgetDevice();
  const { name } = client.claimsOf(client.token());
  devices.setUser(name, examples.find(({ username }) => username === name)?.password);
  show();
  keepFocus();
  devices.listSessions();
  keys.listKeys();
}

function ended(text = "Your session has ended. Log in again.", tone = "bad") {
  theft.reset();
  devices.forgetDevice();
  show();
  keepFocus();
  notice(text, tone);
}

async function refresh() {
  try {
    if (!(await client.refresh())) return ended();
    show();
    await devices.listSessions();
  } catch (error) {
    notice(error.message, "bad");
  }
}

const MEANINGS = {
  sub: "the user",
  user_id: "the user",
  name: "defined by this application",
  team: "defined by this application",
  role: "compared by role policies",
  scope: "compared by scope policies",
  type: "a refresh token opens no guard",
  iat: "issued at",
  exp: "expires at",
  auth_time: "logged in at",
  acr: "how strong the login was",
  amr: "how the user logged in",
  jti: "id of this token",
  sid: "id of its session",
};
const TIMES = new Set(["iat", "exp", "auth_time"]);

function showToken(jwt, claims) {
  $("claims").replaceChildren(...Object.entries(claims).flatMap(([name, value]) => [
    make("dt", {}, name),
    make("dd", {}, make("b", {}, TIMES.has(name) ? time(value) : String(value)), make("span", {}, MEANINGS[name] ?? "")),
  ]));
  const parts = jwt.split(".").flatMap((part, index) => [index ? "." : null, make("span", { className: `part-${index}` }, part)]);
  $("jwt").replaceChildren(...parts.filter(Boolean));
}

function tick() {
  if (!client.token()) return;
  const { seconds, of } = client.remaining();
  $("lifetime").value = seconds / of;
  $("countdown").value = seconds > 0 ? `expires in ${Math.ceil(seconds)} s` : "expired";
}
setInterval(tick, 250);

// Logins.

const device = () => {
  const agent = navigator.userAgent;
  const name = ["Edg", "Firefox", "Chrome", "Safari"].find((name) => agent.includes(name)) ?? "Unknown browser";
  const system = ["Android", "iPhone", "Windows", "Mac OS", "Linux"].find((system) => agent.includes(system)) ?? "unknown system";
  return `${name.replace("Edg", "Edge")} on ${system}`;
};

async function logIn(username, password) {
  await client.logIn(username, password, device());
  begin();
}

const [ada, root, bob] = examples;
const doors = [ada, root].map(({ username, password, team, is_admin }) => {
  const about = `${is_admin ? "admin" : "member"} of team ${team}`;
  const button = make("button", { id: `as-${username}` }, make("b", {}, `Continue as ${username}`), make("span", {}, about));
  button.addEventListener("click", () => logIn(username, password).catch((error) => {
    if (error.retryAfter) waitFor(error.retryAfter, button, $("log-in").querySelector(".pause"));
    else notice(error.message, "bad");
  }));
  return button;
});
$("examples").replaceChildren(...doors);
$("example-password").textContent = ada.password;

onSubmit("log-in", ({ username, password }, form) => throttled(form, () => logIn(username, password)));
onSubmit("register", async ({ username, password, team, is_admin }) => {
  await client.register({ username, password, team, is_admin: is_admin === "on" });
  await logIn(username, password);
});
onClick("log-out", async () => {
  await client.logOut();
  ended("You have logged out. The session and its tokens are revoked.", "plain");
});
onClick("refresh", refresh);
$("by-itself").addEventListener("change", show);

const GUESSES = ["123456", "password", "qwerty", "letmein", "bob", "12345678", "dragon", "football", "iloveyou", "admin"];

onClick("guess", async () => {
  const button = $("guess");
  button.disabled = true;
  $("guesses").replaceChildren();
  // As many as a fast attacker sends before the server asks for a pause.
  for (const guess of GUESSES) {
    const reply = await client.send("/auth/login", { body: { username: bob.username, password: guess }, credentials: "omit" });
    const { verdict } = await log.entry(reply.entry);
    $("guesses").append(make("li", {}, log.chip(verdict, reply.status), make("code", {}, guess)));
    if (reply.retryAfter) return waitFor(reply.retryAfter, button, button.parentElement.querySelector(".pause"));
  }
  button.disabled = false;
});

// The rest of the page.

devices.start(ended);
keys.start();
passkey.start(begin);
theft.start({ refresh, check: devices.listSessions });

// Events of this user after which the list of sessions has changed. An expired token stays so until the user refreshes it.
const CHANGES = /logged in|session begun|sessions? ended/;
let listing;
log.connect(({ events }) => {
  const isCurrent = () => client.token() && client.remaining().seconds > 0;
  if (!isCurrent()) return;
  const user = String(client.claimsOf(client.token()).user_id);
  if (!events.some(({ text, fields }) => CHANGES.test(text) && String(fields.user) === user)) return;
  clearTimeout(listing);
  listing = setTimeout(() => isCurrent() && devices.listSessions(), 200);
});

await showGuards();
// A new tab takes over the browser's session.
if (client.mayHaveSession()) {
  if (await client.refresh()) begin();
  else ended();
}
document.body.dataset.ready = "true";
