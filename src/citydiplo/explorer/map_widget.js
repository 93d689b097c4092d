// The explorer in the browser. Python makes every view of one choice and sends them in one message (`shown`); this file
// puts them in the page, draws the marks of the maps, and tells Python what the reader asks for (`asked`).

const SVG = "http://www.w3.org/2000/svg";
const MOST_OPTIONS = 200; // of a filter at once: a longer list is searched
const LEAST_RADIUS = 4.5, LARGEST_RADIUS = 15, TINY_RADIUS = 5; // in pixels of the screen
const MANY_DOTS = 2000; // they would hide the countries
const CLOSEST = 24; // how many times a map may be enlarged
const NARROW = 62; // in rem: as in the style sheet
const STEP = 1.6; // of a zoom button
const ARROWS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function draw(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** Browsers take time for attributes that are set anew to what they are. */
function set(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

function fold(text) {
  return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}

function fill(text, values, lang) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]?.toLocaleString(lang));
}

/** Put HTML made by Python in a part of the page, and the focus back on the control that had it. */
function replace(part, html) {
  if (part.made === html) return;
  const focused = part.getRootNode().activeElement;
  const key = part.contains(focused) ? focused.dataset.key : undefined;
  const open = new Map([...part.querySelectorAll("details[data-key]")].map((d) => [d.dataset.key, d.open]));
  part.innerHTML = part.made = html;
  for (const details of part.querySelectorAll("details[data-key]")) {
    details.open = open.get(details.dataset.key) ?? details.open;
  }
  if (key) part.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

/** A list of boxes to tick, with a search where it is long. */
class Filter {
  constructor(details, options, texts, change) {
    Object.assign(this, { details, options, texts, change, chosen: new Set(), counts: {} });
    this.list = details.querySelector("[data-list]");
    this.search = details.querySelector("input[type=search]");
    this.more = details.querySelector("[data-more]");
    this.search?.addEventListener("input", () => this.build());
    this.list.addEventListener("change", (event) => {
      this.chosen[event.target.checked ? "add" : "delete"](event.target.value);
      change([...this.chosen]);
    });
    details.addEventListener("toggle", () => details.open && this.build());
  }

  build() {
    const words = fold(this.search?.value ?? "").split(/\s+/).filter(Boolean);
    const found = this.options.filter(([, label]) => words.every((word) => fold(label).includes(word)));
    const first = found.filter(([code]) => this.chosen.has(code));
    const listed = [...first, ...found.filter(([code]) => !this.chosen.has(code))].slice(0, MOST_OPTIONS);
    this.boxes = listed.map(([code, text]) => {
      const label = document.createElement("label");
      const box = Object.assign(document.createElement("input"), { type: "checkbox", value: code });
      const name = Object.assign(document.createElement("span"), { textContent: text });
      const count = Object.assign(document.createElement("span"), { className: "count" });
      label.append(box, name, count);
      return { code, label, box, count };
    });
    this.list.replaceChildren(...this.boxes.map(({ label }) => label));
    const left = found.length - listed.length;
    if (this.more) this.more.textContent = left ? fill(this.texts.more, { count: left }, this.texts.lang) : "";
    this.update();
  }

  show(chosen, counts) {
    this.chosen = new Set(chosen);
    this.counts = counts;
    const badge = this.details.querySelector("[data-chosen]");
    badge.textContent = chosen.length ? fill(this.texts.chosen, { count: chosen.length }) : "";
    if (this.details.open) this.boxes ? this.update() : this.build();
  }

  update() {
    for (const { code, label, box, count } of this.boxes) {
      const n = this.counts[code] ?? 0;
      box.checked = this.chosen.has(code);
      count.textContent = n.toLocaleString(this.texts.lang);
      label.classList.toggle("empty", !n && !box.checked);
    }
  }
}

/** A map: what is drawn once, marks of one size on the screen, buttons to enlarge. */
class Picture {
  constructor(figure) {
    this.figure = figure;
    this.svg = figure.querySelector("svg");
    this.tip = figure.querySelector("[data-tip]");
    this.scaled = []; // groups of constant size: element, x, y
    this.whole = this.svg.getAttribute("viewBox").split(" ").map(Number);
    this.box = [...this.whole];
    figure.addEventListener("click", (event) => {
      const zoom = event.target.closest("[data-zoom]")?.dataset.zoom;
      if (zoom) this.zoom({ in: 1 / STEP, out: STEP, whole: Infinity }[zoom]);
    });
    for (const name of ["pointerover", "focusin"]) this.svg.addEventListener(name, (event) => this.name(event));
    for (const name of ["pointerleave", "focusout"]) this.svg.addEventListener(name, () => (this.tip.hidden = true));
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.svg.addEventListener("pointerdown", (event) => this.drag(event));
    // The width is read when it changes only: reading it amid changes would make the browser lay out the page twice.
    this.watch = new ResizeObserver(([{ contentRect }]) => {
      this.wide = contentRect.width;
      this.scale();
    });
    this.watch.observe(this.svg);
  }

  zoom(factor, centre) {
    const [x, y, width, height] = this.box;
    const wide = Math.min(Math.max(width * factor, this.whole[2] / CLOSEST), this.whole[2]);
    const high = (wide / this.whole[2]) * this.whole[3];
    const [cx, cy] = centre ?? [x + width / 2, y + height / 2];
    this.move(cx - wide / 2, cy - high / 2, wide, high);
  }

  move(x, y, width, height) {
    const [x0, y0, w, h] = this.whole;
    const inside = (value, start, room) => Math.min(Math.max(value, start), start + room);
    this.box = [inside(x, x0, w - width), inside(y, y0, h - height), width, height];
    this.svg.setAttribute("viewBox", this.box.join(" "));
    this.scale();
  }

  /** Marks keep their size on the screen whatever the size of the map. */
  scale() {
    if (!this.wide) return;
    const unit = this.box[2] / this.wide;
    for (const { element, x, y, shift = 0 } of this.scaled) {
      set(element, "transform", `translate(${x + shift * unit} ${y}) scale(${unit})`);
    }
  }

  drag(start) {
    if (this.box[2] === this.whole[2]) return;
    const [x, y, width, height] = this.box;
    const unit = width / this.wide;
    const move = (event) => {
      this.move(x - (event.clientX - start.clientX) * unit, y - (event.clientY - start.clientY) * unit, width, height);
    };
    const end = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
  }

  name(event) {
    const mark = event.target.closest("[data-do]");
    this.tip.hidden = !mark;
    if (!mark) return;
    this.tip.textContent = mark.getAttribute("aria-label");
    const [around, at] = [this.figure.querySelector(".frame"), mark].map((part) => part.getBoundingClientRect());
    const middle = Math.min(Math.max(at.left + at.width / 2 - around.left, 0), around.width);
    this.tip.style.left = `${middle}px`;
    this.tip.style.top = `${Math.max(at.top - around.top, 0)}px`;
    this.tip.classList.toggle("left", middle > around.width / 2);
  }

  /** Arrows go from mark to mark in the order of the names; one mark of a map is in the order of the Tab key. */
  key(event) {
    const mark = event.target.closest("[data-do]");
    if (!mark) return;
    event.stopPropagation();
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      mark.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    } else if (event.key in ARROWS || event.key === "Home" || event.key === "End") {
      event.preventDefault();
      const marks = this.reachable();
      const at = marks.indexOf(mark) + (ARROWS[event.key] ?? 0);
      const next = event.key === "Home" ? 0 : event.key === "End" ? marks.length - 1 : (at + marks.length) % marks.length;
      this.rove(marks[next]);
      marks[next].focus();
    }
  }

  reachable() {
    const marks = [...this.svg.querySelectorAll("[data-do]:not([hidden])")];
    return marks.sort((a, b) => Number(a.dataset.rank) - Number(b.dataset.rank));
  }

  rove(one) {
    this.svg.querySelectorAll('[data-do][tabindex="0"]').forEach((mark) => mark.setAttribute("tabindex", -1));
    one?.setAttribute("tabindex", 0);
  }

  /** Some mark must be reached by the Tab key, also after a choice that hides it. */
  keepReachable() {
    if (!this.svg.querySelector('[data-do][tabindex="0"]:not([hidden])')) this.rove(this.reachable()[0]);
  }
}

