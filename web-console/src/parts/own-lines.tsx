import { Button, Group, Skeleton, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "./confirm";
import { Panel } from "./page";
import classes from "./parts.module.css";
import { ProblemAlert } from "./problem";

/** What ends one of the things that somebody has, in words. */
export interface Ending {
  label: string;
  title: string;
  what: string;
  act: () => Promise<unknown>;
  done: string;
}

/** One of the things that somebody has, with a button that ends it. */
export function OwnLine({
  icon,
  name,
  id,
  badge,
  details,
  ending,
  onEnded,
}: {
  icon: ReactNode;
  name: string;
  id: string;
  badge?: ReactNode;
  details: ReactNode;
  ending?: Ending;
  onEnded: () => unknown;
}) {
  return (
    <li className={classes.line}>
      {icon}
      <div style={{ flex: 1, minWidth: 0 }}>
        <Group gap="xs">
          <Text size="sm" fw={560} title={id}>
            {name}
          </Text>
          {badge}
        </Group>
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {details}
        </Text>
      </div>
      {ending !== undefined && <ConfirmedAct {...ending} onDone={onEnded} size="compact-sm" />}
    </li>
  );
}

/** What a list of the server is of that goes on. */
interface Following<T> {
  data: { pages: { items: T[] }[] } | undefined;
  error: unknown;
  isError: boolean;
  isPending: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  refetch: () => unknown;
  fetchNextPage: () => unknown;
}

/** The things that somebody has, line by line. */
export function OwnLines<T>({
  list,
  title,
  hint,
  none,
  line,
  aside,
  below,
}: {
  list: Following<T>;
  title: string;
  hint: string;
  none: string;
  aside?: ReactNode;
  line: (item: T) => ReactNode;
  below?: ReactNode;
}) {
  const { t } = useSpeech();
  const items = list.data?.pages.flatMap((page) => page.items);
  return (
    <Panel title={title} hint={hint} aside={aside}>
      {list.isError && <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={40} aria-busy aria-label={t.common.loading} role="group" />}
      {items?.length === 0 && (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      )}
      {items !== undefined && items.length > 0 && <ul className={classes.lines}>{items.map(line)}</ul>}
      {list.hasNextPage && (
        <Button
          variant="default"
          size="compact-sm"
          mt="sm"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t.devices.more}
        </Button>
      )}
      {below}
    </Panel>
  );
}
