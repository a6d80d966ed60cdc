// Tabs in the WAI-ARIA pattern: arrows choose, one panel is visible.

/** Make a list of tabs work; `shown(id)` is called with the visible panel. */
export function tabs(list, shown) {
  const all = [...list.querySelectorAll("[role=tab]")];
  const choose = chosen => {
    for (const tab of all) {
      tab.ariaSelected = String(tab === chosen);
      tab.tabIndex = tab === chosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
    }
    shown(chosen.getAttribute("aria-controls"));
  };
  for (const tab of all) tab.addEventListener("click", () => choose(tab));
  list.addEventListener("keydown", event => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!step) return;
    event.preventDefault();
    const usable = all.filter(tab => !tab.hidden);
    const next = usable.at((usable.indexOf(document.activeElement) + step) % usable.length);
    next.focus();
    choose(next);
  });
}
