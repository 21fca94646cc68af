import { NavLink } from "@mantine/core";
import { useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { LinkNav } from "../parts/link";
import { useRooms, type Room, type Wing } from "./rooms";
import classes from "./shell.module.css";

function RoomLink({ room: { to, label, Icon }, onGo }: { room: Room; onGo: () => void }) {
  return (
    <LinkNav
      to={to}
      label={label}
      leftSection={<Icon size={19} aria-hidden />}
      onClick={onGo}
      className={classes.link}
      activeProps={{ "aria-current": "page" as const }}
    />
  );
}

/** Pages of one kind: open while one of them shows, or as the person left it. */
function WingLinks({ wing: { label, Icon, rooms }, onGo }: { wing: Wing; onGo: () => void }) {
  const { pathname } = useLocation();
  const within = rooms.some(({ to }) => pathname === to || pathname.startsWith(`${to}/`));
  const [chosen, choose] = useState<boolean>();
  const opened = chosen ?? within;
  return (
    <NavLink
      component="button"
      type="button"
      label={label}
      leftSection={<Icon size={19} aria-hidden />}
      className={classes.link}
      childrenOffset={20}
      opened={opened}
      aria-expanded={opened}
      onChange={choose}
    >
      {rooms.map((room) => (
        <RoomLink key={room.to} room={room} onGo={onGo} />
      ))}
    </NavLink>
  );
}

/** Where one can go. */
export function Rooms({ onGo }: { onGo: () => void }) {
  return (
    <div data-rooms>
      {useRooms().map((entry) =>
        "rooms" in entry ? <WingLinks key={entry.label} wing={entry} onGo={onGo} /> : <RoomLink key={entry.to} room={entry} onGo={onGo} />,
      )}
    </div>
  );
}
