import { Component, type ReactNode } from "react";
import { Button } from "../design/button.tsx";
import { Empty } from "../design/empty.tsx";
import { Failure } from "../design/failure.tsx";
import classes from "./no-page.module.css";

interface State {
  readonly error?: unknown;
}

/**
 * Keeps a fault of one page from taking the others along: the frame stays, and one can go elsewhere. The part of the
 * program that a page consists of may also be missing, because the connection is lost or a newer console is served.
 */
export class Broken extends Component<{ readonly children: ReactNode }, State> {
  override readonly state: State = {};

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return (
      <div className={classes.broken}>
        <Empty title="This page could not be shown">Everything else works on. What you have saved is safe.</Empty>
        <Failure error={this.state.error} />
        <Button onClick={() => location.reload()}>Load it again</Button>
      </div>
    );
  }
}
