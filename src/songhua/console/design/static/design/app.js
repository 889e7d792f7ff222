// What every page can do: change its theme, open its menu, answer a few keys.
(() => {
  const root = document.documentElement;
  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* closed */ } };
  const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };

  const toggle = document.querySelector("[data-theme-toggle]");
  const showTheme = () => toggle?.setAttribute("aria-pressed", String(root.dataset.bsTheme === "dark"));
  toggle?.addEventListener("click", () => {
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    remember("songhua-theme", root.dataset.bsTheme);
    dispatchEvent(new CustomEvent("songhua:theme"));
  });
  addEventListener("songhua:theme", showTheme);
  showTheme();

  // Paper is white: charts are drawn again in the light theme for printing, and back afterwards.
  let before = null;
  addEventListener("beforeprint", () => {
    before = root.dataset.bsTheme;
    if (before !== "dark") return;
    root.dataset.bsTheme = "light";
    dispatchEvent(new CustomEvent("songhua:theme"));
  });
  addEventListener("afterprint", () => {
    if (before !== "dark") return;
    root.dataset.bsTheme = "dark";
    dispatchEvent(new CustomEvent("songhua:theme"));
  });

  const menu = document.querySelector("[data-menu]");
  const openMenu = (open) => {
    document.body.classList.toggle("menu-open", open);
    menu?.setAttribute("aria-expanded", String(open));
  };
  menu?.addEventListener("click", () => {
    const open = menu.getAttribute("aria-expanded") !== "true";
    openMenu(open);
    if (open) {
      document.querySelector("#navigation").scrollIntoView({ block: "start" });
      document.querySelector("#navigation .side-link")?.focus();
    }
  });
  document.querySelector("[data-back]")?.addEventListener("click", () => history.back());

  addEventListener("click", (event) => { if (event.target.closest("[data-print]")) print(); });

  const help = document.querySelector("#shortcuts");
  const switchBox = document.querySelector("[data-shortcuts-toggle]");
  if (switchBox) {
    switchBox.checked = recall("songhua-shortcuts") !== "off";
    switchBox.addEventListener("change", () => remember("songhua-shortcuts", switchBox.checked ? "on" : "off"));
  }
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("menu-open")) {
      openMenu(false);
      menu?.focus();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !switchBox?.checked) return;
    if (event.target.closest("input, select, textarea, dialog, [contenteditable]")) return;
    const search = document.querySelector("main input[type=search]");
    if (event.key === "/" && search) { event.preventDefault(); search.focus(); }
    if (event.key === "?") { event.preventDefault(); help?.showModal(); }
  });

  // Errors of a form are read first.
  document.querySelector("#problems")?.focus();
})();
