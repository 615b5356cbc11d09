/** A path as NixOS takes mount points: without empty, `.` and `..` parts, and without a slash at its end. */
export const mountPoint = (path: string): string => {
  const parts: Array<string> = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
};
