import { Alert, Badge, Code, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconArrowRight, IconCircleCheck, IconCircleX, IconTool } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { explainQuery } from "../api/queries";
import type { Explanation, Question, RuleSay } from "../api/types";
import { useSpeech } from "../i18n";
import { useMay } from "../shell/session";
import { LinkButton, LinkText } from "./link";
import classes from "./parts.module.css";
import { Facts } from "./page";
import { ProblemAlert } from "./problem";
import { RuleText } from "./rule";

function RoleLink({ name }: { name: string }) {
  const may = useMay();
  if (!may("roles:get")) return <Code>{name}</Code>;
  return (
    <LinkText to="/roles/$name" params={{ name }} size="sm">
      {name}
    </LinkText>
  );
}

/** The way from a role that somebody has to the one whose rule it is. */
function Path({ path }: { path: string[] }) {
  return (
    <Group gap={4}>
      {path.map((role, step) => (
        <Fragment key={role}>
          {step > 0 && <IconArrowRight size={14} aria-hidden />}
          <RoleLink name={role} />
        </Fragment>
      ))}
    </Group>
  );
}

function Say({ say }: { say: RuleSay }) {
  const { t, format } = useSpeech();
  return (
    <Stack gap={4}>
      <RuleText rule={say.rule} />
      <Group gap="xs" fz="sm" c="dimmed">
        <span>{t.explain.ruleOf(format.number(say.number + 1))}</span>
        <Path path={say.path} />
      </Group>
    </Stack>
  );
}

/** What would permit it, and the way to where that is done. */
function Fix({ fix, user }: { fix: NonNullable<Explanation["fix"]>; user?: string }) {
  const { t, format } = useSpeech();
  const may = useMay();
  const words = [
    fix.add !== undefined && t.explain.fixAdd(fix.add),
    fix.remove.length > 0 && t.explain.fixRemove(format.list(fix.remove)),
  ].filter((part) => part !== false);
  if (words.length === 0) return null;
  return (
    <Alert color="petrol" icon={<IconTool aria-hidden />} title={t.explain.fix}>
      <Stack gap="sm" align="flex-start">
        {words.map((part) => (
          <Text key={part} size="sm">
            {part}
          </Text>
        ))}
        {user !== undefined && may("users:get") && may("users/permissions:create") && (
          <LinkButton
            to="/users/$name"
            params={{ name: user }}
            search={{ tab: "access", give: fix.add, take: fix.remove.length === 0 ? undefined : fix.remove.join(",") }}
            size="compact-sm"
            variant="default"
          >
            {t.explain.toRoles(user)}
          </LinkButton>
        )}
      </Stack>
    </Alert>
  );
}

function Explained({ found, question }: { found: Explanation; question: Question }) {
  const { t } = useSpeech();
  const [, ...others] = found.matches;
  const name = question.name === undefined || question.name === "" || question.name === "*" ? undefined : question.name;
  const object = name === undefined ? t.explain.all : name === "-" ? t.explain.own : name;
  return (
    <Stack data-allowed={found.allowed}>
      <Alert
        role="status"
        color={found.allowed ? "teal" : "red"}
        icon={found.allowed ? <IconCircleCheck aria-hidden /> : <IconCircleX aria-hidden />}
        title={found.allowed ? t.explain.allowed : t.explain.denied}
      >
        {t.explain.reasons[found.reason]}
      </Alert>
      <Facts
        facts={[
          [t.explain.permission, <Code key="permission">{found.permission}</Code>],
          [t.explain.object, object],
          [
            t.explain.roles,
            found.roles.length === 0 ? (
              t.common.none
            ) : (
              <Group key="roles" gap="xs">
                {found.roles.map((role) => (
                  <RoleLink key={role} name={role} />
                ))}
              </Group>
            ),
          ],
          ...(found.decidedBy === undefined
            ? []
            : [[t.explain.decidedBy, <Say key="decided" say={found.decidedBy} />] as [string, React.ReactNode]]),
        ]}
      />
      {others.length > 0 && (
        <div>
          <Title order={3} size="h6" mb={4}>
            {t.explain.others}
          </Title>
          <ul className={classes.lines}>
            {others.map((say) => (
              <li key={`${say.path.join("/")} ${say.number}`} className={classes.line}>
                <Say say={say} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {found.fix !== undefined && <Fix fix={found.fix} user={question.user} />}
      {!found.allowed && found.fix === undefined && found.reason !== "user_disabled" && (
        <Text size="sm" c="dimmed">
          {t.explain.noFix}
        </Text>
      )}
      {found.givenBy.length > 0 && (
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {t.explain.givenBy}
          </Text>
          {found.givenBy.map((role) => (
            <Badge key={role} variant="default">
              {role}
            </Badge>
          ))}
        </Group>
      )}
    </Stack>
  );
}

/** Whether somebody may do something, by which rule, and what would change that. */
export function Decision({ question }: { question: Question }) {
  const { t } = useSpeech();
  const explanation = useQuery(explainQuery(question));
  if (explanation.data !== undefined) return <Explained found={explanation.data} question={question} />;
  if (explanation.isError) return <ProblemAlert error={explanation.error} onRetry={() => void explanation.refetch()} />;
  return (
    <Stack aria-busy aria-label={t.common.loading} role="group">
      <Skeleton height={64} />
      <Skeleton height={120} />
    </Stack>
  );
}
