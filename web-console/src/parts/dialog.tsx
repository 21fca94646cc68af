import { Modal as Plain, type ModalProps } from "@mantine/core";
import classes from "./parts.module.css";
import { RequestButton } from "./request-button";

const STYLES = { content: { position: "relative" }, title: { paddingInlineEnd: 40 } } as const;

/** A dialog, which can show its requests as a page can. */
export function Modal({ children, ...props }: ModalProps) {
  return (
    <Plain styles={STYLES} {...props}>
      {children}
      <div className={classes.dialogRequests}>
        <RequestButton />
      </div>
    </Plain>
  );
}
