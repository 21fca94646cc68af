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

/// A policy as an object and the request that changes it: both of a spec, which is made of the
/// setting.
macro_rules! policy_objects {
    ($(#[$doc:meta])* $object:ident, $(#[$change:meta])* $request:ident: $spec:ident of $setting:ty) => {
        $(#[$doc])*
        #[derive(Debug, poem_openapi::Object)]
        pub struct $object {
            metadata: $crate::setting::wire::PolicyMetadata,
            spec: $spec,
        }

        $(#[$change])*
        #[derive(Debug, poem_openapi::Object)]
        pub struct $request {
            metadata: Option<$crate::kit::object::ExpectedMetadata>,
            spec: $spec,
        }

        impl $object {
            fn answer(setting: &$setting, version: i64) -> $crate::kit::object::Versioned<Self> {
                let object = Self {
                    metadata: $crate::setting::wire::PolicyMetadata::of::<$setting>(version),
                    spec: setting.into(),
                };
                $crate::kit::object::Versioned::new(object, version)
            }
        }
    };
}

pub(crate) use policy_objects;
