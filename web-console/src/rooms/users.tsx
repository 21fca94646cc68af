import { Button, Checkbox, CloseButton, Group, Popover, Skeleton, Stack, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedCallback, useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { IconColumns3, IconSearch, IconUserPlus, IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { usersQuery } from "../api/queries";
import type { DetailedUser } from "../api/types";
import { useSpeech } from "../i18n";
import type { Texts } from "../i18n/texts";
import { Empty } from "../parts/empty";
import { LinkText } from "../parts/link";
import { Moment } from "../parts/moment";
import { Page } from "../parts/page";
import { Paging } from "../parts/paging";
import classes from "../parts/parts.module.css";
import { EmailLine, EmailState, Face, Roles, UserState } from "../parts/person";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import type { UsersSearch } from "../router";
import { useMay } from "../shell/session";
import { DEFAULT_SIZE } from "../url";
import { chosenColumns, COLUMNS, type Column } from "./columns";
import { CreateUser } from "./create-user";

const CELLS: Record<Column, (item: DetailedUser) => ReactNode> = {
  displayName: ({ user }) => user.spec.displayName,
  email: ({ user }) => <EmailLine user={user} />,
  roles: ({ roles }) => <Roles roles={roles} />,
  state: ({ user }) => <UserState disabled={user.spec.disabled} />,
  created: ({ user }) => <Moment at={user.metadata.creationTimestamp} />,
};

const label = (t: Texts, column: Column) => t.users[column];

function Search({ value, onSearch }: { value: string; onSearch: (keyword: string) => void }) {
  const { t } = useSpeech();
  const [typed, setTyped] = useState(value);
  const sent = useRef(value);
  const send = useDebouncedCallback((keyword: string) => {
    sent.current = keyword;
    onSearch(keyword);
  }, 250);
  useEffect(() => {
    // The address changed by itself (back, a cleared search): the field follows; an echo of the typing must not.
    if (value !== sent.current) {
      sent.current = value;
      setTyped(value);
    }
  }, [value]);
  const type = (keyword: string) => {
    setTyped(keyword);
    send(keyword.trim());
  };
  return (
    <TextInput
      type="search"
      aria-label={t.users.search}
      placeholder={t.users.searchPlaceholder}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={typed !== "" && <CloseButton size="sm" aria-label={t.users.clearSearch} onClick={() => type("")} />}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      flex="1 1 220px"
      maw={380}
    />
  );
}

function ColumnChoice({ chosen, onChoose }: { chosen: Column[]; onChoose: (columns: Column[]) => void }) {
  const { t } = useSpeech();
  return (
    <Popover position="bottom-end" trapFocus returnFocus shadow="md">
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns3 size={16} aria-hidden />} visibleFrom="md">
          {t.users.columns}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t.users.columns}>
        <Checkbox.Group
          aria-label={t.users.columns}
          value={chosen}
          onChange={(values) => onChoose(COLUMNS.filter((column) => values.includes(column)))}
        >
          <Stack gap="xs">
            {COLUMNS.map((column) => (
              <Checkbox key={column} value={column} label={label(t, column)} />
            ))}
          </Stack>
        </Checkbox.Group>
      </Popover.Dropdown>
    </Popover>
  );
}

function Rows({ items, columns }: { items: DetailedUser[]; columns: Column[] }) {
  const navigate = useNavigate();
  return items.map((item) => {
    const { name } = item.user.metadata;
    return (
      // The name is the link for keyboards and screen readers; the rest of the row is a larger target for a mouse.
      <Table.Tr
        key={name}
        className={classes.row}
        onClick={(event) => {
          if (event.target instanceof Element && event.target.closest("a") === null) {
            void navigate({ to: "/users/$name", params: { name } });
          }
        }}
      >
        <Table.Td>
          <Group gap="sm" wrap="nowrap">
            <Face user={item.user} />
            <LinkText to="/users/$name" params={{ name }} fw={560} size="sm" c="inherit">
              {name}
            </LinkText>
          </Group>
        </Table.Td>
        {columns.map((column) => (
          <Table.Td key={column}>{CELLS[column](item)}</Table.Td>
        ))}
      </Table.Tr>
    );
  });
}

function Waiting({ columns, rows }: { columns: number; rows: number }) {
  return Array.from({ length: rows }, (_, row) => (
    <Table.Tr key={row}>
      {Array.from({ length: columns }, (__, column) => (
        <Table.Td key={column}>
          <Skeleton height={14} width={`${45 + ((row * 7 + column * 13) % 40)}%`} />
        </Table.Td>
      ))}
    </Table.Tr>
  ));
}

