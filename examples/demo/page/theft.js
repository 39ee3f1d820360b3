// A stolen refresh token, in three steps.

import { authorized, send, token } from "./client.js";
import { $, notice, onClick } from "./dom.js";

const STEPS = ["use-mine", "use-stolen"];

/** Prepares the steps. `refresh` refreshes the page's token, and `check` looks whether its session has ended. */
export function start({ refresh, check }) {
  onClick("steal", async () => {
    if (!(await authorized("/auth/stolen"))) return check();
    $("theft-outcome").textContent = "The thief has a copy of your refresh token. Nothing changes for you.";
    for (const id of STEPS) $(id).disabled = false;
  });
  onClick("use-mine", async () => {
    await refresh();
    if (token()) $("theft-outcome").textContent = "Your page has the successor; the copy is outdated.";
  });
  onClick("use-stolen", async () => {
    const { ok, status } = await send("/auth/stolen/use");
    const outcome = ok
      ? "The thief got a pair of tokens: the copy came first, or within the seconds in which it counts as a second tab. Refresh, wait, and use the copy again: then the session ends."
      : `The thief was denied (${status}), and the session has ended for both.`;
    $("theft-outcome").textContent = outcome;
    await check();
    if (!token() && !ok) notice(`${outcome} Log in again.`, "bad");
  });
}

export function reset() {
  $("theft-outcome").textContent = "";
  for (const id of STEPS) $(id).disabled = true;
}
