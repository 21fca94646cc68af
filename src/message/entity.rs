//! The `message` table.

pub use super::kind::{BounceKind, Template};
use crate::kit::id::{JobId, MessageId, SenderId, VerificationId};
use sea_orm::entity::prelude::*;

/// A message to one address, and what became of it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    /// Its id, which is also the local part of `Message-ID`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    /// The job that sends it.
    pub job_id: JobId,
    /// The challenge that its code belongs to.
    pub verification_id: Option<VerificationId>,
    /// Which text it has.
    pub template: Template,
    /// Where it goes.
    pub address: String,
    /// The language of the text.
    pub language: String,
    /// The application it is for, as it named itself.
    pub client_id: Option<String>,
    /// The name of what it is about, if that is not the account itself.
    pub about: Option<String>,
    /// The user name of the account it is about, if it tells that.
    pub account: Option<String>,
    /// From which network that was done which it tells of.
    pub network: Option<String>,
    /// The subject; none before it is rendered.
    pub subject: Option<String>,
    /// What became of it.
    pub state: State,
    /// The text, sealed; only where messages are kept instead of being sent.
    pub sealed_content: Option<Vec<u8>>,
    /// When it was wanted.
    pub created_at: DateTimeUtc,
    /// When the relay took it, or when it was kept.
    pub sent_at: Option<DateTimeUtc>,
    /// The sender that took it, or asked to come again; null is the instance's, or none yet.
    pub sender_id: Option<SenderId>,
    /// When it is tried next, if it waits.
    pub next_at: Option<DateTimeUtc>,
    /// How often a relay was asked to take it.
    pub attempts: i32,
    /// What the relay said that took it.
    pub relay_answer: Option<String>,
    /// The enhanced code of the last answer (RFC 3463).
    pub enhanced: Option<String>,
    /// The message that it repeats.
    pub resend_of: Option<MessageId>,
    /// Who cancelled it.
    pub cancelled_by: Option<String>,
    /// 0 is a code somebody waits for, 1 a notice.
    pub priority: i32,
    /// Whether it only shows how a template looks.
    pub test: bool,
    /// What was reported after it had left: `bounce`, `delay` or `complaint`.
    pub bounce_kind: Option<BounceKind>,
    /// The enhanced code of that.
    pub bounce_status: Option<String>,
    /// The words of whoever reported it.
    pub bounce_diagnostic: Option<String>,
    /// When it was reported.
    pub bounced_at: Option<DateTimeUtc>,
    /// When it was reported to be in the mailbox.
    pub delivered_at: Option<DateTimeUtc>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum State {
    /// It waits for its first attempt, or its turn.
    #[sea_orm(string_value = "queued")]
    Queued,
    /// A relay is being told.
    #[sea_orm(string_value = "sending")]
    Sending,
    /// It was not taken this time, and waits for another.
    #[sea_orm(string_value = "deferred")]
    Deferred,
    /// The relay took it.
    #[sea_orm(string_value = "sent")]
    Sent,
    /// It was not sent, but kept to be read here.
    #[sea_orm(string_value = "kept")]
    Kept,
    /// It will not be sent.
    #[sea_orm(string_value = "failed")]
    Failed,
    /// Somebody decided that it is not to be sent.
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
    /// It was not sent: nobody waited for it any more, its address had too many of late, or its owner complained.
    #[sea_orm(string_value = "dropped")]
    Dropped,
    /// The relay took it, and it came back.
    #[sea_orm(string_value = "bounced")]
    Bounced,
    /// It arrived, and whoever got it complains of it.
    #[sea_orm(string_value = "complained")]
    Complained,
}

impl ActiveModelBehavior for ActiveModel {}

/// The `message_attempt` table.
pub mod attempt {
    use crate::kit::id::{MessageId, SenderId};
    use sea_orm::entity::prelude::*;

    /// One attempt to have one relay take a message.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "message_attempt")]
    pub struct Model {
        /// The message.
        #[sea_orm(primary_key, auto_increment = false)]
        pub message_id: MessageId,
        /// 1 for the first.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        /// When it ended.
        pub at: DateTimeUtc,
        /// By which sender; null is the instance's.
        pub sender_id: Option<SenderId>,
        /// The step at which it failed; null if it did not.
        pub step: Option<String>,
        /// The code of the relay's answer.
        pub smtp_code: Option<i32>,
        /// Its enhanced code.
        pub enhanced: Option<String>,
        /// The relay's words, or what went wrong without any.
        pub answer: Option<String>,
        /// Whether it left by TLS.
        pub tls: bool,
        /// How long it took.
        pub milliseconds: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
