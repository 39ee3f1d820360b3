// Builds elements. Text is inserted as text, never as markup.

export const $ = (id) => document.getElementById(id);

/** Creates an element with properties and children. */
export function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const onClick = (id, act) => $(id).addEventListener("click", act);

/** Calls `act` with the fields of a form. Its button is disabled until then, and its passwords are cleared. */
export function onSubmit(id, act) {
  $(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await act(Object.fromEntries(new FormData(form)), form);
    } catch (error) {
      notice(error.message, "bad");
    } finally {
      if (!form.dataset.waiting) button.disabled = false;
      for (const input of form.querySelectorAll("[type=password]")) input.value = input.defaultValue;
    }
  });
}

/** Shows a message at the top of the page. */
export function notice(text, tone = "plain") {
  const place = $("notice");
  place.hidden = !text;
  place.className = tone;
  place.textContent = text;
  if (text) place.scrollIntoView({ block: "nearest" });
}

export const time = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hour12: false });

/** Returns the tone of a status: good, bad, or wait. */
export const toneOf = (status) => (status === 429 ? "wait" : status >= 400 ? "bad" : "good");
