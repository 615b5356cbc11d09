/*
 * Loaded into a process before anything else (`node --import`): its clock is off by `CIM_TEST_CLOCK_OFF` milliseconds. The
 * monotonic clock stays as it is, like that of a machine whose time was set wrongly.
 */
const off = Number(process.env.CIM_TEST_CLOCK_OFF ?? 0);
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + off);
    else super(...given);
  }

  static now() {
    return RealDate.now() + off;
  }
};
