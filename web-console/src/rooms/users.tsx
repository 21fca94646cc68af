import {
  Box,
  Button,
  Checkbox,
  Group,
  Popover,
  Skeleton,
  Stack,
  Table,
  Text,
  UnstyledButton,
} from "@mantine/core";
import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { IconArrowDown, IconArrowsSort, IconArrowUp, IconColumns3, IconFileImport, IconMailForward, IconSearch, IconUserPlus, IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { usersQuery } from "../api/first-queries";
import type { DetailedUser, User } from "../api/types";
import { apiPath } from "../base";
import { useFirstSpeech } from "../i18n";
import { later } from "../later";
import type { FirstTexts } from "../i18n/texts";
import { Empty } from "../parts/empty";
import { LinkButton, LinkText } from "../parts/link";
import { Moment } from "../parts/moment";
import { Page } from "../parts/page";
import { Paging } from "../parts/paging";
import classes from "../parts/parts.module.css";
import { Exceptions, Face, Roles } from "../parts/person";
import { ProblemAlert } from "../parts/problem";
import { Search } from "../parts/search";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { DEFAULT_SIZE } from "../url";
import { chosenColumns, COLUMNS, type Column } from "./columns";
import { BULK, BulkBar } from "./users-bulk-bar";
import { Filters } from "./users-filters";
import { DEFAULT_SORT, exportAsked, filterOf, isFiltered, lastPage, usersAsked, type Sort, type UsersSearch } from "./users-search";

const CreateUser = lazy(later(() => import("./create-user").then((room) => ({ default: room.CreateUser }))));

const Invite = lazy(later(() => import("./invite").then((room) => ({ default: room.Invite }))));

const ImportUsers = lazy(later(() => import("./import-users").then((room) => ({ default: room.ImportUsers }))));

const CELLS: Record<Column, (item: DetailedUser) => ReactNode> = {
  roles: ({ roles }) => <Roles roles={roles} />,
  created: ({ user }) => <Moment at={user.metadata.creationTimestamp} />,
};

const label = (t: FirstTexts, column: Column) => t.users[column];

function ColumnChoice({ chosen, onChoose }: { chosen: Column[]; onChoose: (columns: Column[]) => void }) {
  const { t } = useFirstSpeech();
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

/** Who is chosen, and how that changes; none where nothing could be done with it. */
interface Choice {
  chosen: ReadonlySet<string>;
  choose: (names: string[], on: boolean) => void;
}

function Pick({ name, choice }: { name: string; choice: Choice }) {
  const { t } = useFirstSpeech();
  return (
    <Checkbox
      size="sm"
      aria-label={t.bulk.choose(name)}
      checked={choice.chosen.has(name)}
      onChange={(event) => choice.choose([name], event.currentTarget.checked)}
    />
  );
}

/** The head of a column that the list can be sorted by. */
function Sortable({ by, label: text, sort, onSort }: { by: "name" | "created"; label: string; sort: Sort; onSort: (sort: Sort) => void }) {
  const up = sort === by;
  const down = sort === `-${by}`;
  const Icon = up ? IconArrowUp : down ? IconArrowDown : IconArrowsSort;
  return (
    <Table.Th scope="col" aria-sort={up ? "ascending" : down ? "descending" : undefined}>
      <UnstyledButton className={classes.sort} fz="inherit" fw="inherit" c="inherit" onClick={() => onSort(up ? `-${by}` : by)}>
        {text}
        <Icon size={13} aria-hidden />
      </UnstyledButton>
    </Table.Th>
  );
}

/** All that tells one person from another, in one column. */
function Person({ user }: { user: User }) {
  const { name } = user.metadata;
  const { displayName, email } = user.spec;
  return (
    <Group gap="sm" wrap="nowrap">
      <Face user={user} />
      <Box miw={0}>
        <Group gap={6} wrap="nowrap">
          <LinkText to="/users/$name" params={{ name }} fw={560} size="sm" c="inherit" truncate>
            {name}
          </LinkText>
          <Exceptions user={user} />
        </Group>
        <Text size="xs" c="dimmed" truncate title={email}>
          {displayName === "" || displayName === name ? email : `${displayName} · ${email}`}
        </Text>
      </Box>
    </Group>
  );
}

function Rows({ items, columns, choice }: { items: DetailedUser[]; columns: Column[]; choice?: Choice }) {
  const navigate = useNavigate();
  return items.map((item) => {
    const { name } = item.user.metadata;
    return (
      // The name is the link for keyboards and screen readers; the rest of the row is a larger target for a mouse.
      <Table.Tr
        key={name}
        className={classes.row}
        bg={choice?.chosen.has(name) ? "var(--console-chosen)" : undefined}
        onClick={(event) => {
          if (event.target instanceof Element && event.target.closest("a, input, label, [data-pick]") === null) {
            void navigate({ to: "/users/$name", params: { name } });
          }
        }}
      >
        {choice !== undefined && (
          <Table.Td w={40} data-pick>
            <Pick name={name} choice={choice} />
          </Table.Td>
        )}
        <Table.Td className={classes.widest}>
          <Person user={item.user} />
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

function Cards({ items, choice }: { items: DetailedUser[]; choice?: Choice }) {
  return (
    <ul className={classes.cards}>
      {items.map(({ user, roles }) => (
        <li key={user.metadata.name} className={choice === undefined ? undefined : classes.pick}>
          {choice !== undefined && <Pick name={user.metadata.name} choice={choice} />}
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
                  <Exceptions user={user} />
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
  const { t, format } = useFirstSpeech();
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
  const filtered = isFiltered(search);
  // Numbers do not reach that far, and the server would say so.
  const tooFar = search.after === undefined && page > lastPage(size);
  const users = useQuery({ ...usersQuery(usersAsked(search)), enabled: !tooFar });
  const go = (change: Partial<UsersSearch>, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  /** Another list begins at its beginning. */
  const relist = (change: Partial<UsersSearch>, replace = false) => go({ ...change, page: undefined, after: undefined }, replace);
  // Once opened, the form stays to be closed gently.
  const [creating, setCreating] = useState(false);
  const create = () => {
    setCreating(true);
    go({ create: "1" });
  };
  const [inviting, setInviting] = useState(false);
  const invite = () => {
    setInviting(true);
    go({ invite: "1" });
  };
  const [importing, setImporting] = useState(false);
  const importFile = () => {
    setImporting(true);
    go({ import: "1" });
  };
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  // The filter of which everybody is chosen: another list is another choice.
  const [allOf, setAllOf] = useState<string>();
  const choice: Choice | undefined = BULK.some(({ permission }) => may(permission))
    ? {
        chosen,
        choose: (picked, on) => {
          setAllOf(undefined);
          setChosen((before) => new Set(on ? [...before, ...picked] : [...before].filter((name) => !picked.includes(name))));
        },
      }
    : undefined;
  const names = users.data?.items.map(({ user }) => user.metadata.name) ?? [];
  const here = names.filter((name) => chosen.has(name)).length;
  const total = users.data?.total ?? 0;
  const exact = users.data?.totalIsExact ?? true;
  const shown = exact ? format.number(total) : t.common.moreThan(format.number(total));
  const none = tooFar || (users.isSuccess && users.data.items.length === 0);
  const beyond = none && (tooFar || total > 0 || page > 1);
  const nextCursor = users.data?.nextCursor;
  const filter = filterOf(search);
  const filterKey = JSON.stringify(filter);
  const everyone =
    may("user-batches:create") && may("user-batches:get") && here > 0 && here === names.length && total > here
      ? { filter, shown, chosen: allOf === filterKey, choose: () => setAllOf(filterKey) }
      : undefined;
  const sort = search.sort ?? DEFAULT_SORT;
  const onSort = (by: Sort) => relist({ sort: by === DEFAULT_SORT ? undefined : by });

  return (
    <Page
      title={t.users.title}
      hint={t.users.hint}
      actions={
        <>
          {may("invitations:list") && (
            <LinkButton to="/invitations" variant="subtle">
              {t.users.invitations}
            </LinkButton>
          )}
          {may("user-exports:get") && (
            <Button
              component="a"
              variant="subtle"
              href={`${apiPath(document.baseURI)}/user-exports?${exportAsked(search)}`}
              download
            >
              {t.users.export}
            </Button>
          )}
          {may("user-imports:create") && (
            <Button variant="default" leftSection={<IconFileImport size={18} aria-hidden />} onClick={importFile}>
              {t.users.import}
            </Button>
          )}
          {may("invitations:create") && (
            <Button variant="default" leftSection={<IconMailForward size={18} aria-hidden />} onClick={invite}>
              {t.users.invite}
            </Button>
          )}
          {may("users:create") && (
            <Button leftSection={<IconUserPlus size={18} aria-hidden />} onClick={create}>
              {t.users.create}
            </Button>
          )}
        </>
      }
    >
      <Group justify="space-between" mb="xs" gap="sm">
        <Search
          label={t.users.search}
          placeholder={t.users.searchPlaceholder}
          value={keyword}
          onSearch={(q) => relist({ q: q === "" ? undefined : q }, true)}
        />
        <Group gap="md">
          <Text size="sm" c="dimmed" role="status">
            {users.isSuccess &&
              (keyword !== ""
                ? t.users.found(total, shown, keyword)
                : filtered
                  ? t.users.match(total, shown)
                  : t.users.total(total, shown))}
          </Text>
          <ColumnChoice
            chosen={columns}
            onChoose={(wanted) => {
              const text = wanted.length === 0 ? "name" : wanted.join(",");
              remember(text);
              go({ columns: text }, true);
            }}
          />
        </Group>
      </Group>
      <Filters search={search} onChange={(change) => relist(change)} />
      <BulkBar
        names={[...chosen]}
        everyone={everyone}
        onClear={() => {
          setAllOf(undefined);
          setChosen(new Set());
        }}
      />
      {users.isError && users.data === undefined ? (
        <ProblemAlert error={users.error} onRetry={() => void users.refetch()} />
      ) : (
        <div className={classes.surface} aria-busy={users.isPending && !tooFar}>
          {beyond && (
            <Empty icon={<IconUsers />} title={t.users.beyond} hint={t.users.beyondHint}>
              <Button variant="default" onClick={() => relist({})}>
                {t.users.toFirstPage}
              </Button>
            </Empty>
          )}
          {none && !beyond && keyword !== "" && (
            <Empty icon={<IconSearch />} title={t.users.nothingFound(keyword)} hint={t.users.nothingFoundHint}>
              <Button variant="default" onClick={() => relist({ q: undefined })}>
                {t.users.clearSearch}
              </Button>
            </Empty>
          )}
          {none && !beyond && keyword === "" && filtered && (
            <Empty icon={<IconSearch />} title={t.users.noMatch} hint={t.users.noMatchHint}>
              <Button
                variant="default"
                onClick={() => relist({ role: undefined, state: undefined, verified: undefined })}
              >
                {t.users.clearFilters}
              </Button>
            </Empty>
          )}
          {none && !beyond && !filtered && (
            <Empty
              icon={<IconUsers />}
              title={t.users.empty}
              hint={may("users:create") ? t.users.emptyHint : t.users.emptyReadOnly}
            >
              {may("users:create") && <Button onClick={create}>{t.users.createFirst}</Button>}
            </Empty>
          )}
          {!none && cards && users.data !== undefined && <Cards items={users.data.items} choice={choice} />}
          {!none && (!cards || users.data === undefined) && (
            <Table.ScrollContainer minWidth={cards ? 0 : 600} type="native">
              <Table
                verticalSpacing={6}
                horizontalSpacing="sm"
                className={users.isPlaceholderData ? `${classes.table} ${classes.stale}` : classes.table}
                aria-label={t.users.table}
              >
                <Table.Thead>
                  <Table.Tr>
                    {choice !== undefined && !cards && (
                      <Table.Td w={40}>
                        <Checkbox
                          size="sm"
                          aria-label={t.bulk.chooseAll}
                          checked={here > 0 && here === names.length}
                          indeterminate={here > 0 && here < names.length}
                          onChange={(event) => choice.choose(names, event.currentTarget.checked)}
                        />
                      </Table.Td>
                    )}
                    <Sortable by="name" label={t.users.name} sort={sort} onSort={onSort} />
                    {!cards &&
                      columns.map((column) =>
                        column === "created" ? (
                          <Sortable key={column} by={column} label={label(t, column)} sort={sort} onSort={onSort} />
                        ) : (
                          <Table.Th key={column} scope="col">
                            {label(t, column)}
                          </Table.Th>
                        ),
                      )}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {users.data === undefined ? (
                    <Waiting columns={cards ? 1 : columns.length + (choice === undefined ? 1 : 2)} rows={8} />
                  ) : (
                    <Rows items={users.data.items} columns={columns} choice={choice} />
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
              exact={exact}
              reach={lastPage(size)}
              after={search.after !== undefined}
              onNext={nextCursor === undefined ? undefined : () => go({ after: nextCursor, page: page + 1 })}
              onPage={(wanted) => go({ page: wanted === 1 ? undefined : wanted, after: undefined })}
              onSize={(wanted) => relist({ size: wanted === DEFAULT_SIZE ? undefined : wanted })}
            />
          )}
        </div>
      )}
      {may("users:create") && (creating || search.create !== undefined) && (
        <Suspense fallback={null}>
          <CreateUser opened={search.create !== undefined} onClose={() => go({ create: undefined }, true)} />
        </Suspense>
      )}
      {may("invitations:create") && (inviting || search.invite !== undefined) && (
        <Suspense fallback={null}>
          <Invite opened={search.invite !== undefined} onClose={() => go({ invite: undefined }, true)} />
        </Suspense>
      )}
      {may("user-imports:create") && (importing || search.import !== undefined) && (
        <Suspense fallback={null}>
          <ImportUsers opened={search.import !== undefined} onClose={() => go({ import: undefined }, true)} />
        </Suspense>
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
