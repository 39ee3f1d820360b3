// Talks to the server. The access token is in this module's memory and nowhere else; the refresh token is in a cookie that
// no script sees.

let accessToken = null;
let expiresAt = 0;
let lifetime = 1;

export const token = () => accessToken;

/** What is left of the access token, in seconds, and of how many. */
export const remaining = () => ({ seconds: Math.max(0, (expiresAt - Date.now()) / 1000), of: lifetime });

/** The claims of a token, unverified: for showing, and for nothing else. */
export function claimsOf(jwt) {
  const bytes = Uint8Array.from(atob(jwt.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

// Numbers of calls, by which the log's events are known to be about them; other tabs begin elsewhere.
let calls = crypto.getRandomValues(new Uint32Array(1))[0];

async function send(path, { method = "POST", body, bearer, headers = {}, ...rest } = {}) {
  if (body) headers["Content-Type"] = "application/json";
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  return fetch(path, { method, headers, body: body && JSON.stringify(body), ...rest });
}

const csrfToken = () => document.cookie.match(/(?:^|; )__Host-csrf_token=([^;]*)/)?.[1];

function keep(reply) {
  accessToken = reply.access_token;
  lifetime = reply.expires_in;
  expiresAt = Date.now() + reply.expires_in * 1000;
}

function forget() {
  accessToken = null;
}

/** Whether this browser seems to have a session. */
export const mayHaveSession = () => csrfToken() !== undefined;

export async function register(account) {
  const reply = await send("/accounts", { body: account });
  if (!reply.ok) throw new Error(await reply.text());
}

export async function signIn(username, password, label) {
  const reply = await send("/auth/login", { body: { username, password, label } });
  if (!reply.ok) throw new Error(refusal(reply));
  keep(await reply.json());
}

/** A session of another device: whatever cookies it gets are not this browser's. */
export async function signInElsewhere(username, password, label) {
  const reply = await send("/auth/login", { body: { username, password, label }, credentials: "omit" });
  if (!reply.ok) throw new Error(refusal(reply));
}

const refusal = (reply) =>
  reply.status === 429
    ? `Too many attempts: wait ${reply.headers.get("Retry-After")} s.`
    : reply.status === 401 ? "The name or the password is wrong." : `This does not work at the moment (${reply.status}).`;

const echo = () => ({ "X-CSRF-Token": csrfToken() ?? "" });

/** Exchanges the refresh token; false where the session is over. */
export async function refresh() {
  const reply = await send("/auth/refresh", { headers: echo() });
  if (reply.status === 401 || reply.status === 403) {
    forget();
    return false;
  }
  if (!reply.ok) throw new Error(`no refresh at the moment (${reply.status})`);
  keep(await reply.json());
  return true;
}

export async function signOut() {
  await send("/auth/logout", { headers: echo() });
  forget();
}

/** Calls a guarded function and says what came back. */
export async function call(name, bearer, team) {
  const number = ++calls;
  const path = `/call/${name}${team ? `?team=${encodeURIComponent(team)}` : ""}`;
  const reply = await send(path, { bearer, headers: { "X-Call": String(number) } });
  return {
    number,
    status: reply.status,
    opened: reply.ok,
    text: reply.ok ? await reply.text() : (await reply.json()).title,
    challenge: reply.headers.get("WWW-Authenticate"),
  };
}

/** What needs the access token: a reply, or null where the session is over. */
async function authorized(path, method) {
  const reply = await send(path, { method, bearer: accessToken });
  if (reply.status !== 401) return reply;
  return (await refresh()) ? send(path, { method, bearer: accessToken }) : null;
}

export async function sessions() {
  const reply = await authorized("/auth/sessions", "GET");
  return reply && (await reply.json()).sessions;
}

export const endSession = (id) => authorized(`/auth/sessions/${encodeURIComponent(id)}`, "DELETE");
export const endOthers = () => authorized("/sessions/end-others", "POST");
export const steal = () => authorized("/auth/stolen", "POST");
export const useStolen = async () => (await send("/auth/stolen/use")).json();
export const functions = async () => (await send("/functions", { method: "GET" })).json();