/** The map of France: a mark for each collectivity. */
class Homes extends Picture {
  constructor(figure, homes, texts, most) {
    super(figure);
    Object.assign(this, { homes, texts, most });
    this.layer = this.svg.querySelector("[data-layer=marks]");
    this.marks = homes.map((home) => {
      const group = draw("g", { role: "button", tabindex: -1, "data-do": "show", "data-kind": "city" });
      Object.assign(group.dataset, { code: home.id, rank: home.rank });
      const mark = { element: group, home, x: home.x, y: home.y };
      this.layer.append(group);
      this.scaled.push(mark);
      return mark;
    });
  }

  show(counts, states, picked) {
    const width = new Map(); // of what stands already at a point
    this.marks.forEach((mark, number) => {
      const { element, home } = mark;
      const [count, state] = [counts[number], states[number]];
      const radius = count ? Math.max(LEAST_RADIUS, LARGEST_RADIUS * Math.sqrt(count / this.most)) : LEAST_RADIUS;
      const at = `${home.x} ${home.y}`;
      const before = width.get(at);
      mark.shift = before === undefined ? 0 : before + radius + 1;
      element.toggleAttribute("hidden", state === "out");
      if (state !== "out") width.set(at, mark.shift + radius);
      const key = `${radius} ${state}`;
      if (mark.key !== key) {
        mark.key = key;
        element.setAttribute("class", `mark ${state}`);
        element.innerHTML = this.shape(home.group, state, radius);
      }
      set(element, "aria-label", fill(this.texts[`mark_${state}`] ?? "", { name: home.label, count }, this.texts.lang));
      set(element, "aria-pressed", picked?.kind === "city" && picked.code === home.id);
      element.classList.toggle("partner", picked?.kind === "country" && picked.homes.includes(home.id));
    });
    this.keepReachable();
    this.scale();
  }

