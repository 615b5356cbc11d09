import { Handle, type NodeProps, Position } from "@xyflow/react";
import { createContext, useContext } from "react";
import { visible } from "../../../../domain/kernel/visible.ts";
import classes from "./canvas.module.css";
import { type FlowNode, handles, keyOfNode } from "./canvas-model.ts";
import { Cursor } from "./cursor.tsx";
import { Mark } from "./mark.tsx";

/** The box or node that Tab leads to: the current one. */
export const PlacesContext = createContext<string | undefined>(undefined);

const Handles = ({ isConnectable }: { readonly isConnectable: boolean }) => (
  <>
    <Handle id={handles.side} type="target" position={Position.Right} isConnectable={false} />
    <Handle id={handles.left} type="target" position={Position.Left} isConnectable={isConnectable} />
    <Handle id={handles.right} type="source" position={Position.Right} isConnectable={isConnectable} />
    <Handle id={handles.top} type="target" position={Position.Top} isConnectable={isConnectable} />
    <Handle id={handles.bottom} type="source" position={Position.Bottom} isConnectable={isConnectable} />
  </>
);

/** A host, around its nodes. */
const HostBox = ({ id, data, isConnectable }: NodeProps<FlowNode>) => {
  const { host, detail, isSelected, severity } = data;
  const tabStop = useContext(PlacesContext);
  return (
    <div className={isSelected ? `${classes.box} ${classes.selected}` : classes.box}>
      {host === undefined ? (
        <div className={classes.head}>On no host</div>
      ) : (
        <>
          <div
            role="button"
            aria-pressed={isSelected}
            tabIndex={tabStop === id ? 0 : -1}
            data-spot={id}
            className={classes.head}
          >
            <b>{visible(host)}</b> <span className={classes.detail}>{visible(detail)}</span>
            <Cursor at={keyOfNode(id)} />
            {severity !== undefined && <Mark severity={severity} />}
          </div>
          <Handles isConnectable={isConnectable} />
        </>
      )}
    </div>
  );
};

/** A node in its host. */
const NodeSpot = ({ id, data, isConnectable }: NodeProps<FlowNode>) => {
  const { node = "", detail, isSelected, isFirst, severity } = data;
  const tabStop = useContext(PlacesContext);
  const names = [classes.spot, isSelected ? classes.selected : "", isFirst ? "" : classes.replica];
  return (
    <div
      role="button"
      aria-pressed={isSelected}
      tabIndex={tabStop === id ? 0 : -1}
      data-spot={id}
      className={names.join(" ")}
    >
      <span className={classes.name}>
        <b>{visible(node)}</b>
        {isFirst && <Cursor at={keyOfNode(id)} />}
        {severity !== undefined && <Mark severity={severity} />}
      </span>
      <span className={classes.detail}>
        {visible(detail)}
        {isFirst ? "" : " · replica"}
      </span>
      <Handles isConnectable={isConnectable} />
    </div>
  );
};

/** How the canvas draws what it has. */
export const nodeTypes = { box: HostBox, spot: NodeSpot };
