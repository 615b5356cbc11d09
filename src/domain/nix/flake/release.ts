/** The release of NixOS that generated flakes are built from. */
export const release = "26.05";