function Cards({ items }: { items: DetailedUser[] }) {
  return (
    <ul className={classes.cards}>
      {items.map(({ user, roles }) => (
        <li key={user.metadata.name}>
          <Link to="/users/$name" params={{ name: user.metadata.name }} className={classes.card}>
            <Group gap="sm" wrap="nowrap" align="flex-start">
              <Face user={user} size={38} />
              <Stack gap={4} miw={0} flex={1}>
                <Text fw={560} size="sm" truncate>
                  {user.metadata.name}
                </Text>
                <Text size="sm" c="dimmed" truncate>
                  {user.spec.email}
                </Text>
                <Group gap={6}>
                  {user.spec.disabled && <UserState disabled />}
                  <EmailState verified={user.spec.emailVerified} />
                  <Roles roles={roles} />
                </Group>
              </Stack>
            </Group>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function UserList() {
  const { t, format } = useSpeech();
  const may = useMay();
  const search = useSearch({ from: "/inside/users" });
  const navigate = useNavigate({ from: "/users" });
  const cards = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const [remembered, remember] = useLocalStorage<string>({
    key: "tenantry.users.columns",
    defaultValue: "",
    getInitialValueInEffect: false,
  });
  const columns = chosenColumns(search.columns ?? remembered);
  const page = search.page ?? 1;
  const size = search.size ?? DEFAULT_SIZE;
  const keyword = search.q ?? "";
  const users = useQuery(usersQuery({ page, size, keyword: keyword === "" ? undefined : keyword }));
  const go = (change: Partial<UsersSearch>, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const create = () => go({ create: "1" });
  const total = users.data?.total ?? 0;
  const shown = format.number(total);
  const none = users.isSuccess && users.data.items.length === 0;

  return (
    <Page
      title={t.users.title}
      hint={t.users.hint}
      actions={
        may("users:create") && (
          <Button leftSection={<IconUserPlus size={18} aria-hidden />} onClick={create}>
            {t.users.create}
          </Button>
        )
      }
    >
      <Group justify="space-between" mb="sm" gap="sm">
        <Search value={keyword} onSearch={(q) => go({ q: q === "" ? undefined : q, page: undefined }, true)} />
        <Group gap="md">
          <Text size="sm" c="dimmed" role="status">
            {users.isSuccess && (keyword === "" ? t.users.total(total, shown) : t.users.found(total, shown, keyword))}
          </Text>
          <ColumnChoice
            chosen={columns}
            onChoose={(chosen) => {
              const text = chosen.length === 0 ? "name" : chosen.join(",");
              remember(text);
              go({ columns: text }, true);
            }}
          />
        </Group>
      </Group>
      {users.isError && users.data === undefined ? (
        <ProblemAlert error={users.error} onRetry={() => void users.refetch()} />
      ) : (
        <div className={classes.surface} aria-busy={users.isPending}>
          {none && total > 0 && (
            <Empty icon={<IconUsers />} title={t.users.beyond} hint={t.users.beyondHint}>
              <Button variant="default" onClick={() => go({ page: undefined })}>
                {t.users.toFirstPage}
              </Button>
            </Empty>
          )}
          {none && total === 0 && keyword !== "" && (
            <Empty icon={<IconSearch />} title={t.users.nothingFound(keyword)} hint={t.users.nothingFoundHint}>
              <Button variant="default" onClick={() => go({ q: undefined, page: undefined })}>
                {t.users.clearSearch}
              </Button>
            </Empty>
          )}
          {none && total === 0 && keyword === "" && (
            <Empty
              icon={<IconUsers />}
              title={t.users.empty}
              hint={may("users:create") ? t.users.emptyHint : t.users.emptyReadOnly}
            >
              {may("users:create") && <Button onClick={create}>{t.users.createFirst}</Button>}
            </Empty>
          )}
          {!none && cards && users.data !== undefined && <Cards items={users.data.items} />}
          {!none && (!cards || users.data === undefined) && (
            <Table.ScrollContainer minWidth={cards ? 0 : 720} type="native">
              <Table
                verticalSpacing={6}
                horizontalSpacing="sm"
                className={users.isPlaceholderData ? `${classes.table} ${classes.stale}` : classes.table}
                aria-label={t.users.table}
              >
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t.users.name}</Table.Th>
                    {!cards && columns.map((column) => <Table.Th key={column}>{label(t, column)}</Table.Th>)}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {users.data === undefined ? (
                    <Waiting columns={cards ? 1 : columns.length + 1} rows={8} />
                  ) : (
                    <Rows items={users.data.items} columns={columns} />
                  )}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
          {!none && users.data !== undefined && (
            <Paging
              page={page}
              size={size}
              total={total}
              onPage={(chosen) => go({ page: chosen === 1 ? undefined : chosen })}
              onSize={(chosen) => go({ size: chosen === DEFAULT_SIZE ? undefined : chosen, page: undefined })}
            />
          )}
        </div>
      )}
      {may("users:create") && (
        <CreateUser opened={search.create !== undefined} onClose={() => go({ create: undefined }, true)} />
      )}
    </Page>
  );
}

/** Everyone of this tenant: found, paged, created. */
export function Users() {
  const may = useMay();
  return (
    <Guarded allowed={may("users:list")}>
      <UserList />
    </Guarded>
  );
}
