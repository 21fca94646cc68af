import { Button, Group, NativeSelect, Pagination, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { useFirstSpeech } from "../i18n";
import { PAGE_SIZES } from "../url";
import classes from "./parts.module.css";

/** The foot of a list: where one is, and the way to the rest. */
export function Paging({
  page,
  size,
  total,
  exact = true,
  reach = Number.POSITIVE_INFINITY,
  after = false,
  onNext,
  onPage,
  onSize,
}: {
  page: number;
  size: number;
  total: number;
  /** Whether there are no more than `total`. */
  exact?: boolean;
  /** The last page that can be asked for by its number. */
  reach?: number;
  /** Whether this page was reached from the one before, not by its number. */
  after?: boolean;
  /** Goes on from here, where numbers do not reach. */
  onNext?: () => void;
  onPage: (page: number) => void;
  onSize: (size: number) => void;
}) {
  const { t, format } = useFirstSpeech();
  const narrow = useMediaQuery("(max-width: 36em)");
  if (total <= PAGE_SIZES[0]) return null;
  const pages = Math.min(Math.ceil(total / size), reach);
  const all = exact ? format.number(total) : t.common.moreThan(format.number(total));
  const from = (page - 1) * size + 1;
  const labels = {
    first: t.common.firstPage,
    previous: t.common.previousPage,
    next: t.common.nextPage,
    last: t.common.lastPage,
  };
  return (
    <div className={classes.foot}>
      <Group gap="sm">
        <Text size="sm" c="dimmed">
          {t.common.range(format.number(from), format.number(exact ? Math.min(from + size - 1, total) : from + size - 1), all)}
        </Text>
        <NativeSelect
          size="xs"
          aria-label={t.common.pageSize}
          value={String(size)}
          data={PAGE_SIZES.map((known) => String(known))}
          onChange={(event) => onSize(Number(event.currentTarget.value))}
        />
      </Group>
      <Group gap="xs">
        {after ? (
          <Button variant="default" size="compact-md" onClick={() => onPage(1)}>
            {t.common.firstPage}
          </Button>
        ) : (
          <Pagination
            aria-label={t.common.pages}
            component="nav"
            size="sm"
            total={Math.max(pages, page)}
            value={page}
            onChange={onPage}
            siblings={narrow ? 0 : 1}
            getControlProps={(control) => ({ "aria-label": labels[control] })}
            getItemProps={(item) => ({ "aria-label": t.common.pageNumber(format.number(item)) })}
          />
        )}
        {onNext !== undefined && (after || page >= pages) && (
          <Button variant="default" size="compact-md" onClick={onNext}>
            {t.common.nextPage}
          </Button>
        )}
      </Group>
    </div>
  );
}

/** The foot of a list that is read on from where it ends. */
export function More({ list, label }: { list: Pick<UseInfiniteQueryResult, "hasNextPage" | "isFetchingNextPage" | "fetchNextPage">; label: string }) {
  if (!list.hasNextPage) return null;
  return (
    <div className={classes.foot}>
      <Button variant="default" size="compact-sm" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {label}
      </Button>
    </div>
  );
}
