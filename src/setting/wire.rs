//! What the policies have in common on the wire of the console group.

use super::Setting;
use poem_openapi::Object;

/// What a policy says of itself.
#[derive(Debug, Object)]
pub struct PolicyMetadata {
    /// Its name.
    name: String,
    /// Counts the writes; 0 if it is as by default.
    version: i64,
}

impl PolicyMetadata {
    /// That of the policy `T` in this version.
    #[must_use]
    pub fn of<T: Setting>(version: i64) -> Self {
        Self {
            name: T::NAME.to_owned(),
            version,
        }
    }
}
