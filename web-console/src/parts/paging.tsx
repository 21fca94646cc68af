import { Group, NativeSelect, Pagination, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useSpeech } from "../i18n";
import { PAGE_SIZES } from "../url";
import classes from "./parts.module.css";

/** The foot of a list: where one is, and the way to the rest. */
export function Paging({
  page,
  size,
  total,
  onPage,
  onSize,
}: {
  page: number;
  size: number;
  total: number;
  onPage: (page: number) => void;
  onSize: (size: number) => void;
}) {
  const { t, format } = useSpeech();
  const narrow = useMediaQuery("(max-width: 36em)");
  if (total <= PAGE_SIZES[0]) return null;
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
          {t.common.range(format.number(from), format.number(Math.min(from + size - 1, total)), format.number(total))}
        </Text>
        <NativeSelect
          size="xs"
          aria-label={t.common.pageSize}
          value={String(size)}
          data={PAGE_SIZES.map((known) => String(known))}
          onChange={(event) => onSize(Number(event.currentTarget.value))}
        />
      </Group>
      <Pagination
        aria-label={t.common.pages}
        component="nav"
        size="sm"
        total={Math.ceil(total / size)}
        value={page}
        onChange={onPage}
        siblings={narrow ? 0 : 1}
        getControlProps={(control) => ({ "aria-label": labels[control] })}
        getItemProps={(item) => ({ "aria-label": t.common.pageNumber(format.number(item)) })}
      />
    </div>
  );
}
