import { Dialog as Base } from "@base-ui/react/dialog";
import type { ReactNode } from "react";
import classes from "./dialog.module.css";

/** A dialog over the page. It keeps the focus inside, and gives it back when it closes. */
export const Dialog = ({
  isOpen,
  onClose,
  title,
  isWide = false,
  children,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** It takes the whole window: something is designed in it. */
  readonly isWide?: boolean;
  readonly children: ReactNode;
}) => (
  <Base.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
    <Base.Portal>
      <Base.Backdrop className={classes.backdrop} />
      <Base.Popup className={isWide ? `${classes.popup} ${classes.wide}` : classes.popup}>
        <Base.Title className={classes.title}>{title}</Base.Title>
        {children}
        <Base.Close className={classes.close} aria-label="Close">
          <span aria-hidden="true">✕</span>
        </Base.Close>
      </Base.Popup>
    </Base.Portal>
  </Base.Root>
);
