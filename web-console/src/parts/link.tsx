import { Anchor, Button, NavLink, type AnchorProps, type ButtonProps, type NavLinkProps } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { createLink, type LinkProps } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ReactNode, Ref } from "react";
import { leftAt } from "../left";

type Native<P> = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof P> & { ref?: Ref<HTMLAnchorElement> };

/** A text link inside the console. */
export const LinkText = createLink((props: AnchorProps & Native<AnchorProps>) => <Anchor {...props} />);

/** A link that looks like a button. */
export const LinkButton = createLink((props: ButtonProps & Native<ButtonProps>) => <Button component="a" {...props} />);

/** A link of the navigation. */
export const LinkNav = createLink((props: NavLinkProps & Native<NavLinkProps>) => <NavLink component="a" {...props} />);

/** The way back from an object to the list of its kind, as it was left. */
export function LinkBack({ to, children }: { to: LinkProps["to"]; children: ReactNode }) {
  return (
    <LinkText to={to} search={leftAt(to) as never} size="sm" mb="sm" display="inline-flex" style={{ alignItems: "center", gap: 6 }}>
      <IconArrowLeft size={16} aria-hidden />
      {children}
    </LinkText>
  );
}
