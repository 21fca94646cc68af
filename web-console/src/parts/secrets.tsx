import { Button, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient, type UseQueryOptions } from "@tanstack/react-query";
import { useState } from "react";
import { problemOf } from "../api/problem";
import type { ClientSecret, NewClientSecret } from "../api/types";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "./confirm";
import { Modal } from "./dialog";
import { Empty } from "./empty";
import { Moment, When } from "./moment";
import { Panel } from "./page";
import { ProblemAlert } from "./problem";
import { ShownOnce } from "./shown-once";

/** Secrets that are good at one time. */
const MOST = 2;

function Form({ make, onClose }: { make: (expiresAt?: string) => Promise<NewClientSecret>; onClose: () => void }) {
  const { t } = useSpeech();
  const [until, setUntil] = useState("");
  const made = useMutation({ mutationFn: () => make(until === "" ? undefined : new Date(until).toISOString()) });
  if (made.data !== undefined) {
    return (
      <Stack>
        <ShownOnce title={t.secrets.shown} hint={t.secrets.shownOnce} label={t.secrets.label} value={made.data.spec.secret} />
        <Group justify="flex-end">
          <Button onClick={onClose}>{t.common.done}</Button>
        </Group>
      </Stack>
    );
  }
  const wrong = made.isError ? problemOf(made.error).errors.find(({ field }) => field.endsWith("expiresAt")) : undefined;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        made.mutate();
      }}
    >
      <Stack>
        {made.isError && <ProblemAlert error={made.error} />}
        <Text size="sm">{t.secrets.makeHint}</Text>
        <TextInput
          type="datetime-local"
          label={t.secrets.expiresAt}
          description={t.secrets.expiresAtHint}
          error={wrong?.detail}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={made.isPending}>
            {t.secrets.make}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The secrets of an application or of an API: which there are, a new one, and none of one. */
export function Secrets<K extends readonly unknown[]>({
  query,
  hint,
  make,
  remove,
}: {
  query: UseQueryOptions<{ items: ClientSecret[] }, Error, { items: ClientSecret[] }, K>;
  hint: string;
  /** Absent for whoever may not. */
  make?: (expiresAt?: string) => Promise<NewClientSecret>;
  remove?: (secret: string) => Promise<unknown>;
}) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const secrets = useQuery(query);
  const [opened, { open, close }] = useDisclosure(false);
  const items = secrets.data?.items;
  const changed = () => {
    void client.invalidateQueries({ queryKey: ["audit"] });
    return client.invalidateQueries({ queryKey: query.queryKey });
  };
  const full = items !== undefined && items.length >= MOST;
  return (
    <Panel
      title={t.secrets.title}
      hint={hint}
      aside={
        make !== undefined &&
        items !== undefined && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} disabled={full} onClick={open}>
            {t.secrets.make}
          </Button>
        )
      }
    >
      {items === undefined && secrets.isError && <ProblemAlert error={secrets.error} onRetry={() => void secrets.refetch()} />}
      {items?.length === 0 && <Empty icon={<IconKey />} title={t.secrets.none} hint={t.secrets.noneHint} />}
      {items !== undefined && items.length > 0 && (
        <Table.ScrollContainer minWidth={560} type="native">
          <Table verticalSpacing={6} aria-label={t.secrets.title}>
            <Table.Thead>
              <Table.Tr>
                {[t.secrets.ends, t.secrets.made, t.secrets.lastUsed, t.secrets.expires].map((name) => (
                  <Table.Th key={name} scope="col">
                    {name}
                  </Table.Th>
                ))}
                {remove !== undefined && <Table.Td />}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map(({ metadata, spec, status }) => (
                <Table.Tr key={metadata.name}>
                  <Table.Td ff="monospace">…{status.hint}</Table.Td>
                  <Table.Td>
                    <Moment at={metadata.creationTimestamp} />
                  </Table.Td>
                  <Table.Td>{status.lastUsedAt === undefined ? t.secrets.neverUsed : <Moment at={status.lastUsedAt} />}</Table.Td>
                  <Table.Td>
                    {spec.expiresAt === undefined ? (
                      t.secrets.forGood
                    ) : (
                      <When at={spec.expiresAt} />
                    )}
                  </Table.Td>
                  {remove !== undefined && (
                    <Table.Td ta="end">
                      <ConfirmedAct
                        label={t.secrets.delete}
                        title={t.secrets.deleteOf(status.hint)}
                        what={t.secrets.deleteWhat}
                        act={() => remove(metadata.name)}
                        done={t.secrets.deleted(status.hint)}
                        onDone={changed}
                        size="compact-sm"
                      />
                    </Table.Td>
                  )}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {full && make !== undefined && (
        <Text size="sm" c="dimmed" mt="sm">
          {t.secrets.full}
        </Text>
      )}
      {make !== undefined && (
        <Modal
          opened={opened}
          onClose={close}
          title={t.secrets.make}
          closeOnClickOutside={false}
          closeButtonProps={{ "aria-label": t.common.close }}
        >
          <Form
            make={async (expiresAt) => {
              const made = await make(expiresAt);
              void changed();
              return made;
            }}
            onClose={close}
          />
        </Modal>
      )}
    </Panel>
  );
}
