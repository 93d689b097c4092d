// What JupyterLab leaves out that a screen reader needs, added to its page whenever that changes.
// Found by axe-core, see tests/test_lab_access.py: once JupyterLab has mended one of these itself, delete its line.
{
  const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
  const { clear, editor, fold, skip } = JSON.parse(config.citydiploAccess);

  const set = attributes => element => {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  };
  const remove = name => element => element.removeAttribute(name);
  const nameAfter = (frame, title) => element => {
    const name = element.closest(frame)?.querySelector(title)?.textContent;
    if (name) element.setAttribute("aria-label", name);
  };
  const MENDED = {
    // The notebook: its list of cells is a feed, and a feed holds articles.
    "[role=feed] > .jp-Cell:not([role])": set({ role: "article" }),
    ".cm-content:not([aria-label])": set({ "aria-label": editor }),
    ".jp-collapseHeadingButton:not([aria-label])": set({ "aria-label": fold }),
    // What cells show: the empty corner of a table of pandas, the head of a report, the ends of a slider.
    ".jp-RenderedHTMLCommon th:empty:not([role])": set({ role: "cell" }),
    ".jp-OutputArea-output header:not([role])": set({ role: "group" }),
    ".widget-slider [role=slider]:not([aria-label])": nameAfter(".widget-slider", ".widget-label"),
    // Around it. Every button of a toolbar says that it is not pressed, which jp-button may not.
    "jp-button[aria-pressed=false]": remove("aria-pressed"),
    ".jp-skiplink-wrapper:not([role])": set({ role: "navigation", "aria-label": skip }),
    ".lm-Menu-item[data-type=submenu]:not([role])": set({ role: "menuitem" }),
    ".lm-Menu-item[role=presentation][tabindex]": remove("tabindex"),
    ".lm-CommandPalette-content:not([tabindex])": set({ tabindex: "0" }),
    ".jp-DocumentSearch-input:not([aria-label])": box => box.setAttribute("aria-label", box.title),
    ".jp-Dialog select:not([aria-label])": nameAfter(".jp-Dialog-content", ".jp-Dialog-header"),
    ".jp-Launcher-kernelIcon:not([alt='']), .jp-RunningSessions-icon:not([alt])": set({ alt: "" }),
    "jp-search": box => box.shadowRoot?.querySelector(".clear-button")?.setAttribute("aria-label", clear),
  };

  let planned = false;
  const mend = () => {
    planned = false;
    for (const [selector, change] of Object.entries(MENDED)) document.querySelectorAll(selector).forEach(change);
  };
  const plan = () => {
    if (!planned) requestAnimationFrame(mend);
    planned = true;
  };
  const activate = () => {
    const watched = { childList: true, subtree: true, attributeFilter: ["aria-pressed"] };
    new MutationObserver(plan).observe(document.body, watched);
    plan();
  };

  // What JupyterLab asks of an extension's container (module federation).
  const plugin = { id: "citydiplo-access:plugin", autoStart: true, activate };
  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB["citydiplo-access"] = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
}
