// The cards of the guarded functions, the outcomes of calls, and the table of all guards.

import { call, read, token } from "./client.js";
import { $, make, toneOf } from "./dom.js";
import { chip, entry, linkTo } from "./log.js";

/** Shows the cards and the table. */
export async function showGuards() {
  const guards = await read("/guards");
  $("cards").replaceChildren(...guards.filter(({ excerpt }) => excerpt).map(card));
  $("guards").replaceChildren(...guards.map(({ name, needs, place, link }) =>
    make("tr", {},
      make("th", { scope: "row" }, name),
      make("td", {}, needs),
      make("td", {}, make("a", { href: link }, place)))));
}

function card({ name, excerpt, place, link }) {
  const team = name === "roadmap"
    ? make("select", { ariaLabel: "Team" }, ...["north", "south"].map((team) => make("option", { value: team }, team)))
    : null;
  const result = make("div", { className: "result" });
  const button = make("button", { type: "button", className: "second" }, `Call ${name}`);
  button.addEventListener("click", () => callAndShow(result, name, bearer(), team?.value));
  return make("article", { id: `card-${name}` },
    make("div", {},
      make("div", { className: "head" }, make("h3", {}, name), make("a", { href: link, className: "source" }, place)),
      make("p", {}, ...withCode(excerpt.about)),
      make("pre", { tabIndex: 0, ariaLabel: `Source of ${name}` }, make("code", {}, ...colored(excerpt.source)))),
    make("div", {},
      make("div", { className: "row" }, button, team),
      result));
}

/** Shows the parts between backticks as code. */
const withCode = (text) => text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));

const TOKENS = /(#\[[^\]]*\]|"[^"]*"|\b(?:pub|fn|Ok|Option|format)\b)/;

/** Splits code into colored parts: attributes, strings and keywords. */
function colored(source) {
  return source.split(TOKENS).map((part) => {
    if (!TOKENS.test(part)) return part;
    const kind = part.startsWith("#") ? "attribute" : part.startsWith('"') ? "string" : "keyword";
    return make("span", { className: kind }, part);
  });
}

function bearer() {
  switch (document.querySelector("input[name=bearer]:checked").value) {
    case "mine": return token();
    // One letter of the payload is changed, as in an attempt to become an admin.
    case "altered": return token()?.replace(/\.(.)/, (_, letter) => `.${letter === "e" ? "f" : "e"}`) ?? "no.token.atall";
    default: return null;
  }
}

/** Calls a function with a token or a key, and shows the outcome. */
export async function callAndShow(place, name, bearer, team) {
  place.className = "result";
  place.textContent = "calling ..";
  const outcome = await call(name, bearer, team);
  await showOutcome(place, outcome);
  return outcome;
}

/** Shows the outcome of a call with the reason from the log. */
export async function showOutcome(place, { status, ok, text, json, challenge, entry: number }) {
  const logged = number ? await entry(number) : { verdict: String(status), reason: "" };
  place.className = `result ${toneOf(status)}`;
  place.replaceChildren(
    make("p", {}, chip(logged.verdict, status), " ", ok ? text : json?.title ?? text),
    logged.reason ? make("p", { className: "why" }, linkTo(number), " ", logged.reason) : "",
    challenge ? make("p", { className: "challenge" }, `WWW-Authenticate: ${challenge}`) : "",
  );
}
