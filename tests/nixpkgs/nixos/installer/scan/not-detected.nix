# What `nixos-generate-config` imports for hardware of people's desks.
{ lib, ... }:
{
  hardware.enableRedistributableFirmware = lib.mkDefault true;
}