  /** Communes are circles, other collectivities squares; a cross stands where nothing was found. */
  shape(group, state, radius) {
    const side = radius * 0.9;
    const cross = `<path d="M${-side / 2} ${-side / 2}L${side / 2} ${side / 2}M${-side / 2} ${side / 2}L${side / 2} ${-side / 2}"/>`;
    const body =
      group === "commune"
        ? `<circle r="${radius}"/>`
        : `<rect x="${-side}" y="${-side}" width="${2 * side}" height="${2 * side}"/>`;
    return body + (state === "none_found" ? cross : "");
  }
}

/** A map of the world or of Europe: countries to click on, a dot for each partner. */
class Abroad extends Picture {
  constructor(figure, points, texts, breaks) {
    super(figure);
    Object.assign(this, { texts, breaks });
    this.dots = points.map(([x, y]) => (x === null ? "" : `M${x} ${y}h0`));
    this.countries = new Map();
    for (const element of this.svg.querySelectorAll("[data-kind=country]")) {
      if (!this.countries.has(element.dataset.code)) this.countries.set(element.dataset.code, []);
      this.countries.get(element.dataset.code).push(element);
      if (element.dataset.x) {
        element.innerHTML = `<circle r="${TINY_RADIUS}"/>`;
        this.scaled.push({ element, x: Number(element.dataset.x), y: Number(element.dataset.y) });
      }
    }
  }

  show(countries, dots, picked, view) {
    for (const [code, elements] of this.countries) {
      const [homes, links] = countries[code] ?? [0, 0];
      const level = this.breaks.filter((least) => homes >= least).length;
      for (const element of elements) {
        const tiny = "x" in element.dataset;
        const pressed = picked?.kind === "country" && picked.code === code;
        const classes = `country level${level}${tiny ? " tiny" : ""}${pressed ? " pressed" : ""}`;
        set(element, "class", classes);
        element.toggleAttribute("hidden", tiny && !homes);
        const text = homes ? this.texts.country : this.texts.country_none;
        const label = fill(text, { name: element.dataset.name, homes, links }, this.texts.lang);
        set(element, "aria-label", label);
        set(element, "aria-pressed", pressed);
      }
    }
    const path = (numbers) => numbers.map((number) => this.dots[number]).join("");
    const layer = this.svg.querySelector("[data-layer=dots]");
    layer.setAttribute("d", path(dots));
    layer.classList.toggle("many", dots.length > MANY_DOTS);
    this.svg.querySelector("[data-layer=picked]").setAttribute("d", path(picked?.dots ?? []));
    this.svg.querySelector("[data-layer=arcs]").setAttribute("d", picked?.arcs?.[view] ?? "");
    this.keepReachable();
    this.scale();
  }
}

