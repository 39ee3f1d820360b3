// Builds the elements of the page. Text is inserted as text, never as markup.

export const $ = (id) => document.getElementById(id);

/** Creates an element with properties and children. */
export function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const time = (seconds) => new Date(seconds * 1000).toLocaleTimeString();

const MEANINGS = {
  sub: "the user",
  user_id: "the user",
  name: "defined by this application",
  team: "defined by this application",
  role: "compared by role policies",
  scope: "compared by scope policies",
  type: "access: refresh tokens open no guard",
  iat: "issued at",
  exp: "expires at",
  auth_time: "password entered at",
  jti: "id of this token",
  sid: "id of its session",
};
const TIMES = new Set(["iat", "exp", "auth_time"]);

export function showToken(jwt, claims) {
  $("claims").replaceChildren(
    ...Object.entries(claims).flatMap(([name, value]) => [
      make("dt", {}, name),
      make("dd", {}, make("b", {}, TIMES.has(name) ? time(value) : String(value)), make("span", {}, MEANINGS[name] ?? "")),
    ]),
  );
  const parts = jwt.split(".").flatMap((part, index) => [index ? "." : null, make("span", { className: `part-${index}` }, part)]);
  $("jwt").replaceChildren(...parts.filter(Boolean));
}

/** Shows a card for each function; `onCall` receives the function and its team. */
export function showFunctions(functions, onCall) {
  const cards = functions.map(({ name, about, source }) => {
    const [attribute, ...rest] = source.split("\n");
    const team = name === "roadmap" ? make("select", { ariaLabel: "Team" }, ...["north", "south"].map((team) => make("option", { value: team }, team))) : null;
    const result = make("div", { className: "result", role: "status" });
    const button = make("button", { type: "button" }, `Call ${name}`);
    button.addEventListener("click", () => onCall(name, team?.value, result));
    const card = make("article", { id: `card-${name}` },
      make("h3", {}, name), make("p", {}, about),
      make("pre", {}, make("code", {}, make("b", {}, attribute), `\n${rest.join("\n")}`)),
      make("div", { className: "row" }, team, button), result);
    return card;
  });
  $("cards").replaceChildren(...cards);
}

/** Shows the outcome of a call; its reason follows when the log has it. */
export function showResult(result, { status, opened, text, challenge }) {
  const why = make("p", { className: "why" }, opened ? "" : "waiting for the log ..");
  result.className = `result ${opened ? "good" : "bad"}`;
  result.replaceChildren(
    make("p", {}, make("strong", {}, `${status} ${opened ? "opened" : "refused"}`), ` ${text}`),
    challenge ? make("p", { className: "challenge" }, `WWW-Authenticate: ${challenge}`) : "",
    why,
  );
  return why;
}

export function showSessions(sessions, onEnd) {
  const focused = document.activeElement?.id;
  $("session-list").replaceChildren(
    ...sessions.map(({ id, label, authenticated_at, refreshed_at, current }) => {
      const button = make("button", { id: `end-${id}`, className: "quiet", ariaLabel: `Revoke ${label ?? "the session"}` }, "Revoke");
      button.addEventListener("click", () => onEnd(id));
      return make("li", { className: current ? "current" : "" },
        make("div", {}, make("b", {}, label ?? "unnamed"), current ? make("span", { className: "badge" }, "this session") : null,
          make("p", {}, `since ${time(authenticated_at)}, refreshed ${time(refreshed_at)}`)),
        button);
    }),
  );
  // Restores the focus to the button that had it.
  if (focused?.startsWith("end-")) $(focused)?.focus();
}

const GOOD = new Set(["verified", "logged in", "refreshed"]);
const BAD = /denied|failed|refused|reused|throttled|ended/;

export function logEntry({ at, text, fields: { token, function: guarded, ...others } }) {
  const fields = guarded ? { function: guarded, ...others } : others;
  const tone = GOOD.has(text) ? "good" : BAD.test(text) ? "bad" : "plain";
  const details = Object.entries(fields).map(([name, value]) => make("span", {}, make("i", {}, name), ` ${value}`));
  return make("li", { className: tone },
    make("time", { dateTime: new Date(at * 1000).toISOString() }, time(at)),
    make("b", {}, text), make("p", {}, ...details));
}

export function notice(text, tone = "plain") {
  const place = $("notice");
  place.hidden = !text;
  place.className = tone;
  place.textContent = text;
}
