export { type Fault, type FaultStep, parseFault } from "./faults.ts";
export { SimulatedHosts, type SimulationOptions } from "./simulated-hosts.ts";
