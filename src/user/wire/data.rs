//! All that is kept about somebody, as a file for themself.

use super::User;
use crate::{
    account::OwnData,
    attachment::Attachment,
    audit::{Event, Named},
    authorization::wire::UsedApplication,
    kit::{download::disposition, time::Timestamp},
    message::Delivered,
    provider::identity::Linked,
    session::Session,
    user::{Detailed, Gender, Profile},
};
use chrono::{DateTime, Utc};
use poem_openapi::{ApiResponse, Object, payload::Json};

/// The file.
#[derive(ApiResponse)]
pub enum OwnDataFile {
    /// All that is kept about the caller.
    #[oai(status = 200)]
    Ok(
        Json<UserData>,
        /// It is saved, not shown.
        #[oai(header = "Content-Disposition")]
        String,
        /// It is nobody else's.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

/// All that is kept about a user but for what would let anybody in. Of messages, files and events, the last 1000 each.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UserData {
    /// When it was so.
    taken_at: Timestamp,
    user: User,
    profile: UserDataProfile,
    /// Names of their roles.
    roles: Vec<String>,
    /// The names that they have and had, the present one first.
    names: Vec<UserDataName>,
    /// The accounts elsewhere that they sign in with.
    identities: Vec<UserDataIdentity>,
    /// The applications that they signed in to, and what they let them do.
    applications: Vec<UsedApplication>,
    /// Their sessions that live.
    sessions: Vec<UserDataSession>,
    /// The networks that they signed in from.
    networks: Vec<UserDataNetwork>,
    /// What was mailed to their address since it is proven, without what it said.
    messages: Vec<UserDataMessage>,
    /// The files that they uploaded.
    attachments: Vec<UserDataFile>,
    /// What they did, as the audit trail has it.
    done: Vec<UserDataAct>,
    /// What was done to their account, also by others.
    changes: Vec<UserDataChange>,
}

/// What somebody says of themself.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct UserDataProfile {
    /// Their given name.
    first_name: Option<String>,
    /// Their family name.
    last_name: Option<String>,
    /// What friends call them.
    nickname: Option<String>,
    /// The tag of the language that they like best.
    language: Option<String>,
    /// Their gender.
    gender: Option<String>,
    /// When they last signed in.
    last_sign_in_at: Option<Timestamp>,
    /// When their address was proven.
    email_verified_at: Option<Timestamp>,
}

/// A name that somebody has or had.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct UserDataName {
    /// The name.
    name: String,
    /// Since when.
    since: Timestamp,
    /// Until when; none if they have it.
    until: Option<Timestamp>,
}

/// An account elsewhere.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct UserDataIdentity {
    /// The provider's name.
    provider: String,
    /// What the provider calls them.
    subject: String,
    /// What it was called when it was linked.
    display_name: String,
    /// The address it had then.
    email: Option<String>,
    /// When it was linked.
    linked_at: Timestamp,
    /// When they last signed in by it.
    last_used_at: Option<Timestamp>,
}

/// A sign-in on one device.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct UserDataSession {
    /// Its id.
    name: String,
    /// When it began.
    created_at: Timestamp,
    /// When it was last used, to within a few minutes.
    last_used_at: Timestamp,
    /// When it ends at the latest.
    expires_at: Timestamp,
    /// From where.
    ip_address: String,
    /// With what.
    user_agent: String,
    /// The application, as it named itself.
    client_id: Option<String>,
}

/// A network that somebody signed in from.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UserDataNetwork {
    /// The network.
    network: String,
    /// When they last did.
    seen_at: Timestamp,
}

/// A message, without what it said.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct UserDataMessage {
    /// Its id.
    name: String,
    /// Which text it has.
    template: String,
    /// Where it went.
    to: String,
    /// When it was wanted.
    created_at: Timestamp,
    /// When it left.
    sent_at: Option<Timestamp>,
}

/// A file.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UserDataFile {
    /// Its id.
    name: String,
    /// What people call it.
    display_name: String,
    /// The type of its content.
    media_type: String,
    /// How many bytes it has.
    size: u64,
}

