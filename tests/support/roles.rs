//! Rules, roles, and people who have them.

use super::{PASSWORD, Person, Reply};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) const CONSOLE: &str = "/apis/console/v1alpha1";
pub(crate) const ROLES: &str = "/apis/console/v1alpha1/roles";
pub(crate) const USERS: &str = "/apis/console/v1alpha1/users";

pub(crate) fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// A rule that allows these verbs on these resources.
pub(crate) fn allow(resources: &str, verbs: &str) -> Value {
    json!({ "resources": words(resources), "verbs": words(verbs), "effect": "allow" })
}

/// A rule that denies them.
pub(crate) fn deny(resources: &str, verbs: &str) -> Value {
    json!({ "resources": words(resources), "verbs": words(verbs), "effect": "deny" })
}

/// The rule for objects of these names alone.
pub(crate) fn only(mut rule: Value, names: &str) -> Value {
    rule["resourceNames"] = json!(words(names));
    rule
}

/// The body that makes a role.
pub(crate) fn role(name: &str, inherits: &str, rules: &[Value]) -> Value {
    json!({
        "metadata": { "name": name },
        "spec": { "displayName": name, "inherits": words(inherits) },
        "rules": rules,
    })
}

/// Makes a role.
pub(crate) async fn make_role(by: &Person<'_>, name: &str, inherits: &str, rules: &[Value]) -> Value {
    by.post(ROLES, &role(name, inherits, rules)).await.expect(200)
}

/// Makes a user with these roles who can sign in.
pub(crate) async fn make_user(by: &Person<'_>, name: &str, roles: &str) -> Value {
    let address = format!("{name}@example.test");
    let new = json!({ "name": name, "email": address, "password": PASSWORD, "mustChangePassword": false, "roles": words(roles) });
    by.post(USERS, &new).await.expect(200)
}

/// Makes a user with these roles and signs them in.
pub(crate) async fn make_person<'a>(by: &Person<'a>, name: &str, roles: &str) -> Person<'a> {
    make_user(by, name, roles).await;
    by.tenant.sign_in(name).await
}

pub(crate) async fn patch(by: &Person<'_>, path: &str, body: &Value) -> Reply {
    by.send(by.request(Method::PATCH, path).json(body)).await
}

/// Gives a role these rules and no others.
pub(crate) async fn set_rules(by: &Person<'_>, role: &str, rules: &[Value]) -> Reply {
    patch(by, &format!("{ROLES}/{role}"), &json!({ "rules": rules })).await
}

/// Gives a user these roles and no others.
pub(crate) async fn grant(by: &Person<'_>, user: &str, roles: &str) -> Reply {
    let roles = json!({ "roles": words(roles) });
    by.post(&format!("{USERS}/{user}/permissions"), &roles).await
}

/// The roles a user has, but for the one everybody has.
pub(crate) async fn roles_of(by: &Person<'_>, user: &str) -> Vec<String> {
    let found = by.get(&format!("{USERS}/{user}")).await.expect(200);
    let roles = found["roles"].as_array().unwrap().iter();
    let names = roles.map(|role| role["metadata"]["name"].as_str().unwrap().to_owned());
    names.filter(|name| name != "user").collect()
}

/// What a user may do, by name of the user or `-`.
pub(crate) async fn may(by: &Person<'_>, user: &str) -> Vec<String> {
    let found = by.get(&format!("{USERS}/{user}/permissions")).await.expect(200);
    serde_json::from_value(found["uiPermissions"].clone()).unwrap()
}

/// How many events there are.
pub(crate) async fn count_events(owner: &Person<'_>) -> i64 {
    let list = owner.get(&format!("{CONSOLE}/audit-events?size=1")).await.expect(200);
    list["items"][0]["sequence"].as_i64().unwrap_or_default()
}

/// What was kept of a request.
pub(crate) async fn events_of(owner: &Person<'_>, reply: &Reply) -> Vec<Value> {
    let request = reply.header("x-request-id");
    assert!(!request.is_empty(), "every answer has its request's id");
    let list = owner.get(&format!("{CONSOLE}/audit-events?requestId={request}")).await;
    list.expect(200)["items"].as_array().unwrap().clone()
}

/// The fields that an answer says are not valid.
pub(crate) fn wrong_fields(reply: Reply) -> Vec<String> {
    let problem = reply.expect_problem(400, "invalid");
    let errors = problem["errors"].as_array().unwrap().iter();
    errors
        .map(|error| error["field"].as_str().unwrap().to_owned())
        .collect()
}
