import { Anchor, SegmentedControl, SimpleGrid, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { statsOverviewQuery, statsSeriesQuery } from "../api/queries";
import { quotasQuery } from "../api/tenant-queries";
import type { StatsMetric, StatsStep } from "../api/types";
import { useSpeech } from "../i18n";
import { LinkText } from "../parts/link";
import { Page, Panel } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { Guarded } from "../parts/whole-page";
import { useMay } from "../shell/session";
import { bars } from "./overview-bars";
import classes from "./overview.module.css";
import { QuotaBars } from "./quotas/bars";

const METRICS: StatsMetric[] = ["signIns", "signInsRefused", "usersCreated", "mailsSent", "mailsFailed", "denials"];
const STEPS: StatsStep[] = ["day", "hour"];

/** One number, and where to look at what it counts. */
function Figure({ label, value, link }: { label: string; value: number; link?: ReactNode }) {
  const { format } = useSpeech();
  return (
    <div className={classes.figure}>
      <dt>{label}</dt>
      <dd>{format.number(value)}</dd>
      {link !== undefined && <dd className={classes.link}>{link}</dd>}
    </div>
  );
}

/** How often something happened, as bars; read out as its sum and its largest. */
function Chart({ metric, step }: { metric: StatsMetric; step: StatsStep }) {
  const { t, format } = useSpeech();
  const words = t.overview;
  const series = useQuery(statsSeriesQuery(metric, step));
  const title = words.metrics[metric];
  if (series.data === undefined) {
    return series.isError ? (
      <ProblemAlert error={series.error} onRetry={() => void series.refetch()} />
    ) : (
      <Skeleton height={132} role="status" aria-label={t.common.loading} />
    );
  }
  const { points } = series.data;
  const sum = points.reduce((all, { value }) => all + value, 0);
  const most = Math.max(0, ...points.map(({ value }) => value));
  const summary = words.summary(title, format.number(sum), format.number(most));
  return (
    <figure className={classes.chart}>
      <figcaption>
        <Text size="sm" fw={560}>
          {title}
        </Text>
        <Text size="sm" c="dimmed">
          {format.number(sum)}
        </Text>
      </figcaption>
      <svg viewBox="0 0 300 72" preserveAspectRatio="none" role="img" aria-label={summary}>
        {bars(points.map(({ value }) => value)).map(({ x, width, height }, at) => (
          <rect key={points[at]?.at} x={x} y={72 - height} width={width} height={height}>
            <title>{`${format.exact(points[at]?.at ?? "")}: ${format.number(points[at]?.value ?? 0)}`}</title>
          </rect>
        ))}
      </svg>
    </figure>
  );
}

function Numbers() {
  const { t, format } = useSpeech();
  const words = t.overview;
  const may = useMay();
  const overview = useQuery(statsOverviewQuery);
  if (overview.data === undefined) {
    return overview.isError ? (
      <ProblemAlert error={overview.error} onRetry={() => void overview.refetch()} />
    ) : (
      <Skeleton height={220} radius="lg" role="status" aria-label={t.common.loading} />
    );
  }
  const now = overview.data;
  const users = (search: { verified?: "no"; state?: "disabled" }) =>
    may("users:list") ? (
      <LinkText to="/users" search={search} size="xs">
        {words.show}
      </LinkText>
    ) : undefined;
  return (
    <Stack gap="lg">
      <Panel title={words.now}>
        <dl className={classes.figures}>
          <Figure label={words.users} value={now.users} link={users({})} />
          <Figure label={words.usersUnverified} value={now.usersUnverified} link={users({ verified: "no" })} />
          <Figure label={words.usersDisabled} value={now.usersDisabled} link={users({ state: "disabled" })} />
          <Figure
            label={words.invitations}
            value={now.invitations}
            link={
              may("invitations:list") ? (
                <LinkText to="/invitations" size="xs">
                  {words.show}
                </LinkText>
              ) : undefined
            }
          />
          <Figure label={words.sessions} value={now.sessions} />
          <Figure
            label={words.applications}
            value={now.applications}
            link={
              may("applications:list") ? (
                <LinkText to="/applications" size="xs">
                  {words.show}
                </LinkText>
              ) : undefined
            }
          />
        </dl>
      </Panel>
      <Panel title={words.ofLate} hint={words.ofLateHint}>
        <dl className={classes.figures}>
          {METRICS.filter((metric) => metric !== "usersCreated").map((metric) => (
            <Figure key={metric} label={words.metrics[metric]} value={now[metric as keyof typeof now] as number} />
          ))}
        </dl>
        {overview.dataUpdatedAt - new Date(now.asOf).getTime() > 60_000 && (
          <Text size="sm" c="dimmed" mt="sm">
            {words.behind(format.exact(now.asOf))}{" "}
            <Anchor component="button" type="button" size="sm" onClick={() => void overview.refetch()}>
              {t.common.refresh}
            </Anchor>
          </Text>
        )}
      </Panel>
    </Stack>
  );
}

function Series() {
  const { t } = useSpeech();
  const words = t.overview;
  const [step, setStep] = useState<StatsStep>("day");
  return (
    <Panel title={words.overTime} hint={words.overTimeHint}>
      <SegmentedControl
        aria-label={words.step}
        size="xs"
        mb="md"
        value={step}
        onChange={(chosen) => setStep(STEPS.find((known) => known === chosen) ?? "day")}
        data={STEPS.map((one) => ({ value: one, label: words.steps[one] }))}
      />
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {METRICS.map((metric) => (
          <Chart key={metric} metric={metric} step={step} />
        ))}
      </SimpleGrid>
    </Panel>
  );
}

/** How much is left of what the tenant may have. */
function Quotas() {
  const { t } = useSpeech();
  const quotas = useQuery(quotasQuery);
  return (
    <Panel title={t.quotas.title} hint={t.quotas.hint}>
      {quotas.data === undefined ? (
        quotas.isError ? (
          <ProblemAlert error={quotas.error} onRetry={() => void quotas.refetch()} />
        ) : (
          <Skeleton height={132} role="status" aria-label={t.common.loading} />
        )
      ) : (
        <QuotaBars quotas={quotas.data} />
      )}
    </Panel>
  );
}

/** What there is and what happened of late, in numbers. */
export function Overview() {
  const { t } = useSpeech();
  const may = useMay();
  return (
    <Guarded allowed={may("stats/overview:get")}>
      <Page title={t.shell.overview} hint={t.overview.hint}>
        <Stack gap="lg">
          <Numbers />
          {may("quotas:get") && <Quotas />}
          <Series />
        </Stack>
      </Page>
    </Guarded>
  );
}
