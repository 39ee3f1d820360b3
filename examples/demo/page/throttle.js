// A throttled login: a notice that counts down, and a button that works again afterwards.

import { make } from "./dom.js";

/** Disables the button for the pause, and shows how long it lasts. */
export function waitFor(seconds, button, place) {
  const until = Date.now() + seconds * 1000;
  const form = button.form;
  const left = make("span", { ariaHidden: "true", className: "left" });
  // A screen reader reads the pause once, and not each second.
  const once = make("span", { className: "hidden-text" }, `Wait ${seconds} seconds.`);
  place.setAttribute("role", "status");
  place.hidden = false;
  place.className = "pause";
  place.replaceChildren("Too many attempts. ", once, left);
  button.disabled = true;
  if (form) form.dataset.waiting = "true";
  const tick = () => {
    const rest = Math.ceil((until - Date.now()) / 1000);
    if (rest > 0) {
      left.textContent = `Try again in ${rest} s.`;
      return;
    }
    clearInterval(timer);
    place.className = "pause over";
    place.textContent = "You can try again now.";
    button.disabled = false;
    if (form) delete form.dataset.waiting;
  };
  const timer = setInterval(tick, 200);
  tick();
}

/** Logs in, and waits if the server asks for it. Returns false if the login was throttled. */
export async function throttled(form, logIn) {
  const place = form.querySelector(".pause");
  place.hidden = true;
  try {
    await logIn();
    return true;
  } catch (error) {
    if (!error.retryAfter) throw error;
    waitFor(error.retryAfter, form.querySelector("button"), place);
    return false;
  }
}
