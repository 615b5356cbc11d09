import { type ReactNode, useState } from "react";
import { useAt } from "../data/at.ts";
import { Button } from "../design/button.tsx";

/** A button that opens a form, as long as one looks at the present. */
export const NewButton = ({
  name,
  children,
}: {
  readonly name: string;
  readonly children: (onClose: () => void) => ReactNode;
}) => {
  const [isOpen, setOpen] = useState(false);
  const isNow = useAt() === undefined;
  return (
    isNow && (
      <>
        <Button kind="main" onClick={() => setOpen(true)}>
          {name}
        </Button>
        {isOpen && children(() => setOpen(false))}
      </>
    )
  );
};
