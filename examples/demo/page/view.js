// Makes elements of what there is to show. Text becomes text, never markup.

export const $ = (id) => document.getElementById(id);

/** An element with properties and children. */
export function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const time = (seconds) => new Date(seconds * 1000).toLocaleTimeString();

const MEANINGS = {
  sub: "whose token it is",
  user_id: "whose token it is",
  name: "a claim of this application",
  team: "a claim of this application",
  role: "what demands on roles look at",
  scope: "what demands on scopes look at",
  type: "access: a refresh token opens nothing",
  iat: "made at",
  exp: "good until",
  auth_time: "the password was typed at",
  jti: "this token",
  sid: "the session that it ends with",
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

/** A card for each function; `onCall` is given the function and its team. */
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

/** What came of a call; why is filled in when the log tells. */
export function showResult(result, { status, opened, text, challenge }) {
  const why = make("p", { className: "why" }, opened ? "" : "asking the log why ..");
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
      const button = make("button", { id: `end-${id}`, className: "quiet", ariaLabel: `End ${label ?? "the session"}` }, "End");
      button.addEventListener("click", () => onEnd(id));
      return make("li", { className: current ? "current" : "" },
        make("div", {}, make("b", {}, label ?? "no label"), current ? make("span", { className: "badge" }, "this one") : null,
          make("p", {}, `since ${time(authenticated_at)}, refreshed ${time(refreshed_at)}`)),
        button);
    }),
  );
  // Whoever was at a button is there again.
  if (focused?.startsWith("end-")) $(focused)?.focus();
}

const GOOD = new Set(["verified", "logged in", "refreshed"]);
const BAD = /denied|refused|reused|ended|revoked/;

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
