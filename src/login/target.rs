//! Where people go when they are signed in.

use crate::{server::Server, setting::Brand, tenant::Tenant};
use url::{Position, Url};

/// The longest address people are sent back to: a request of an application, and what we say of it.
pub(super) const LONGEST: usize = 12 << 10;

/// Where `wanted` leads: a path of this tenant, or the home of the application the page is for.
/// Else that home, else the console.
pub(super) fn of(server: &Server, tenant: &Tenant, brand: &Brand, wanted: Option<&str>) -> String {
    let home = brand.home_url.as_deref();
    let prefix = tenant.path();
    wanted
        .filter(|wanted| home != Some(*wanted))
        .and_then(|wanted| path_within(&server.services.urls.origin(tenant), &prefix, wanted))
        // As a header has it: without letters beyond ASCII.
        .or_else(|| home?.parse::<Url>().map(String::from).ok())
        .unwrap_or_else(|| {
            let last = if cfg!(feature = "console") {
                "/console/"
            } else {
                "/login"
            };
            prefix + last
        })
}

/// A path below `prefix` as a browser will read it: dots resolved, tabs and line ends dropped,
/// back slashes turned. What leads elsewhere then is refused (CWE-601).
pub(crate) fn path_within(base: &str, prefix: &str, wanted: &str) -> Option<String> {
    let is_odd = |c: char| c == '\\' || c.is_control();
    if !wanted.starts_with('/') || wanted.starts_with("//") || wanted.contains(is_odd) || wanted.len() > LONGEST {
        return None;
    }
    let base = Url::parse(base).ok()?;
    let found = base.join(wanted).ok()?;
    let is_below = |path: &str, prefix: &str| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let path = found.path();
    let is_own = match prefix {
        // Below this are the other tenants.
        "" => !is_below(path, "/t"),
        prefix => is_below(path, prefix),
    };
    let stays = found.origin() == base.origin() && !path.starts_with("//") && is_own;
    stays.then(|| found[Position::BeforePath..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_tenant_are_gone_to() {
        let at = |prefix, wanted| path_within("https://id.example.com", prefix, wanted);
        assert_eq!(
            at("", "/console/users?q=1#top").as_deref(),
            Some("/console/users?q=1#top")
        );
        assert_eq!(at("", "/a/../b").as_deref(), Some("/b"));
        assert_eq!(at("", "/tea").as_deref(), Some("/tea"));
        assert_eq!(at("/t/acme", "/t/acme/console/").as_deref(), Some("/t/acme/console/"));
        assert_eq!(at("/t/acme", "/t/acme").as_deref(), Some("/t/acme"));
        for evil in [
            "",
            "console",
            "//evil.test",
            "/\\evil.test",
            "\\\\evil.test",
            "/\t/evil.test",
            "https://evil.test",
            "javascript:alert(1)",
            "/a\r\nLocation: https://evil.test",
            "/.//evil.test",
            "/a/..//evil.test",
            "/%2e//evil.test",
            "/t/other/console/",
            "/./t/other",
            "/t",
        ] {
            assert_eq!(at("", evil), None, "{evil:?}");
        }
        for evil in [
            "/console/",
            "/t/other/",
            "/t/acmes/",
            "/t/acme/../other/",
            "/t/acme/%2e%2e/other/",
            "/t",
        ] {
            assert_eq!(at("/t/acme", evil), None, "{evil:?}");
        }
        assert_eq!(at("", &format!("/{}", "a".repeat(LONGEST))), None);
    }
}
