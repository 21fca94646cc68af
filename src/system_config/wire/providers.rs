//! The group `authProvider`.

use crate::provider::Provider;
use poem_openapi::Object;

/// The ways to sign in besides the password. Only shown here: the operations on sign-in methods change them.
#[derive(Debug, Object)]
#[oai(rename = "AuthProviderConfigGroup", rename_all = "camelCase")]
pub(super) struct AuthProviders {
    /// Each provider, in the order in which people see them.
    states: Vec<AuthProviderState>,
}

/// One way to sign in.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub(super) struct AuthProviderState {
    /// Its name.
    name: String,
    /// Whether people may sign in by it.
    enabled: bool,
    /// Its place among the others: the lowest comes first.
    priority: i32,
}

impl AuthProviders {
    /// These providers.
    pub(super) fn of(all: &[Provider]) -> Self {
        let state = |of: &Provider| AuthProviderState {
            name: of.name().to_owned(),
            enabled: of.is_enabled(),
            priority: of.spec.priority,
        };
        Self {
            states: all.iter().map(state).collect(),
        }
    }
}
