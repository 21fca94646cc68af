//! The scopes of this server: those of OpenID Connect, and those of its own API.

use crate::access::{
    permission::{self, PermissionDef},
    principal::Scope,
};

/// What tells who signed in (OpenID Connect Core §5.4), and `offline_access` (§11).
pub const STANDARD: &[&str] = &[
    "openid",
    "profile",
    "email",
    "phone",
    "address",
    "roles",
    "offline_access",
];
/// All that the user may do with our own API; for the tenant's own applications alone.
pub const API: &str = "api";

/// The permissions that a scope of our own API stands for: `users:list`, or all of `users:*`. None if it is
/// no such scope.
#[must_use]
pub fn permissions(scope: &str) -> Vec<&'static PermissionDef> {
    let Some((resource, verb)) = scope.split_once(':') else {
        return vec![];
    };
    let of = |known: &&PermissionDef| known.resource == resource && (verb == "*" || known.verb == verb);
    permission::ALL.iter().copied().filter(of).collect()
}

/// Of what its holder may do with our own API, what a token of this scope is for.
#[must_use]
pub fn granted(scope: &str) -> Scope {
    let names = || scope.split(' ');
    match names().any(|name| name == API) {
        true => Scope::All,
        false => Scope::Only(names().flat_map(permissions).collect()),
    }
}

/// Whether the scope is one of our own API.
#[must_use]
pub fn is_of_api(scope: &str) -> bool {
    scope == API || !permissions(scope).is_empty()
}

/// Whether this server has the scope, so that no other API can.
#[must_use]
pub fn is_ours(scope: &str) -> bool {
    STANDARD.contains(&scope) || is_of_api(scope)
}

/// Why no scope can be written so (RFC 6749 §3.3), if so.
#[must_use]
pub fn problem(scope: &str) -> Option<&'static str> {
    let known = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    match !scope.is_empty() && scope.len() <= 100 && scope.bytes().all(known) {
        true => None,
        false => Some("must have 1 to 100 visible ASCII characters other than \" and \\"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_of_our_api_is_a_permission_or_all_of_a_resource() {
        assert_eq!(permissions("users:list").len(), 1);
        assert!(permissions("users:*").len() > 3);
        for other in ["users", "users:fly", "*:*", "*", "cars:list", "openid"] {
            assert!(permissions(other).is_empty(), "{other}");
        }
        assert!(is_ours("openid") && is_ours("api") && is_ours("roles:get") && !is_ours("read"));
        assert!(is_of_api("api") && is_of_api("users:*") && !is_of_api("openid"));
        assert_eq!(granted("openid api"), Scope::All);
        let Scope::Only(some) = granted("openid users:list roles:get") else {
            panic!("a scope of some permissions is not for all")
        };
        assert_eq!(
            some.iter().map(|known| known.id).collect::<Vec<_>>(),
            ["users:list", "roles:get"]
        );
        assert_eq!(problem("read:all"), None);
        for bad in ["", "a b", "a\"", "a\\", "ä", "a\n"] {
            assert!(problem(bad).is_some(), "{bad:?}");
        }
    }
}
