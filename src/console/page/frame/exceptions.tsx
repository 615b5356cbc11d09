import { scopeText } from "../../../domain/freeze/scope.ts";
import { useAt } from "../data/at.ts";
import { useExceptions } from "../data/exceptions.tsx";
import { Age } from "../design/age.tsx";
import { Notice } from "../design/notice.tsx";
import { TextOf } from "../design/text-of.tsx";
import { To } from "../design/to.tsx";
import classes from "./exceptions.module.css";

/** Says on every page whose review of a broken glass is open, and what is frozen. */
export const ExceptionBanners = () => {
  const { reviews, freezes } = useExceptions();
  const isPast = useAt() !== undefined;
  if (isPast || reviews.length + freezes.length === 0) return null;
  return (
    <section aria-label="What does not go by the usual rules" className={classes.banners}>
      {reviews.map(({ deployment, by, reason, at }) => (
        <Notice key={deployment} tone="bad" actions={<To href={`/deployments/${deployment}`}>Review {deployment}</To>}>
          <strong>Glass broken</strong> by <TextOf text={by} /> for {deployment}, <Age at={at} />: “
          <TextOf text={reason} />
          ”. Its review is open.
        </Notice>
      ))}
      {freezes.map(({ id, by, reason, since }) => (
        <Notice key={id} tone="warn" actions={<To href="/rules?tab=freezes">Freezes</To>}>
          <strong>Frozen</strong>: <TextOf text={scopeText(id)} />
          {by !== undefined && (
            <>
              {" "}
              by <TextOf text={by} />
            </>
          )}
          {since !== undefined && (
            <>
              , <Age at={since} />
            </>
          )}
          {reason !== undefined && (
            <>
              : “<TextOf text={reason} />”
            </>
          )}
          . Nothing begins to activate there.
        </Notice>
      ))}
    </section>
  );
};
