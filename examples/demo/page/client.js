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

/** Sends a request. The result has the number of its log entry, if the server logged it. */
export async function send(path, { method = "POST", body, bearer, headers = {}, ...rest } = {}) {
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  const reply = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), ...rest });
  const text = await reply.text();
  const isJson = /json/.test(reply.headers.get("Content-Type") ?? "");
  return {
    status: reply.status,
    ok: reply.ok,
    json: isJson ? JSON.parse(text) : null,
    text,
    entry: Number(reply.headers.get("X-Log-Entry")) || null,
    challenge: reply.headers.get("WWW-Authenticate"),
    retryAfter: Number(reply.headers.get("Retry-After")) || null,
  };
}

/** A login that was denied. `retryAfter` is the pause in seconds, if there is one. */
export class LoginDenied extends Error {
  constructor({ status, retryAfter }) {
    super(status === 429 ? "Too many attempts." : status === 401 ? "The name or the password is wrong." : `The login failed (${status}). Try again.`);
    this.retryAfter = status === 429 ? retryAfter : null;
  }
}

const csrfToken = () => document.cookie.match(/(?:^|; )__Host-csrf_token\.auth=([^;]*)/)?.[1];
const echo = () => ({ "X-CSRF-Token": csrfToken() ?? "" });

/** Keeps the tokens of a reply. */
export function keep({ json }) {
  accessToken = json.access_token;
  lifetime = json.expires_in;
  expiresAt = Date.now() + json.expires_in * 1000;
}

/** Returns whether this browser seems to have a session. */
export const mayHaveSession = () => csrfToken() !== undefined;

export async function register(account) {
  const reply = await send("/accounts", { body: account });
  if (!reply.ok) throw new Error(reply.text);
}

export async function logIn(username, password, label) {
  const reply = await send("/auth/login", { body: { username, password, label } });
  if (!reply.ok) throw new LoginDenied(reply);
  keep(reply);
}

/** Rotates the refresh token. Returns false if the session has ended. */
export async function refresh() {
  const reply = await send("/auth/refresh", { headers: echo() });
  if (reply.status === 401 || reply.status === 403) {
    accessToken = null;
    return false;
  }
  if (!reply.ok) throw new Error(`The refresh failed (${reply.status}). Try again.`);
  keep(reply);
  return true;
}

export async function logOut() {
  await send("/auth/logout", { headers: echo() });
  accessToken = null;
}

/** Sends a request with the access token. Returns null if the session has ended. */
export async function authorized(path, options = {}) {
  const reply = await send(path, { ...options, bearer: accessToken });
  const hasExpired = reply.status === 401 && remaining().seconds === 0;
  const hasEnded = reply.status === 401 && !hasExpired && !/insufficient/.test(reply.challenge ?? "");
  if (!hasExpired && !hasEnded) return reply;
  return (await refresh()) ? send(path, { ...options, bearer: accessToken }) : null;
}

export const call = (name, bearer, team) =>
  send(`/call/${name}${team ? `?team=${encodeURIComponent(team)}` : ""}`, { bearer });

export const read = async (path) => (await send(path, { method: "GET" })).json;
