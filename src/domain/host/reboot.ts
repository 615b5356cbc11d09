/** On a host: the deployment that has asked for a reboot, and what the host goes back to unless it is confirmed. */
export const rebootFile = "/nix/var/cim-leaf/reboot";
