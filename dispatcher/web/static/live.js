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
// Shows what would come of a form as it stands, while somebody is still filling it in.
for (const form of document.querySelectorAll("form[data-outlook]")) {
  let waiting, asked = 0;
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, 500); });
  async function look() {
    const mine = ++asked;
    const answer = await fetch(form.dataset.outlook, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (answer.ok && mine === asked) document.getElementById("outlook").innerHTML = await answer.text();
  }
}
// What a kind of campaign is called and asks, where nothing has been written yet.
for (const choice of document.querySelectorAll("[data-title]")) {
  const suggest = () => {
    for (const name of ["title", "action", "done"]) {
      choice.form.elements[name].placeholder = choice.dataset[name];
    }
  };
  choice.addEventListener("change", suggest);
  if (choice.checked) suggest();
}
// Puts a field where the cursor last stood.
let written = document.querySelector("form[data-outlook] textarea");
addEventListener("focusin", (event) => { if (event.target.matches("textarea")) written = event.target; });
for (const chip of document.querySelectorAll("[data-insert]")) {
  chip.addEventListener("click", () => {
    written.setRangeText(chip.dataset.insert, written.selectionStart, written.selectionEnd, "end");
    written.dispatchEvent(new Event("input", { bubbles: true }));
    written.focus();
  });
}
