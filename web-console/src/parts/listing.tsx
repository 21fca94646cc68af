import { Group, Skeleton, Stack, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useSpeech } from "../i18n";
import { DEFAULT_SIZE, type Paging as PagingSearch } from "../url";
import { Paging } from "./paging";
import classes from "./parts.module.css";
import { ProblemAlert } from "./problem";

interface Named {
  metadata: { name: string };
}

/** One page of a list, as the API answers it. */
export interface PageOf<T> {
  items: T[];
  total: number;
  totalIsExact: boolean;
}

export interface Column<T> {
  label: string;
  cell: (item: T) => ReactNode;
}

const nameOf = ({ metadata }: Named) => metadata.name;

/** The rows of a list, as cards where there is no room for a table. The first column has the link. */
export function Rows<T extends Named>({
  label,
  items,
  columns,
  stale = false,
  keyOf = nameOf,
  onOpen,
}: {
  label: string;
  items: T[];
  columns: Column<T>[];
  stale?: boolean;
  /** What tells one item from the others; else its name. */
  keyOf?: (item: T) => string;
  onOpen?: (item: T) => void;
}) {
  const cards = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  if (cards) {
    return (
      <ul className={classes.cards} aria-label={label}>
        {items.map((item) => (
          <li key={keyOf(item)}>
            <Stack gap={4} p="md">
              {columns.map((column, at) =>
                at === 0 ? (
                  <div key={column.label}>{column.cell(item)}</div>
                ) : (
                  <Group key={column.label} gap="xs">
                    <Text size="xs" c="dimmed">
                      {column.label}
                    </Text>
                    <Text size="sm" component="div" style={{ overflowWrap: "anywhere" }}>
                      {column.cell(item)}
                    </Text>
                  </Group>
                ),
              )}
            </Stack>
          </li>
        ))}
      </ul>
    );
  }
  return (
    <Table.ScrollContainer minWidth={720} type="native">
      <Table
        verticalSpacing={6}
        horizontalSpacing="sm"
        className={stale ? `${classes.table} ${classes.stale}` : classes.table}
        aria-label={label}
      >
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.label} scope="col">
                {column.label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            // The first cell has the link for keyboards; the rest of the row is a larger target for a mouse.
            <Table.Tr
              key={keyOf(item)}
              className={onOpen && classes.row}
              onClick={(event) => {
                if (event.target instanceof Element && event.target.closest("a, button") === null) onOpen?.(item);
              }}
            >
              {columns.map((column) => (
                <Table.Td key={column.label}>{column.cell(item)}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** A list of one page after the other: while it is read, when it is empty, and when it could not be read. */
export function Listing<T extends Named>({
  label,
  list,
  columns,
  search,
  empty,
  keyOf,
  onOpen,
  onPage,
}: {
  label: string;
  list: UseQueryResult<PageOf<T>>;
  columns: Column<T>[];
  search: PagingSearch;
  empty: ReactNode;
  keyOf?: (item: T) => string;
  /** Opens what a row is about. */
  onOpen?: (item: T) => void;
  onPage: (change: PagingSearch) => void;
}) {
  const { t } = useSpeech();
  if (list.data === undefined) {
    if (list.isError) return <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />;
    return <Skeleton height={320} radius="lg" role="status" aria-label={t.common.loading} />;
  }
  const { items, total, totalIsExact } = list.data;
  return (
    <div className={classes.surface}>
      {items.length === 0 ? (
        empty
      ) : (
        <Rows label={label} items={items} columns={columns} stale={list.isPlaceholderData} keyOf={keyOf} onOpen={onOpen} />
      )}
      <Paging
        page={search.page ?? 1}
        size={search.size ?? DEFAULT_SIZE}
        total={total}
        exact={totalIsExact}
        onPage={(page) => onPage({ page: page === 1 ? undefined : page })}
        onSize={(size) => onPage({ page: undefined, size: size === DEFAULT_SIZE ? undefined : size })}
      />
    </div>
  );
}
