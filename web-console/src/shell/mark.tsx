/** The console's sign: a doorway. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false" style={{ flex: "none" }}>
      <rect width="32" height="32" rx="9" fill="#1c6b85" />
      <path d="M9 24V15a7 7 0 0 1 14 0v9h-4.6v-9a2.4 2.4 0 0 0-4.8 0v9z" fill="#fff" />
    </svg>
  );
}
