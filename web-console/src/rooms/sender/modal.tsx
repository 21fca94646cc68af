import type { ReactNode } from "react";
import { useSpeech } from "../../i18n";
import { Modal } from "../../parts/dialog";

/** Whether a dialogue about a sender is open, and what closes it. */
export interface Dialogue {
  opened: boolean;
  onClose: () => void;
}

/** A dialogue about a sender. */
export function SenderModal({ title, opened, onClose, children }: Dialogue & { title: string; children: ReactNode }) {
  const { t } = useSpeech();
  return (
    <Modal opened={opened} onClose={onClose} size="lg" title={title} closeButtonProps={{ "aria-label": t.common.close }}>
      {children}
    </Modal>
  );
}
