import { type ReactNode, useState } from "react";
import { useAt } from "../data/at.ts";
import { Button } from "../design/button.tsx";

/** A button that opens a form, as long as one looks at the present. */
export const NewButton = ({
  name,
  kind = "main",
  children,
}: {
  readonly name: string;
  readonly kind?: "main" | "plain";
  readonly children: (onClose: () => void) => ReactNode;
}) => {
  const [isOpen, setOpen] = useState(false);
  const isNow = useAt() === undefined;
  return (
    isNow && (
      <>
        <Button kind={kind} onClick={() => setOpen(true)}>
          {name}
        </Button>
        {isOpen && children(() => setOpen(false))}
      </>
    )
  );
};
