//! Settings in groups and policies by their name, as Halo has them.

mod groups;
mod language;
mod policies;
mod sign_up;
mod versions;

use crate::support::roles::CONSOLE;

const GROUPS: &str = "/apis/console/v1alpha1/systemconfigs";

/// The path of a policy.
fn policy(name: &str) -> String {
    format!("{CONSOLE}/policies/{name}")
}
