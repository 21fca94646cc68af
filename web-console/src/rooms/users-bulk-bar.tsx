import { Button, Group, Text } from "@mantine/core";
import { IconBan, IconTrash, IconUserCheck, IconUserShield } from "@tabler/icons-react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import type { Permission } from "../api/types";
import { useFirstSpeech } from "../i18n";
import { later } from "../later";
import { useMay } from "../shell/session";
import type { Kind } from "./bulk";

const BulkDialog = lazy(later(() => import("./users-bulk").then((room) => ({ default: room.BulkDialog }))));

export const BULK: { kind: Kind; permission: Permission; icon: ReactNode }[] = [
  { kind: "enable", permission: "users:enable", icon: <IconUserCheck size={16} aria-hidden /> },
  { kind: "disable", permission: "users:disable", icon: <IconBan size={16} aria-hidden /> },
  { kind: "grant", permission: "users/permissions:create", icon: <IconUserShield size={16} aria-hidden /> },
  { kind: "delete", permission: "users:delete", icon: <IconTrash size={16} aria-hidden /> },
];

/** What can be done to everyone who is chosen. */
export function BulkBar({ names, onClear }: { names: string[]; onClear: () => void }) {
  const { t, format } = useFirstSpeech();
  const may = useMay();
  const [kind, setKind] = useState<Kind>();
  // What is being done stays on its dialog while the choice changes underneath.
  const [meant, setMeant] = useState<string[]>([]);
  const [opened, setOpened] = useState(false);
  const close = () => setKind(undefined);
  return (
    <>
      {names.length > 0 && (
        <Group gap="xs" mb="sm" role="toolbar" aria-label={t.bulk.toolbar}>
          <Text size="sm" fw={560} role="status">
            {t.bulk.chosen(names.length, format.number(names.length))}
          </Text>
          {BULK.filter(({ permission }) => may(permission)).map((bulk) => (
            <Button
              key={bulk.kind}
              size="compact-md"
              variant="default"
              leftSection={bulk.icon}
              onClick={() => {
                setOpened(true);
                setMeant(names);
                setKind(bulk.kind);
              }}
            >
              {t.bulk.acts[bulk.kind]}
            </Button>
          ))}
          <Button size="compact-md" variant="subtle" onClick={onClear}>
            {t.bulk.clear}
          </Button>
        </Group>
      )}
      {(opened || kind !== undefined) && (
        <Suspense fallback={null}>
          <BulkDialog
            kind={kind}
            names={meant}
            onClose={close}
            onDone={() => {
              close();
              onClear();
            }}
          />
        </Suspense>
      )}
    </>
  );
}