class Panel {
  constructor(model, el) {
    this.model = model;
    this.root = document.createElement("div");
    this.root.className = "citydiplo-explorer";
    // In JupyterLab, letters and arrows would be its own shortcuts.
    this.root.dataset.lmSuppressShortcuts = "true";
    this.root.innerHTML = model.get("frame");
    el.append(this.root);
    const fixed = model.get("fixed");
    this.texts = fixed.texts;
    this.seen = "world";
    this.asked = model.get("asked");
    this.part = (name) => this.root.querySelector(`[data-part="${name}"]`);
    this.filters = new Map(
      fixed.fields.map(({ field, options }) => {
        const details = this.root.querySelector(`details[data-field="${field}"]`);
        return [field, new Filter(details, options, this.texts, (codes) => this.choose({ [field]: codes }))];
      }),
    );
    this.homes = new Homes(this.part("france"), fixed.homes, this.texts, fixed.most);
    this.abroad = Object.fromEntries(
      ["world", "europe"].map((view) => [
        view, new Abroad(this.part(view), fixed.points[view], this.texts, fixed.breaks),
      ]),
    );
    this.root.addEventListener("click", (event) => this.click(event));
    this.root.addEventListener("change", (event) => this.change(event));
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
    const documentation = this.root.querySelector("[data-documentation]");
    documentation.open = this.asked.documented;
    documentation.addEventListener("toggle", () => {
      if (documentation.open !== this.asked.documented) this.ask({ documented: documentation.open });
    });
    // On a narrow page the filters would come before all else: they open at a click.
    this.watch = new ResizeObserver(([{ contentRect }]) => {
      const narrow = contentRect.width < parseFloat(getComputedStyle(document.documentElement).fontSize) * NARROW;
      if (narrow !== this.narrow) this.root.querySelector("[data-filters]").open = !narrow;
      this.narrow = narrow;
    });
    this.watch.observe(this.root);
    this.receive = this.receive.bind(this);
    this.show = this.show.bind(this);
    model.on("msg:custom", this.receive);
    model.on("change:shown", this.show);
    this.show();
  }

  close() {
    this.model.off("msg:custom", this.receive);
    this.model.off("change:shown", this.show);
    for (const watcher of [this, this.homes, ...Object.values(this.abroad)]) watcher.watch.disconnect();
  }

  ask(change) {
    this.asked = { ...this.asked, ...change, serial: (this.asked.serial ?? 0) + 1 };
    this.model.set("asked", this.asked);
    this.model.save_changes();
  }

  choose(change) {
    this.ask({ choice: { ...this.asked.choice, ...change } });
  }

  click(event) {
    const control = event.target.closest("[data-do]");
    if (!control || control.matches("select, input")) return;
    const { do: what, kind, code, field, format } = control.dataset;
    const acts = {
      show: () => this.pick(kind, code),
      close: () => this.ask({ picked: null }),
      clear: () => this.ask({ choice: {} }),
      toggle: () => this.toggle(field, code),
      only: () => this.choose({ [field]: [code] }),
      years: () => this.choose({ years: code ? code.split("-").map(Number) : [], undated: !code }),
      undated: () => this.choose({ undated: true }),
      compare: () => this.compare(code ?? this.root.querySelector("[data-compared]").value),
      uncompare: () => this.ask({ compared: this.asked.compared.filter((id) => id !== code) }),
      export: () => this.export(format),
      copy: () => this.copy(),
    };
    acts[what]?.();
  }

  pick(kind, code) {
    this.ask({ picked: { kind, code } });
    this.told = "card"; // the reader is led to it
  }

  toggle(field, code) {
    const chosen = new Set(this.asked.choice[field] ?? []);
    if (!chosen.delete(code)) chosen.add(code);
    this.choose({ [field]: [...chosen] });
  }

  compare(code) {
    if (!code) return;
    const others = this.asked.compared.filter((id) => id !== code);
    if (others.length >= 4) this.say(this.texts.compare_full);
    else {
      this.ask({ compared: [...others, code] });
      this.told = "comparison";
    }
  }

