import { Anchor, Button, NavLink, type AnchorProps, type ButtonProps, type NavLinkProps } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

type Native<P> = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof P> & { ref?: Ref<HTMLAnchorElement> };

/** A text link inside the console. */
export const LinkText = createLink((props: AnchorProps & Native<AnchorProps>) => <Anchor {...props} />);

/** A link that looks like a button. */
export const LinkButton = createLink((props: ButtonProps & Native<ButtonProps>) => <Button component="a" {...props} />);

/** A link of the navigation. */
export const LinkNav = createLink((props: NavLinkProps & Native<NavLinkProps>) => <NavLink component="a" {...props} />);

/** The way back from an object to the list of its kind. */
export const LinkBack = createLink(({ children, ...props }: AnchorProps & Native<AnchorProps>) => (
  <Anchor size="sm" mb="sm" display="inline-flex" style={{ alignItems: "center", gap: 6 }} {...props}>
    <IconArrowLeft size={16} aria-hidden />
    {children}
  </Anchor>
));
