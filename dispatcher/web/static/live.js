// Replaces the part of a page marked data-live with what the server sends, unless somebody is at work in it.
"use strict";
for (const place of document.querySelectorAll("[data-live]")) {
  const source = new EventSource(place.dataset.live);
  source.onmessage = (event) => {
    if (place.contains(document.activeElement)) return;
    const open = [...place.querySelectorAll("details[open]")].map((one) => one.id);
    place.innerHTML = JSON.parse(event.data);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  };
  addEventListener("pagehide", () => source.close());
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