  change(event) {
    const control = event.target.closest("[data-on]");
    if (!control) return;
    const acts = {
      card: () => (control.value ? this.pick(control.dataset.kind, control.value) : this.ask({ picked: null })),
      undated: () => this.choose({ undated: control.checked }),
      years: () => this.years(),
      view: () => this.view(control.value),
    };
    acts[control.dataset.on]();
  }

  years() {
    const [first, last] = this.root.querySelectorAll("[data-on=years]");
    const inside = (input) => Math.min(Math.max(Number(input.value || input.placeholder), input.min), input.max);
    const years = [inside(first), inside(last)].sort((a, b) => a - b);
    const whole = years[0] === Number(first.min) && years[1] === Number(last.max);
    this.choose({ years: whole ? [] : years });
  }

  view(name) {
    this.seen = name;
    for (const view of Object.keys(this.abroad)) this.part(view).hidden = view !== name;
    this.showAbroad();
  }

  /** Of the two maps abroad only the one that is seen takes time. */
  showAbroad() {
    const { countries, dots, picked } = this.model.get("shown");
    this.abroad[this.seen].show(countries, dots, picked, this.seen);
  }

  export(format) {
    this.say(this.texts.making);
    this.model.send({ do: "export", format, figure: this.root.querySelector("[data-figure]").value });
  }

  /** A file that Python made: the browser keeps it, in JupyterLab as in Voilà. */
  receive(message, buffers) {
    if (message.text) this.say(message.text);
    if (message.do !== "file") return;
    const url = URL.createObjectURL(new Blob([buffers[0]], { type: message.mime }));
    const link = Object.assign(document.createElement("a"), { href: url, download: message.name });
    this.root.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  async copy() {
    const code = this.part("code").querySelector("textarea");
    code.closest("details").open = true;
    try {
      await navigator.clipboard.writeText(code.value);
    } catch {
      // Without a secure connection there is no such interface: the older way, or else the reader's own keys.
      code.focus();
      code.select();
      if (!document.execCommand("copy")) return this.say(this.texts.copy_by_hand);
    }
    this.say(this.texts.copied);
  }

  /** Tell the reader, who may be anywhere in the page, for some seconds. */
  say(text) {
    clearTimeout(this.silence);
    this.part("said").textContent = text;
    this.silence = setTimeout(() => (this.part("said").textContent = ""), 8_000);
  }

  show() {
    const shown = this.model.get("shown");
    const serial = this.asked.serial ?? 0;
    // An answer to an earlier question, while the reader has already asked another: its boxes stay as they are.
    const late = (shown.asked.serial ?? 0) < serial;
    if (!late) this.asked = shown.asked;
    for (const [name, html] of Object.entries(shown.html)) replace(this.part(name), html);
    const choice = this.asked.choice;
    for (const [field, filter] of this.filters) filter.show(choice[field] ?? [], shown.counts[field] ?? {});
    this.showYears(choice);
    if (!late) this.showPicked(shown.picked);
    this.homes.show(shown.homes.counts, shown.homes.states, shown.picked);
    this.showAbroad();
    if (this.told && !late) this.lead();
    this.root.dataset.rows = shown.rows;
    this.root.dataset.serial = shown.asked.serial ?? 0;
    this.root.dataset.revision = shown.revision;
  }

  showYears(choice) {
    const inputs = this.root.querySelectorAll("[data-on=years]");
    inputs.forEach((input, end) => {
      input.value = choice.years?.[end] ?? input[end ? "max" : "min"];
    });
    this.root.querySelector("[data-on=undated]").checked = choice.undated ?? true;
  }

  /** The lists keep what is picked: from there the arrow keys go on. */
  showPicked(picked) {
    for (const list of this.root.querySelectorAll("[data-on=card]")) {
      const code = picked?.kind === list.dataset.kind ? picked.code : "";
      if (list.value !== code) list.value = code;
    }
  }

  lead() {
    const part = this.part(this.told);
    const card = this.told === "card";
    this.told = undefined;
    // The focus stays on a mark of the map or in a list, so that the reader goes on from there; the card is named.
    if (card) this.say(fill(this.texts.opened, { name: part.querySelector("h2")?.textContent }));
    part.scrollIntoView({ block: card ? "nearest" : "center" });
  }
}

function render({ model, el }) {
  const panel = new Panel(model, el);
  return () => panel.close();
}

export default { render };
