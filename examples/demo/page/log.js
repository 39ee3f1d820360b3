// The log: one line for each request about which the server decided. Newest first.

import { $, make, onClick, time, toneOf } from "./dom.js";

const LIMIT = 100;
const entries = new Map();
const waiting = new Map();

/** Returns the entry of a request, once the server has sent it. */
export function entry(number) {
  if (entries.has(number)) return Promise.resolve(entries.get(number));
  return new Promise((resolve) => waiting.set(number, resolve));
}

/** Connects to the log; `onEntry` receives each entry. */
export function connect(onEntry) {
  const source = new EventSource("/log");
  source.onopen = () => {
    // After a lost connection the server sends its newest entries again.
    entries.clear();
    $("log").replaceChildren();
    $("log-state").textContent = "live";
  };
  source.onerror = () => {
    $("log-state").textContent = "connection lost, reconnecting";
  };
  source.onmessage = ({ data }) => {
    const added = JSON.parse(data);
    entries.set(added.number, added);
    show(added);
    waiting.get(added.number)?.(added);
    waiting.delete(added.number);
    onEntry(added);
  };
  addEventListener("pagehide", () => source.close());
}

/** Lists that the page reads by itself, which would hide the other lines. */
const isRead = ({ call, status }) => call.startsWith("GET ") || (call.startsWith("list_") && status < 400);

function show(added) {
  const line = lineOf(added);
  $("log").prepend(line);
  while ($("log").childElementCount > LIMIT) $("log").lastElementChild.remove();
  if (isRead(added)) {
    line.classList.add("read");
    return;
  }
  const { verdict, call, reason, status } = added;
  $("last").replaceChildren(chip(verdict, status), make("span", {}, call));
  $("announcer").textContent = `${verdict}: ${call}. ${reason}`;
}

/** Creates a link that opens the line of a request. */
export function linkTo(number) {
  const link = make("a", { href: `#entry-${number}` }, "log");
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const details = $(`entry-${number}`)?.querySelector("details");
    if (!details) return;
    toggle(true);
    details.open = true;
    details.scrollIntoView({ block: "nearest" });
    details.querySelector("summary").focus({ preventScroll: true });
  });
  return link;
}

export const chip = (verdict, status) => make("b", { className: `chip ${toneOf(status)}` }, verdict);

function lineOf({ number, at, status, verdict, call, reason, events }) {
  const details = events.map(({ text, fields }) =>
    make("div", {}, make("h4", {}, text || "event"),
      make("dl", {}, ...Object.entries(fields).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, ...breakable(String(value)))]))));
  return make("li", { id: `entry-${number}`, className: toneOf(status) },
    make("details", {},
      make("summary", {}, chip(verdict, status), make("span", { className: "call" }, call),
        make("time", { dateTime: new Date(at * 1000).toISOString() }, time(at)),
        make("span", { className: "reason" }, reason)),
      ...details));
}

/** Allows a break after each `::` of a path. */
const breakable = (text) => text.split(/(?<=::)/).flatMap((part) => [part, make("wbr")]);

$("show-reads").addEventListener("change", ({ target }) => $("log").classList.toggle("with-reads", target.checked));

// On a phone the log is behind a bar with the last verdict.
onClick("log-toggle", () => toggle($("log-toggle").getAttribute("aria-expanded") !== "true"));
addEventListener("keydown", ({ key }) => {
  if (key === "Escape") toggle(false);
});

function toggle(open) {
  $("log-toggle").setAttribute("aria-expanded", open);
  $("log-panel").classList.toggle("open", open);
  $("log-toggle").querySelector(".label").textContent = open ? "Close" : "Log";
}
