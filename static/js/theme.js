// Dark or light before anything is drawn: what the reader chose last, else what the system says. A classic script, because modules come too late.

(() => {
  const DARK = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("yuantu.theme");
    } catch {
      return null; // storage is switched off: the system decides
    }
  };
  const show = () => {
    document.documentElement.dataset.theme = chosen() ?? (DARK.matches ? "dark" : "light");
  };
  show();
  DARK.addEventListener("change", () => {
    show();
    dispatchEvent(new Event("themechange"));
  });
  addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-theme-switch]"))
      button.addEventListener("click", () => {
        const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
        try {
          localStorage.setItem("yuantu.theme", next);
        } catch {
          // kept for this page only
        }
        document.documentElement.dataset.theme = next;
        dispatchEvent(new Event("themechange"));
      });
  });
})();
