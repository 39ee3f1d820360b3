import * as client from "./client.js";
import { $, logEntry, make, notice, showFunctions, showResult, showSessions, showToken } from "./view.js";

// The session.

let timer;

function show() {
  const token = client.token();
  for (const element of document.querySelectorAll(".signed-in")) element.hidden = !token;
  for (const element of document.querySelectorAll(".signed-out")) element.hidden = !!token;
  clearTimeout(timer);
  if (!token) return;
  const claims = client.claimsOf(token);
  $("other-device").elements.username.value = claims.name;
  $("who").replaceChildren(make("b", {}, claims.name), ` ${claims.role}, team ${claims.team}`);
  showToken(token, claims);
  tick();
  if ($("by-itself").checked) {
    // Early enough that no call meets an expired token.
    const { seconds, of } = client.remaining();
    timer = setTimeout(refresh, Math.max(0, seconds - of / 4) * 1000);
  }
}

function signedOut(text, tone) {
  $("theft-outcome").textContent = "";
  for (const id of ["use-mine", "use-stolen"]) $(id).disabled = true;
  show();
  notice(text, tone);
}

function begin() {
  notice("");
  show();
  listSessions();
}

async function refresh() {
  try {
    if (await client.refresh()) return begin();
    signedOut("Your session has ended. Sign in again.", "bad");
  } catch (error) {
    notice(error.message, "bad");
  }
}

function tick() {
  if (!client.token()) return;
  const { seconds, of } = client.remaining();
  $("lifetime").value = seconds / of;
  $("countdown").value = seconds > 0 ? `expires in ${Math.ceil(seconds)} s` : "expired";
}
setInterval(tick, 250);

async function listSessions() {
  const sessions = await client.sessions();
  if (sessions) showSessions(sessions, end);
  else signedOut("Your session has ended. Sign in again.", "bad");
}

async function end(id) {
  await client.endSession(id);
  await listSessions();
}

// Forms and buttons.

const fields = (form) => Object.fromEntries(new FormData(form));

const device = () => {
  const agent = navigator.userAgent;
  const name = ["Edg", "Firefox", "Chrome", "Safari"].find((name) => agent.includes(name)) ?? "Unknown browser";
  const system = ["Android", "iPhone", "Windows", "Mac OS", "Linux"].find((system) => agent.includes(system)) ?? "unknown system";
  return `${name.replace("Edg", "Edge")} on ${system}`;
};

function onSubmit(id, act) {
  $(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await act(fields(form));
      for (const input of form.querySelectorAll("[type=password]")) input.value = "";
    } catch (error) {
      notice(error.message, "bad");
    } finally {
      button.disabled = false;
    }
  });
}

onSubmit("register", async ({ username, password, team, is_admin }) => {
  await client.register({ username, password, team, is_admin: is_admin === "on" });
  await client.signIn(username, password, device());
  begin();
});

onSubmit("sign-in", async ({ username, password }) => {
  await client.signIn(username, password, device());
  begin();
});

onSubmit("other-device", async ({ username, password }) => {
  await client.signInElsewhere(username, password, "Another device");
  await listSessions();
});

const onClick = (id, act) => $(id).addEventListener("click", act);

onClick("refresh", refresh);
onClick("sign-out", async () => {
  await client.signOut();
  signedOut("You have signed out. The session and its tokens are revoked.");
});
onClick("end-others", async () => {
  await client.endOthers();
  await listSessions();
});
$("by-itself").addEventListener("change", show);

// Guarded functions. The response says little; the log has the reason, found by the number of the call.

const questions = new Map();

function bearer() {
  const token = client.token();
  switch (document.querySelector("input[name=bearer]:checked").value) {
    case "mine": return token;
    // One letter of the payload is changed, as in an attempt to become an admin.
    case "altered": return token?.replace(/\.(.)/, (_, letter) => `.${letter === "e" ? "f" : "e"}`) ?? "no.token.atall";
    default: return null;
  }
}

async function callFunction(name, team, result) {
  result.className = "result";
  result.textContent = "calling ..";
  const outcome = await client.call(name, bearer(), team);
  questions.set(outcome.number, { why: showResult(result, outcome), awaited: outcome.opened ? "verified" : "denied" });
  for (const event of known.filter((event) => event.call === outcome.number)) answer(event);
}

function answer({ call, text, fields }) {
  const question = questions.get(call);
  // A call that fails its policy is denied after its token was verified.
  if (text !== question?.awaited) return;
  question.why.textContent = `Log: ${[text, fields.reason ?? fields.denial].filter(Boolean).join(": ")}.`;
  questions.delete(call);
}

showFunctions(await client.functions(), callFunction);

// A theft.

onClick("steal", async () => {
  if (!(await client.steal())) return signedOut("Your session has ended. Sign in again.", "bad");
  $("theft-outcome").textContent = "The thief has a copy of your refresh token. Nothing changes for you.";
  $("use-mine").disabled = $("use-stolen").disabled = false;
});

onClick("use-mine", async () => {
  await refresh();
  if (client.token()) $("theft-outcome").textContent = "Your page has the successor; the copy is outdated.";
});

onClick("use-stolen", async () => {
  const { was_accepted, status, text } = await client.useStolen();
  const outcome = was_accepted
    ? "The thief got a pair of tokens: the copy was presented first, or within the seconds in which it counts as a second tab. Refresh, wait, and use the copy again: then the session is revoked."
    : `The thief was refused (${status}, ${text}), and the session is revoked for both.`;
  await listSessions();
  if (client.token()) $("theft-outcome").textContent = outcome;
  else notice(was_accepted ? "Your session has ended. Sign in again." : `${outcome} Sign in again.`, "bad");
});

// The log.

const known = [];
// Events after which a list of sessions has changed.
const CHANGES = /logged in|logged out|sessions? ended/;
let listing;

const events = new EventSource("/events");
events.onopen = () => {
  // After a lost connection the server sends its newest events again.
  known.length = 0;
  $("log").replaceChildren();
  $("log-state").textContent = "live";
};
events.onerror = () => {
  $("log-state").textContent = "connection lost, reconnecting";
};
events.onmessage = ({ data }) => {
  const event = JSON.parse(data);
  known.unshift(event);
  known.length = Math.min(known.length, 100);
  $("log").prepend(logEntry(event));
  while ($("log").childElementCount > 100) $("log").lastElementChild.remove();
  answer(event);
  if (CHANGES.test(event.text) && client.token()) {
    clearTimeout(listing);
    listing = setTimeout(() => client.token() && listSessions(), 200);
  }
};
addEventListener("pagehide", () => events.close());

// A new tab takes over the browser's session.
if (client.mayHaveSession()) await refresh();
document.body.dataset.ready = "true";
