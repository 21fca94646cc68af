import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const petrol: MantineColorsTuple = [
  "#eaf6fa", "#d9ebf1", "#b2d5e1", "#87bed0", "#64aac2", "#4c9db9", "#3c94b3", "#1c6b85", "#155a71", "#0c495d",
];

/** A cooler grey than the stock one, so that dark pages read as ink rather than as black. */
const dark: MantineColorsTuple = [
  "#d8dde3", "#b9c0c9", "#959eaa", "#6c7683", "#414a55", "#333b45", "#242b33", "#1a2027", "#14191f", "#0e1216",
];

const overlayProps = { backgroundOpacity: 0.4, blur: 1 };
// The header of a dialog is not a second banner of the page.
const attributes = { header: { role: "presentation" } };
const title = { fontWeight: 640, fontSize: "1.125rem" };

export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 7 },
  colors: { petrol, dark },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: "640" },
  components: {
    Skeleton: { defaultProps: { radius: "sm" } },
    Badge: { defaultProps: { radius: "sm", tt: "none", fw: 560, variant: "light" }, styles: { root: { minWidth: "max-content" } } },
    Modal: { defaultProps: { overlayProps, attributes }, styles: { title } },
    Drawer: { defaultProps: { overlayProps, attributes }, styles: { title } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300 } },
  },
});

/** A quiet ground and a readable ink for each colour that carries a meaning. */
function tints(colours: Record<string, [ground: string, hover: string, ink: string]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(colours).flatMap(([name, [ground, hover, ink]]) => [
      [`--mantine-color-${name}-light`, ground],
      [`--mantine-color-${name}-light-hover`, hover],
      [`--mantine-color-${name}-light-color`, ink],
    ]),
  );
}

/** The stock secondary text is too faint for WCAG AA; these are not. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#59626c",
    "--mantine-color-placeholder": "#6d7782",
    "--mantine-color-error": "#c22727",
    "--mantine-color-anchor": "#155a71",
    "--console-canvas": "#f6f8f9",
    "--console-surface": "#ffffff",
    "--console-line": "#e2e7eb",
    "--console-hover": "#f3f7f9",
    "--console-chosen": "#e4f1f6",
    "--console-chosen-ink": "#0c495d",
    ...tints({
      petrol: ["#e4f1f6", "#d5e9f1", "#0c495d"],
      gray: ["#eef1f4", "#e4e9ed", "#47515b"],
      teal: ["#dff5ee", "#cdeee3", "#0b5c4c"],
      red: ["#fdeeee", "#fbdfdf", "#a31c1c"],
      yellow: ["#fdf3d8", "#fae9bd", "#734d00"],
    }),
  },
  dark: {
    "--mantine-color-dimmed": "#a3adb8",
    "--mantine-color-placeholder": "#8d97a3",
    "--mantine-color-error": "#ff8f8f",
    "--mantine-color-anchor": "#87c9de",
    "--console-canvas": "#14191f",
    "--console-surface": "#1a2027",
    "--console-line": "#2c343d",
    "--console-hover": "#20272f",
    "--console-chosen": "#1d3640",
    "--console-chosen-ink": "#b2dcea",
    ...tints({
      petrol: ["#1d3640", "#23414d", "#b2dcea"],
      gray: ["#2c343d", "#353e48", "#c3cad2"],
      teal: ["#17352f", "#1c4038", "#86dfc2"],
      red: ["#3b2226", "#48292e", "#ffb4b4"],
      yellow: ["#3a3120", "#463b26", "#f2d080"],
    }),
  },
});
