// The HTTP client. The access token exists only in this module's memory; the refresh token is in a cookie that scripts
// cannot read.

let accessToken = null;
let expiresAt = 0;
let lifetime = 1;

export const token = () => accessToken;

/** Returns the remaining and the whole lifetime of the access token, in seconds. */
export const remaining = () => ({ seconds: Math.max(0, (expiresAt - Date.now()) / 1000), of: lifetime });

/** Decodes the claims of a token without verification, for display only. */
export function claimsOf(jwt) {
  const bytes = Uint8Array.from(atob(jwt.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

// The number of a call identifies its events in the log. Each tab begins at a random number.
let calls = crypto.getRandomValues(new Uint32Array(1))[0];

async function send(path, { method = "POST", body, bearer, headers = {}, ...rest } = {}) {
  if (body) headers["Content-Type"] = "application/json";
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  return fetch(path, { method, headers, body: body && JSON.stringify(body), ...rest });
}

const csrfToken = () => document.cookie.match(/(?:^|; )__Host-csrf_token\.auth=([^;]*)/)?.[1];

function keep(reply) {
  accessToken = reply.access_token;
  lifetime = reply.expires_in;
  expiresAt = Date.now() + reply.expires_in * 1000;
}

function forget() {
  accessToken = null;
}

/** Returns whether this browser seems to have a session. */
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

/** Begins a session as another device would; this browser does not keep its cookies. */
export async function signInElsewhere(username, password, label) {
  const reply = await send("/auth/login", { body: { username, password, label }, credentials: "omit" });
  if (!reply.ok) throw new Error(refusal(reply));
}

const refusal = (reply) =>
  reply.status === 429
    ? `Too many attempts. Try again in ${reply.headers.get("Retry-After")} s.`
    : reply.status === 401 ? "The name or the password is wrong." : `Temporarily unavailable (${reply.status}). Try again.`;

const echo = () => ({ "X-CSRF-Token": csrfToken() ?? "" });

/** Rotates the refresh token. Returns false if the session has ended. */
export async function refresh() {
  const reply = await send("/auth/refresh", { headers: echo() });
  if (reply.status === 401 || reply.status === 403) {
    forget();
    return false;
  }
  if (!reply.ok) throw new Error(`The refresh failed (${reply.status}). Try again.`);
  keep(await reply.json());
  return true;
}

export async function signOut() {
  await send("/auth/logout", { headers: echo() });
  forget();
}

/** Calls a guarded function and returns the outcome. */
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

/** Sends a request with the access token. Returns null if the session has ended. */
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
export const endOthers = () => authorized("/auth/sessions?others", "DELETE");
export const steal = () => authorized("/auth/stolen", "POST");
export const useStolen = async () => (await send("/auth/stolen/use")).json();
export const functions = async () => (await send("/functions", { method: "GET" })).json();
