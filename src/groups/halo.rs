//! Paths whose operations the console group has: those of Halo's console API, and the short ones of public files.

use super::CONSOLE;

/// Halo's groups of operations. They differ in nothing but where they are.
const GROUPS: &[&str] = &[
    "api.console.halo.run",
    "console.api.halo.run",
    "console.api.security.halo.run",
    "console.api.notification.halo.run",
    "console.api.migration.halo.run",
    "console.api.storage.halo.run",
];

/// Where files are that anybody may see.
const FILES: &str = "/files/";

/// Where a path leads here. Halo takes a slash at the end for nothing.
pub(crate) fn resolve(path: &str) -> Option<String> {
    if path.starts_with(FILES) {
        return Some(format!("{}{path}", CONSOLE.base));
    }
    let (group, below) = path.strip_prefix("/apis/")?.split_once('/')?;
    let operation = below.strip_prefix("v1alpha1/")?.trim_end_matches('/');
    GROUPS.contains(&group).then(|| format!("{}/{operation}", CONSOLE.base))
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn halos_paths_lead_to_the_console_group_and_others_stay() {
        for (path, leads) in [
            (
                "/apis/api.console.halo.run/v1alpha1/users/-",
                Some("/apis/console/v1alpha1/users/-"),
            ),
            (
                "/apis/console.api.security.halo.run/v1alpha1/users/alice/disable/",
                Some("/apis/console/v1alpha1/users/alice/disable"),
            ),
            ("/files/abc/a.png", Some("/apis/console/v1alpha1/files/abc/a.png")),
            ("/files", None),
            ("/apis/console/v1alpha1/users/", None),
            ("/apis/console/v1alpha1/users", None),
            ("/apis/api.console.halo.run/v1/users", None),
            ("/apis/evil.halo.run/v1alpha1/users", None),
            ("/v1/login", None),
        ] {
            assert_eq!(resolve(path).as_deref(), leads, "{path}");
        }
    }
}
