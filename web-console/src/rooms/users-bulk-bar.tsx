import { Button, Group, Text } from "@mantine/core";
import { IconBan, IconLogout, IconTrash, IconUserCheck, IconUserMinus, IconUserShield } from "@tabler/icons-react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import type { Permission, UserBatchFilter } from "../api/types";
import { useFirstSpeech } from "../i18n";
import { later } from "../later";
import { useMay } from "../shell/session";
import type { BatchKind, Kind } from "./bulk";

const BulkDialog = lazy(later(() => import("./users-bulk").then((room) => ({ default: room.BulkDialog }))));

const BatchDialog = lazy(later(() => import("./users-batch").then((room) => ({ default: room.BatchDialog }))));

interface Act<K> {
  kind: K;
  permission: Permission;
  icon: ReactNode;
}

export const BULK: Act<Kind>[] = [
  { kind: "enable", permission: "users:enable", icon: <IconUserCheck size={16} aria-hidden /> },
  { kind: "disable", permission: "users:disable", icon: <IconBan size={16} aria-hidden /> },
  { kind: "grant", permission: "users/permissions:create", icon: <IconUserShield size={16} aria-hidden /> },
  { kind: "delete", permission: "users:delete", icon: <IconTrash size={16} aria-hidden /> },
];

const BATCH: Act<BatchKind>[] = [
  ...BULK.slice(0, -1),
  { kind: "revoke", permission: "users/permissions:create", icon: <IconUserMinus size={16} aria-hidden /> },
  { kind: "signOut", permission: "users/sessions:delete", icon: <IconLogout size={16} aria-hidden /> },
  ...BULK.slice(-1),
];

/** Everybody whom the list has, where that is more than are shown. */
export interface Everyone {
  filter: UserBatchFilter;
  shown: string;
  chosen: boolean;
  choose: () => void;
}

function Acts<K extends BatchKind>({ acts, onAct }: { acts: Act<K>[]; onAct: (kind: K) => void }) {
  const { t } = useFirstSpeech();
  const may = useMay();
  return acts
    .filter(({ permission }) => may(permission))
    .map(({ kind, icon }) => (
      <Button key={kind} size="compact-md" variant="default" leftSection={icon} onClick={() => onAct(kind)}>
        {t.bulk.acts[kind]}
      </Button>
    ));
}

/** What can be done to everyone who is chosen. */
export function BulkBar({ names, everyone, onClear }: { names: string[]; everyone?: Everyone; onClear: () => void }) {
  const { t, format } = useFirstSpeech();
  const [kind, setKind] = useState<Kind>();
  const [batch, setBatch] = useState<BatchKind>();
  // What is being done stays on its dialog while the choice changes underneath.
  const [meant, setMeant] = useState<string[]>([]);
  const [filter, setFilter] = useState<UserBatchFilter>();
  const all = everyone?.chosen === true;
  return (
    <>
      {names.length > 0 && (
        <Group gap="xs" mb="sm" role="toolbar" aria-label={t.bulk.toolbar}>
          <Text size="sm" fw={560} role="status">
            {all ? t.bulk.everyoneChosen(everyone.shown) : t.bulk.chosen(names.length, format.number(names.length))}
          </Text>
          {everyone !== undefined && !all && (
            <Button size="compact-md" variant="subtle" onClick={everyone.choose}>
              {t.bulk.everyone(everyone.shown)}
            </Button>
          )}
          {all ? (
            <Acts
              acts={BATCH}
              onAct={(act) => {
                setFilter(everyone.filter);
                setBatch(act);
              }}
            />
          ) : (
            <Acts
              acts={BULK}
              onAct={(act) => {
                setMeant(names);
                setKind(act);
              }}
            />
          )}
          <Button size="compact-md" variant="subtle" onClick={onClear}>
            {t.bulk.clear}
          </Button>
        </Group>
      )}
      {meant.length > 0 && (
        <Suspense fallback={null}>
          <BulkDialog
            kind={kind}
            names={meant}
            onClose={() => setKind(undefined)}
            onDone={() => {
              setKind(undefined);
              onClear();
            }}
          />
        </Suspense>
      )}
      {filter !== undefined && (
        <Suspense fallback={null}>
          <BatchDialog
            kind={batch}
            filter={filter}
            onClose={() => setBatch(undefined)}
            onDone={() => {
              setBatch(undefined);
              onClear();
            }}
          />
        </Suspense>
      )}
    </>
  );
}
