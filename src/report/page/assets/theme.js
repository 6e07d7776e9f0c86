"use strict";
/* Light and dark theme: the system's setting, until the button changes it. */
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const show = () => {
    button.textContent = isDark() ? "Light theme" : "Dark theme";
    document.dispatchEvent(new Event("posekit-theme"));
  };
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("posekit-theme", root.dataset.theme);
    } catch {
      // Without storage the choice applies to this page only.
    }
    show();
  });
  system.addEventListener("change", show);
  show();
})();
