//! The `sender` table, and that of its keys.

use super::kind::{Encryption, State};
use crate::kit::id::SenderId;
use sea_orm::entity::prelude::*;

/// A relay of a tenant's own.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sender")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SenderId,
    /// The stable handle.
    pub name: String,
    /// What people call it.
    pub display_name: String,
    /// Its place in the order, 0 for the first.
    pub position: i32,
    /// Whether it is used at all.
    pub enabled: bool,
    /// The relay's name or address.
    pub host: String,
    /// Its port.
    pub port: i32,
    /// What encrypts the connection.
    pub encryption: Encryption,
    /// The user name that the relay is told.
    pub username: Option<String>,
    /// The password, sealed.
    pub password_sealed: Option<Vec<u8>>,
    /// When that was given.
    pub password_set_at: Option<DateTimeUtc>,
    /// The address that mail comes from.
    pub from_address: String,
    /// The name beside it; null is the brand's.
    pub from_name: Option<String>,
    /// Where answers go; null is there.
    pub reply_to: Option<String>,
    /// The domain that bounces go to; null is the address mail comes from.
    pub envelope_domain: Option<String>,
    /// Messages a minute.
    pub per_minute: i32,
    /// Messages a day; null is any number.
    pub per_day: Option<i32>,
    /// How it stands.
    pub state: State,
    /// Since when it is not used.
    pub failing_since: Option<DateTimeUtc>,
    /// Faults in a row.
    pub failures: i32,
    /// When it is tried next, if it is failing.
    pub probe_at: Option<DateTimeUtc>,
    /// When it last took a message, to the minute.
    pub last_used_at: Option<DateTimeUtc>,
    /// Why it last did not.
    pub last_error: Option<String>,
    /// When somebody saw it deliver, as it is now.
    pub verified_at: Option<DateTimeUtc>,
    /// When the records of its keys are looked for next.
    pub dkim_look_at: Option<DateTimeUtc>,
    /// Counts the writes of administrators.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When an administrator last wrote it.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// Keys by which its mail is signed.
pub mod dkim_key {
    use super::super::kind::DkimAlgorithm;
    use crate::kit::id::SenderId;
    use sea_orm::entity::prelude::*;

    /// A key of a domain.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "dkim_key")]
    pub struct Model {
        /// Of which sender.
        #[sea_orm(primary_key, auto_increment = false)]
        pub sender_id: SenderId,
        /// What its record is found by, in the domain.
        #[sea_orm(primary_key, auto_increment = false)]
        pub selector: String,
        /// The domain that vouches for the mail.
        pub domain: String,
        /// How it signs.
        pub algorithm: DkimAlgorithm,
        /// PKCS #8, sealed.
        pub private_sealed: Vec<u8>,
        /// The public half, as it is published.
        pub public: String,
        /// When it was made.
        pub created_at: DateTimeUtc,
        /// From when on it signs; null until its record was seen.
        pub activates_at: Option<DateTimeUtc>,
        /// When its record was last seen.
        pub seen_at: Option<DateTimeUtc>,
        /// Since when its record is gone.
        pub missing_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
