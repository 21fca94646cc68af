import { Badge } from "@mantine/core";
import { IconDeviceDesktop, IconDeviceMobile } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { devicesQuery } from "../api/queries";
import type { Device } from "../api/types";
import { useSpeech } from "../i18n";
import { ConfirmedAct } from "./confirm";
import { Moment } from "./moment";
import { OwnLine, OwnLines } from "./own-lines";

function DeviceLine({ device, end, onEnded }: { device: Device; end?: () => Promise<unknown>; onEnded: () => unknown }) {
  const { t } = useSpeech();
  const { spec, status, metadata } = device;
  const Icon = /iPhone|Android/.test(spec.deviceName) ? IconDeviceMobile : IconDeviceDesktop;
  const name = spec.deviceName || t.devices.unknown;
  return (
    <OwnLine
      icon={<Icon size={20} aria-hidden style={{ flex: "none" }} />}
      name={name}
      id={spec.userAgent}
      badge={
        <>
          {status.current && <Badge color="teal">{t.devices.current}</Badge>}
          {spec.clientId !== undefined && <Badge color="gray">{spec.clientId}</Badge>}
        </>
      }
      details={
        <>
          {spec.ipAddress} · {t.devices.used} <Moment at={status.lastUsedAt} /> · {t.devices.since}{" "}
          <Moment at={metadata.creationTimestamp} />
        </>
      }
      ending={
        end && {
          label: t.devices.end,
          title: t.devices.end,
          what: t.devices.endWhat(name, spec.ipAddress),
          act: end,
          done: t.devices.ended,
        }
      }
      onEnded={onEnded}
    />
  );
}

/** Where somebody is signed in; without a name, where one is oneself. */
export function Devices({ name, mayEnd }: { name?: string; mayEnd: boolean }) {
  const { t, format } = useSpeech();
  const client = useQueryClient();
  const devices = useInfiniteQuery(devicesQuery(name));
  const refresh = () => {
    void client.invalidateQueries({ queryKey: ["audit"] });
    return client.invalidateQueries({ queryKey: ["users", "sessions"] });
  };
  const end = (session: string) =>
    name === undefined
      ? body(api.DELETE("/users/-/sessions/{session}", { params: { path: { session } } }))
      : body(api.DELETE("/users/{name}/sessions/{session}", { params: { path: { name, session } } }));
  const all = devices.data?.pages[0]?.total ?? 0;
  // One's own present session is among one's own.
  const others = Math.max(all - 1, 0);
  const line = (device: Device) => (
    <DeviceLine
      key={device.metadata.name}
      device={device}
      // One's own present session ends by signing out.
      end={mayEnd && !device.status.current ? () => end(device.metadata.name) : undefined}
      onEnded={refresh}
    />
  );
  return (
    <OwnLines
      list={devices}
      title={t.devices.title}
      hint={name === undefined ? t.devices.ownHint : t.devices.hint}
      none={t.devices.none}
      line={line}
      aside={
        mayEnd &&
        (name === undefined ? others > 0 : all > 0) && (
          <ConfirmedAct
            label={name === undefined ? t.devices.endOthers : t.devices.endAll}
            title={name === undefined ? t.devices.endOthers : t.devices.endAll}
            what={
              name === undefined
                ? t.devices.endOthersWhat(others, format.number(others))
                : t.devices.endAllWhat(name, format.number(all))
            }
            act={() =>
              name === undefined
                ? body(api.DELETE("/users/-/sessions"))
                : body(api.DELETE("/users/{name}/sessions", { params: { path: { name } } }))
            }
            done={t.devices.allEnded}
            onDone={refresh}
            size="compact-sm"
          />
        )
      }
    />
  );
}
