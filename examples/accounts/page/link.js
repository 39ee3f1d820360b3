// The button of a link in a mail. The token is in the fragment, and leaves the address bar and the history at once.
const [action, token] = location.hash.slice(1).split("=");
history.replaceState(null, "", location.pathname);

const actions = { register: "password", reset: "password", "magic-link": "remember" };
const field = Object.hasOwn(actions, action) ? actions[action] : null;
const [form] = document.forms;
const say = (text) => { document.querySelector("[role=status]").textContent = text; };

if (field === null) {
  form.elements[2].disabled = true;
  say("This link is not complete.");
} else {
  document.getElementById(field).hidden = false;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = { password: form.password.value, remember: form.remember.checked };
  const response = await fetch(`/${action}/confirm`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token, [field]: given[field] }),
  });
  // The answer to a magic link has an access token: keep it in a variable, never in a storage.
  say(response.ok ? "Done." : await response.text());
});
