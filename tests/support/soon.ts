/** Makes an assertion again until it holds, at any load. Fails with its last failure after a bound, in seconds. */
export const soon = async (assertion: () => Promise<void>, bound = 200): Promise<void> => {
  const end = Date.now() + bound * 1_000;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }
};
