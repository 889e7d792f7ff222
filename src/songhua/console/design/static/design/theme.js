// Before anything is painted: the theme that was chosen here, or the one the system prefers.
const root = document.documentElement;
root.classList.add("js");
let chosen = null;
try { chosen = localStorage.getItem("songhua-theme"); } catch { /* storage is closed to us */ }
const system = matchMedia("(prefers-color-scheme: dark)");
root.dataset.bsTheme = chosen ?? (system.matches ? "dark" : "light");
system.addEventListener("change", () => {
  if (chosen) return;
  root.dataset.bsTheme = system.matches ? "dark" : "light";
  dispatchEvent(new CustomEvent("songhua:theme"));
});
