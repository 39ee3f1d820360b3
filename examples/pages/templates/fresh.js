// Browsers keep a page in memory for the back button, even with `no-store`: after a logout it is asked for again.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
