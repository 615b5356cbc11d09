import { Api, Sharing, Store } from "../../client/mod.ts";

/** What the page asks and commands. */
export const api = new Api({
  fetch: (address, init) => fetch(address, init),
  newId: () => crypto.randomUUID(),
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
});

/** What this tab knows. What comes within a frame of the screen is shown together. */
export const store = new Store((work) => setTimeout(work, 16));

/** The one event stream of all tabs of this browser. */
export const sharing = new Sharing({
  store,
  open: (address) => new EventSource(address),
  loggedIn: async () => (await api.session()) !== undefined,
  channel: new BroadcastChannel("cim"),
  locks: navigator.locks,
  tab: crypto.randomUUID(),
});

/** Ends the session, and shows that one is logged out. */
export const logOut = async (): Promise<void> => {
  await api.logOut();
  location.assign("/");
};
