//! What messages ask, as JSON has it, where the same is checked.

use serde_json::{Value, json};
use tenantry_proto::zitadel::{
    auth::v1::{
        ListMyMembershipsRequest, ListMyMetadataRequest, ListMyProjectOrgsRequest, ListMyUserChangesRequest,
        UpdateMyPasswordRequest, UpdateMyProfileRequest,
    },
    metadata::v1::metadata_query,
    org::v1::{OrgState, org_query},
    user::v1::{Gender, membership_query},
    v1::{ListQuery, TextQueryMethod},
};

/// Without a part, all in the order of JSON. With one its order is said: what is absent is false.
pub(super) fn list(query: Option<&ListQuery>) -> Value {
    match query {
        None => json!({}),
        Some(query) => json!({
            "query": { "offset": query.offset.to_string(), "limit": query.limit, "asc": query.asc },
        }),
    }
}

/// The same with questions, of which each is of one kind.
fn list_of(query: Option<&ListQuery>, queries: impl Iterator<Item = Value>) -> Value {
    let mut asked = list(query);
    asked["queries"] = queries.collect();
    asked
}

/// A word by its name; one that nobody knows is left as it came, to be refused.
fn word(known: Option<&'static str>, number: i32) -> Value {
    known.map_or_else(|| json!(number), |name| json!(name))
}

fn method(number: i32) -> Value {
    let known = TextQueryMethod::try_from(number).ok();
    word(known.map(|method| method.as_str_name()), number)
}

pub(super) fn profile(asked: &UpdateMyProfileRequest) -> Value {
    let gender = Gender::try_from(asked.gender).ok();
    json!({
        "firstName": asked.first_name,
        "lastName": asked.last_name,
        "nickName": asked.nick_name,
        "displayName": asked.display_name,
        "preferredLanguage": asked.preferred_language,
        "gender": word(gender.map(|gender| gender.as_str_name()), asked.gender),
    })
}

pub(super) fn passwords(asked: &UpdateMyPasswordRequest) -> Value {
    json!({ "oldPassword": asked.old_password, "newPassword": asked.new_password })
}

pub(super) fn metadata(asked: ListMyMetadataRequest) -> Value {
    let queries = asked.queries.into_iter().map(|query| match query.query {
        None => json!({}),
        Some(metadata_query::Query::KeyQuery(of)) => {
            json!({ "keyQuery": { "key": of.key, "method": method(of.method) } })
        }
    });
    list_of(asked.query.as_ref(), queries)
}

pub(super) fn changes(asked: &ListMyUserChangesRequest) -> Value {
    match &asked.query {
        None => json!({}),
        Some(query) => json!({
            "query": { "sequence": query.sequence.to_string(), "limit": query.limit, "asc": query.asc },
        }),
    }
}

pub(super) fn memberships(asked: ListMyMembershipsRequest) -> Value {
    use membership_query::Query;
    let queries = asked.queries.into_iter().map(|query| match query.query {
        None => json!({}),
        Some(Query::OrgQuery(of)) => json!({ "orgQuery": { "orgId": of.org_id } }),
        Some(Query::ProjectQuery(of)) => json!({ "projectQuery": { "projectId": of.project_id } }),
        Some(Query::ProjectGrantQuery(of)) => {
            json!({ "projectGrantQuery": { "projectGrantId": of.project_grant_id } })
        }
        Some(Query::IamQuery(of)) => json!({ "iamQuery": { "iam": of.iam } }),
    });
    list_of(asked.query.as_ref(), queries)
}

pub(super) fn orgs(asked: ListMyProjectOrgsRequest) -> Value {
    use org_query::Query;
    let state = |number: i32| word(OrgState::try_from(number).ok().map(|state| state.as_str_name()), number);
    let queries = asked.queries.into_iter().map(|query| match query.query {
        None => json!({}),
        Some(Query::NameQuery(of)) => json!({ "nameQuery": { "name": of.name, "method": method(of.method) } }),
        Some(Query::DomainQuery(of)) => {
            json!({ "domainQuery": { "domain": of.domain, "method": method(of.method) } })
        }
        Some(Query::StateQuery(of)) => json!({ "stateQuery": { "state": state(of.state) } }),
        Some(Query::IdQuery(of)) => json!({ "idQuery": { "id": of.id } }),
    });
    list_of(asked.query.as_ref(), queries)
}
