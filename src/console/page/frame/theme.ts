import { useSyncExternalStore } from "react";

/** `system` follows the setting of the system. */
export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const key = "cim-theme";
const listeners = new Set<() => void>();

const kept = (): Theme => {
  const found = localStorage.getItem(key);
  return themes.find((theme) => theme === found) ?? "system";
};

/** Shows the page in the theme that this browser keeps. */
export const applyTheme = (): void => {
  const theme = kept();
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
};

const setTheme = (theme: Theme): void => {
  localStorage.setItem(key, theme);
  applyTheme();
  for (const listener of listeners) listener();
};

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

const dark = "(prefers-color-scheme: dark)";

const subscribeShown = (listener: () => void) => {
  const system = matchMedia(dark);
  listeners.add(listener);
  system.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener("change", listener);
  };
};

const isDark = (): boolean => (kept() === "system" ? matchMedia(dark).matches : kept() === "dark");

/** Whether the page is dark now: for what is drawn with colours of its own, and drawn again if they change. */
export const useIsDark = (): boolean => useSyncExternalStore(subscribeShown, isDark);

/** The theme, and what sets it for this browser. */
export const useTheme = (): readonly [Theme, (theme: Theme) => void] => [
  useSyncExternalStore(subscribe, kept),
  setTheme,
];