/// Something that somebody did.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UserDataAct {
    /// When.
    at: Timestamp,
    /// The permission it needed.
    action: String,
    /// To what.
    object: String,
    /// What came of it: `done`, `refused` or `denied`.
    outcome: String,
    /// From where.
    ip_address: String,
    /// With what.
    user_agent: String,
}

/// Something that was done to an account.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UserDataChange {
    /// When.
    at: Timestamp,
    /// The permission it needed.
    action: String,
    /// Whether it was they themself.
    by_oneself: bool,
}

impl From<OwnData> for OwnDataFile {
    fn from(data: OwnData) -> Self {
        let name = disposition(false, "my-data.json");
        Self::Ok(Json(data.into()), name, "no-store".to_owned())
    }
}

impl From<OwnData> for UserData {
    fn from(data: OwnData) -> Self {
        let id = data.user.user.id;
        let change = |event: Event| UserDataChange {
            at: event.at.into(),
            by_oneself: event.actor_id == Some(id),
            action: event.action,
        };
        let network = |(network, seen_at): (String, DateTime<Utc>)| UserDataNetwork {
            network,
            seen_at: seen_at.into(),
        };
        Self {
            taken_at: data.at.into(),
            profile: UserDataProfile::new(&data.user),
            roles: data.user.roles.clone(),
            user: data.user.into(),
            names: data.names.into_iter().map(Into::into).collect(),
            identities: data.identities.into_iter().map(Into::into).collect(),
            applications: data.applications.into_iter().map(Into::into).collect(),
            sessions: data.sessions.into_iter().map(Into::into).collect(),
            networks: data.networks.into_iter().map(network).collect(),
            messages: data.messages.into_iter().map(Into::into).collect(),
            attachments: data.attachments.iter().map(Into::into).collect(),
            done: data.done.into_iter().map(Into::into).collect(),
            changes: data.undergone.into_iter().map(change).collect(),
        }
    }
}

impl UserDataProfile {
    fn new(user: &Detailed) -> Self {
        let of = Profile::of(&user.user);
        Self {
            first_name: of.first_name,
            last_name: of.last_name,
            nickname: of.nickname,
            language: of.language,
            gender: of.gender.map(Gender::name),
            last_sign_in_at: user.user.last_sign_in_at.map(Into::into),
            email_verified_at: user.addresses.primary.verified_at.map(Into::into),
        }
    }
}

impl From<Named> for UserDataName {
    fn from(of: Named) -> Self {
        Self {
            name: of.name,
            since: of.since.into(),
            until: of.until.map(Into::into),
        }
    }
}

impl From<Linked> for UserDataIdentity {
    fn from(of: Linked) -> Self {
        Self {
            provider: of.provider.name().to_owned(),
            subject: of.identity.subject,
            display_name: of.identity.display,
            email: of.identity.email,
            linked_at: of.identity.linked_at.into(),
            last_used_at: of.identity.last_used_at.map(Into::into),
        }
    }
}

impl From<Session> for UserDataSession {
    fn from(of: Session) -> Self {
        Self {
            name: of.id.to_string(),
            created_at: of.created_at.into(),
            last_used_at: of.last_used_at.into(),
            expires_at: of.expires_at.into(),
            ip_address: of.ip_address,
            user_agent: of.user_agent,
            client_id: of.client_id,
        }
    }
}

impl From<Delivered> for UserDataMessage {
    fn from(Delivered { message, .. }: Delivered) -> Self {
        Self {
            name: message.id.to_string(),
            template: message.template.name().to_owned(),
            to: message.address,
            created_at: message.created_at.into(),
            sent_at: message.sent_at.map(Into::into),
        }
    }
}

impl From<&Attachment> for UserDataFile {
    fn from(of: &Attachment) -> Self {
        let content = of.content();
        Self {
            name: of.id().to_string(),
            display_name: of.display_name().to_owned(),
            media_type: content.media_type,
            size: content.size,
        }
    }
}

impl From<Event> for UserDataAct {
    fn from(of: Event) -> Self {
        Self {
            at: of.at.into(),
            action: of.action,
            object: of.object,
            outcome: of.outcome,
            ip_address: of.ip_address,
            user_agent: of.user_agent,
        }
    }
}
