"use strict";
const fold = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();
const finder = document.getElementById("finder");
const search = document.getElementById("search");
const choices = [...finder.querySelectorAll("select")];
const checks = [...finder.querySelectorAll("input[type=checkbox]")];
const marks = new Map([...document.querySelectorAll("[data-mark]")].map((mark) => [mark.dataset.mark, mark]));
const rows = [...document.querySelectorAll("tbody tr")].map((row) => [row, fold(row.dataset.find)]);
const show = () => {
  const words = fold(search.value).split(" ");
  let count = 0;
  for (const [row, text] of rows) {
    const shown = words.every((word) => text.includes(word))
      && choices.every((choice) => !choice.value || row.dataset[choice.name] === choice.value)
      && checks.every((check) => !check.checked || row.dataset[check.name] === "yes");
    row.hidden = !shown;
    marks.get(row.dataset.id)?.toggleAttribute("hidden", !shown);
    count += shown;
  }
  document.getElementById("found").textContent = count;
  document.getElementById("nothing").hidden = count > 0;
};
finder.addEventListener("input", show);
finder.addEventListener("reset", () => setTimeout(show));
finder.addEventListener("submit", (event) => event.preventDefault());
finder.hidden = false;
show();
