import { Alert, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { api, body } from "../api/client";
import { useSpeech } from "../i18n";
import { Modal } from "../parts/dialog";
import { useGrantable } from "../parts/role-select";
import { useUserChanged } from "../shell/session";
import { oneByOne, type Kind, type Progress } from "./bulk";
import { Refusals, Running } from "./one-by-one";

async function act(kind: Kind, name: string, role: string): Promise<unknown> {
  const params = { path: { name } };
  if (kind === "enable") return body(api.POST("/users/{name}/enable", { params }));
  if (kind === "disable") return body(api.POST("/users/{name}/disable", { params }));
  if (kind === "delete") return body(api.DELETE("/users/{name}", { params }));
  // The roles as they are now, not as they were when the list was read.
  const { roles } = await body(api.GET("/users/{name}", { params }));
  const names = roles.map(({ metadata }) => metadata.name);
  if (names.includes(role)) return undefined;
  return body(api.POST("/users/{name}/permissions", { params, body: { roles: [...names, role] } }));
}

function Report({ progress, total, onClose }: { progress: Progress; total: number; onClose: () => void }) {
  const { t, format } = useSpeech();
  const { refusals } = progress;
  const well = progress.done - refusals.length;
  return (
    <Stack>
      <Alert
        role="status"
        color={refusals.length === 0 ? "teal" : "yellow"}
        icon={refusals.length === 0 ? <IconCheck aria-hidden /> : <IconAlertTriangle aria-hidden />}
        title={t.bulk.done(format.number(well), format.number(total))}
      >
        {refusals.length > 0 && t.bulk.refused(refusals.length, format.number(refusals.length))}
      </Alert>
      {refusals.length > 0 && <Refusals refusals={refusals} ofUsers />}
      <Group justify="flex-end">
        <Button onClick={onClose} data-autofocus>
          {t.common.done}
        </Button>
      </Group>
    </Stack>
  );
}

function Bulk({ kind, names, onClose, onDone }: { kind: Kind; names: string[]; onClose: () => void; onDone: () => void }) {
  const { t, format } = useSpeech();
  const roles = useGrantable();
  const changed = useUserChanged();
  const [role, setRole] = useState<string | null>(null);
  const [typed, setTyped] = useState("");
  const [running, setRunning] = useState(false);
  const [progress, setProgress] = useState<Progress>();
  const stop = useRef(false);
  const count = format.number(names.length);
  const ready = (kind !== "grant" || role !== null) && (kind !== "delete" || typed.trim() === String(names.length));
  const run = async () => {
    setRunning(true);
    setProgress({ done: 0, refusals: [] });
    await oneByOne(names, (name) => act(kind, name, role ?? ""), setProgress, () => stop.current);
    await changed();
    setRunning(false);
  };
  if (progress !== undefined && !running) return <Report progress={progress} total={names.length} onClose={onDone} />;
  if (progress !== undefined) {
    return (
      <Running
        progress={progress}
        total={names.length}
        onStop={() => {
          stop.current = true;
        }}
      />
    );
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void run();
      }}
    >
      <Stack>
        <Text size="sm">{t.bulk.what[kind](names.length, count)}</Text>
        <Text size="sm" c="dimmed" lineClamp={3} style={{ overflowWrap: "anywhere" }}>
          {format.list(names)}
        </Text>
        {kind === "grant" && (
          <Select label={t.bulk.role} data={roles} value={role} onChange={setRole} searchable data-autofocus />
        )}
        {kind === "delete" && (
          <TextInput
            label={t.common.typeToConfirm(String(names.length))}
            autoComplete="off"
            inputMode="numeric"
            data-autofocus
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" disabled={!ready} color={kind === "delete" || kind === "disable" ? "red.8" : undefined}>
            {t.bulk.acts[kind]}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Asks whether it shall be done, does it, and tells what became of it. */
export function BulkDialog({
  kind,
  names,
  onClose,
  onDone,
}: {
  kind?: Kind;
  names: string[];
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useSpeech();
  return (
    <Modal
      opened={kind !== undefined}
      onClose={onClose}
      title={kind === undefined ? "" : t.bulk.acts[kind]}
      // Long work ends by its own button, and its report must not be lost by a click beside it.
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      {kind !== undefined && <Bulk kind={kind} names={names} onClose={onClose} onDone={onDone} />}
    </Modal>
  );
}
