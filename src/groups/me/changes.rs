//! What was done to the caller's account.

use crate::{
    access::permission::{self, UsersChangesList},
    account,
    audit::{self, Event, History, Named},
    console::Tag,
    extract::Own,
    groups::rpc::Result,
    kit::{
        body::Body,
        id::{TenantId, UserId},
        text::Uint64,
        time::Timestamp,
    },
    user::{self, Detailed},
};
use poem_openapi::{Object, OpenApi, payload::Json};
use tenantry_boxed::boxed;

/// How many are answered if nobody says.
const USUAL: u32 = 100;

/// Which changes are asked for.
#[derive(Debug, Default, Object)]
pub struct ListMyUserChangesRequest {
    /// The part; the newest if absent.
    #[oai(default)]
    query: ChangeQuery,
}

/// A part of the changes.
#[derive(Debug, Default, Object)]
pub struct ChangeQuery {
    /// The `sequence` of the change after which to go on; a 64-bit integer as a string. None if 0 or absent.
    #[oai(validator(pattern = "^[0-9]{1,18}$"))]
    sequence: Option<String>,
    /// How many at most, up to 1000; 100 if 0 or absent.
    #[oai(validator(maximum(value = "1000")))]
    limit: Option<u32>,
    /// Whether the oldest comes first.
    #[oai(default)]
    asc: bool,
}

/// What was done to the caller's account.
#[derive(Debug, Object)]
pub struct ListMyUserChangesResponse {
    /// In the order that was asked for.
    pub(crate) result: Vec<Change>,
}

/// Something that was done to the caller's account. Who did it is told if it was the caller.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct Change {
    /// When.
    #[oai(rename = "changeDate")]
    pub(crate) at: Timestamp,
    pub(crate) event_type: EventType,
    /// Its number; a 64-bit integer as a string.
    pub(crate) sequence: Uint64,
    /// The caller's id.
    pub(crate) editor_id: Option<UserId>,
    /// What people see of the caller.
    pub(crate) editor_display_name: Option<String>,
    /// The tenant.
    pub(crate) resource_owner_id: TenantId,
    /// What the caller signs in with.
    pub(crate) editor_preferred_login_name: Option<String>,
    /// The address of the caller's picture.
    pub(crate) editor_avatar_url: Option<String>,
}

/// What was done.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct EventType {
    /// The permission that it needed, such as `users/password:update`.
    pub(crate) key: String,
    /// The same in words.
    pub(crate) localized_message: String,
}

impl ChangeQuery {
    fn history<'a>(&self, names: &'a [Named], actions: &'a [&'static str]) -> History<'a> {
        let number: Option<i64> = self.sequence.as_ref().and_then(|number| number.parse().ok());
        History {
            object: names,
            actions,
            outcome: "done",
            after: number.filter(|number| *number > 0),
            is_ascending: self.asc,
            limit: self.limit.filter(|limit| *limit > 0).unwrap_or(USUAL),
        }
    }
}

impl Change {
    fn new(event: Event, user: &Detailed, tenant: TenantId) -> Self {
        let known = event.action.split_once(':');
        let known = known.and_then(|(resource, verb)| permission::find(resource, verb));
        let editor = (event.actor_id == Some(user.user.id)).then_some(&user.user);
        Self {
            at: event.at.into(),
            sequence: Uint64(event.sequence.unsigned_abs()),
            event_type: EventType {
                localized_message: known.map(|known| known.summary.to_owned()).unwrap_or_default(),
                key: event.action,
            },
            editor_id: editor.map(|editor| editor.id),
            editor_display_name: editor.map(|editor| editor.display_name.clone()),
            editor_preferred_login_name: editor.map(|editor| editor.name.clone()),
            editor_avatar_url: editor.and_then(|editor| editor.avatar.clone()),
            resource_owner_id: tenant,
        }
    }
}

/// The operations on what was done to the caller's account.
pub struct Api;

#[OpenApi(prefix_path = "/users/me/changes", tag = "Tag::Account")]
#[boxed]
impl Api {
    /// List what was done to one's own account
    ///
    /// Newest first, unless `asc` says otherwise. Who did it, and from where, is told of the caller alone.
    #[oai(path = "/_search", method = "post", operation_id = "ListMyUserChanges")]
    pub(crate) async fn list_my_user_changes(
        &self,
        caller: Own<UsersChangesList>,
        asked: Body<ListMyUserChangesRequest>,
    ) -> Result<Json<ListMyUserChangesResponse>> {
        let user = account::get_own(&caller).await?;
        let actions = account::acts_on_accounts();
        let events = caller
            .run(async |tx| {
                let names = user::names_of(tx, &user.user).await?;
                audit::history(tx, asked.query.history(&names, &actions)).await
            })
            .await?;
        let of = |event: Event| Change::new(event, &user, caller.tenant.id);
        Ok(Json(ListMyUserChangesResponse {
            result: events.into_iter().map(of).collect(),
        }))
    }
}
