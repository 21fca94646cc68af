//! Typed ids: `usr_0190a9f0…` on the wire, a `UUIDv7` inside.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A new time-ordered UUID (RFC 9562 version 7) for the given moment.
pub(crate) fn new_uuid(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(
        uuid::NoContext,
        seconds,
        now.timestamp_subsec_nanos(),
    ))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::DeriveValueType)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A new id, ordered by its time of making.
            #[must_use]
            pub fn new(now: chrono::DateTime<chrono::Utc>) -> Self {
                Self($crate::kit::id::new_uuid(now))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl std::str::FromStr for $name {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|hex| hex.len() == 32)
                    .and_then(|hex| uuid::Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or(concat!("must be an id that begins with ", $prefix, "_"))
            }
        }

        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }

        $crate::kit::text::wire_string!($name, {
            pattern: Some(concat!("^", $prefix, "_[0-9a-f]{32}$")),
            example: Some(concat!($prefix, "_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f")),
            ..
        });
    };
}

id!(
    /// A tenant.
    TenantId,
    "ten"
);
id!(
    /// A user of a tenant.
    UserId,
    "usr"
);
impl UserId {
    /// The id nobody has, to look for where there is nobody to look for.
    pub const NOBODY: Self = Self(Uuid::nil());
}

id!(
    /// An e-mail address of a user.
    EmailId,
    "eml"
);
id!(
    /// A session of a user.
    SessionId,
    "ses"
);
id!(
    /// A refresh token's row; not the token.
    RefreshTokenId,
    "rft"
);
id!(
    /// A challenge by a mailed code.
    VerificationId,
    "ver"
);
id!(
    /// A signing key's row.
    KeyId,
    "key"
);
id!(
    /// A piece of work to be done outside a transaction.
    JobId,
    "job"
);
id!(
    /// A message to one address.
    MessageId,
    "msg"
);
id!(
    /// An application.
    ApplicationId,
    "app"
);
impl ApplicationId {
    /// The id that none has, to look for where there is none to look for.
    pub const NOBODY: Self = Self(Uuid::nil());
}

id!(
    /// A secret of an application or of an API; not the secret.
    SecretId,
    "sec"
);
id!(
    /// An API that trusts the tenant's tokens.
    ResourceServerId,
    "rsv"
);
id!(
    /// A provider of sign-in.
    ProviderId,
    "idp"
);
id!(
    /// A picture of a user.
    AvatarId,
    "avt"
);
id!(
    /// A relay of a tenant's own.
    SenderId,
    "snd"
);
id!(
    /// A file that a tenant keeps.
    AttachmentId,
    "att"
);
id!(
    /// A group of files.
    AttachmentGroupId,
    "atg"
);
id!(
    /// A backup of a tenant.
    BackupId,
    "bak"
);
id!(
    /// A restore of a tenant.
    RestorationId,
    "rst"
);
id!(
    /// An import of users.
    UserImportId,
    "imp"
);
id!(
    /// An act on many users.
    UserBatchId,
    "bat"
);
id!(
    /// A file that is being sent.
    UploadId,
    "upl"
);
