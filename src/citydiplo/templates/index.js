"use strict";
const fold = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();
const search = document.getElementById("search");
const rows = [...document.querySelectorAll("tbody tr")].map((row) => [row, fold(row.dataset.find)]);
const found = document.getElementById("found");
const show = () => {
  const words = fold(search.value).split(" ");
  let count = 0;
  for (const [row, text] of rows) {
    row.hidden = !words.every((word) => text.includes(word));
    count += !row.hidden;
  }
  found.textContent = count;
};
search.addEventListener("input", show);
document.getElementById("finder").hidden = false;
show();
