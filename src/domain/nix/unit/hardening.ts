import { attributes, binding, boolean, type Expression, reference, string, strings } from "../language/expression.ts";

/** The file of the flake with the settings that restrict the units of services and agents. */
export const hardeningFile = "modules/hardening.nix";

/** The name that host modules use for these settings. */
export const hardening: Expression = reference("hardening");

/**
 * The content of {@link hardeningFile}: settings of systemd.exec(5) that suit any network program in any language.
 * Memory may still be written and then executed, because just-in-time compilers need that.
 */
export const hardeningExpression: Expression = attributes([
  binding("CapabilityBoundingSet", string("")),
  binding("LockPersonality", boolean(true)),
  binding("NoNewPrivileges", boolean(true)),
  binding("PrivateDevices", boolean(true)),
  binding("PrivateTmp", boolean(true)),
  binding("ProtectClock", boolean(true)),
  binding("ProtectControlGroups", boolean(true)),
  binding("ProtectHome", boolean(true)),
  binding("ProtectHostname", boolean(true)),
  binding("ProtectKernelLogs", boolean(true)),
  binding("ProtectKernelModules", boolean(true)),
  binding("ProtectKernelTunables", boolean(true)),
  binding("ProtectProc", string("invisible")),
  binding("ProtectSystem", string("strict")),
  binding("RemoveIPC", boolean(true)),
  binding("RestrictAddressFamilies", strings(["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"])),
  binding("RestrictNamespaces", boolean(true)),
  binding("RestrictRealtime", boolean(true)),
  binding("RestrictSUIDSGID", boolean(true)),
  binding("SystemCallArchitectures", string("native")),
  binding("SystemCallFilter", strings(["@system-service"])),
  binding("UMask", string("0027")),
]);
