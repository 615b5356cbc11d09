import type { ReactNode } from "react";
import { Link } from "wouter";
import { atText, useAt, useBeside } from "../data/at.ts";

/** Returns an address at a moment: whoever travels in time stays there from page to page. */
export const useHref = (): ((href: string) => string) => {
  const at = useAt();
  const [isBeside] = useBeside();
  return (href) =>
    at === undefined
      ? href
      : `${href}${href.includes("?") ? "&" : "?"}at=${encodeURIComponent(atText(at))}${isBeside ? "&beside=now" : ""}`;
};

/** A link to a page of the console. It keeps the moment that one has travelled to. */
export const To = ({
  href,
  className,
  current,
  children,
}: {
  readonly href: string;
  readonly className?: string | undefined;
  /** Whether one is there. */
  readonly current?: boolean;
  readonly children: ReactNode;
}) => (
  <Link href={useHref()(href)} className={className} aria-current={current === true ? "page" : undefined}>
    {children}
  </Link>
);
