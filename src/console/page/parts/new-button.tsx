import { type ReactNode, useState } from "react";
import { useAt } from "../data/at.ts";
import { Button } from "../design/button.tsx";
import { Offer } from "./offer.tsx";

/**
 * A button that opens a form, as long as one looks at the present. Somebody who may not give the `command` that the form
 * sends is told whom it is for.
 */
export const NewButton = ({
  name,
  command,
  how = "make",
  kind = "main",
  children,
}: {
  readonly name: string;
  readonly command: string;
  readonly how?: "make" | "change";
  readonly kind?: "main" | "plain";
  readonly children: (onClose: () => void) => ReactNode;
}) => {
  const [isOpen, setOpen] = useState(false);
  const isNow = useAt() === undefined;
  return (
    isNow && (
      <Offer command={command} how={how} what={name}>
        <Button kind={kind} onClick={() => setOpen(true)}>
          {name}
        </Button>
        {isOpen && children(() => setOpen(false))}
      </Offer>
    )
  );
};
